"""Reads the settings of an environment, which people typed, for the deployer they are for."""

from typing import TypeVar

import msgspec

from apps.core import addresses
from apps.core.errors import DomainError
from apps.core.inputs import InputRefused
from apps.deployments.deployers.contract import Target

Kind = TypeVar("Kind", bound=msgspec.Struct)


def read(target: Target, kind: type[Kind]) -> Kind:
    """Return the settings as a deployer knows them.

    Raises:
        InputRefused: when one is missing, unknown or of another type.
    """
    try:
        return msgspec.convert(dict(target), kind)
    except msgspec.ValidationError as problem:
        known = ", ".join(kind.__struct_fields__)
        raise InputRefused(f"The settings are refused: {problem}. It knows: {known}.") from None


def problem_with_address(label: str, url: str) -> str:
    """Return why Signet does not send to an address, or nothing."""
    try:
        addresses.destination(url)
    except DomainError as refusal:
        return f"{label}: {refusal}"
    return ""
