"""CycloneDX 1.4 to 1.7 in JSON (ECMA-424), as far as a bill must hold together."""

import re
from collections.abc import Iterator
from typing import Any

from apps.validation.checks.bill_of_materials.reading import (
    MOST_COMPONENTS,
    MOST_DEPTH,
    PURL,
    Bill,
    Component,
    mapping,
    objects,
    text,
)
from apps.validation.checks.contract import Severity

VERSIONS = ("1.4", "1.5", "1.6", "1.7")
CONTENT_DIGEST = "signet:content_digest"
_SERIAL = re.compile(r"urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_TYPES = frozenset(
    """application framework library container platform operating-system device device-driver
    firmware file machine-learning-model data cryptographic-asset""".split()
)
_DIGITS = {
    "MD5": 32,
    "SHA-1": 40,
    "SHA-256": 64,
    "SHA-384": 96,
    "SHA-512": 128,
    "SHA3-256": 64,
    "SHA3-384": 96,
    "SHA3-512": 128,
    "BLAKE2b-256": 64,
    "BLAKE2b-384": 96,
    "BLAKE2b-512": 128,
    "BLAKE3": 64,
    "Streebog-256": 64,
    "Streebog-512": 128,
}
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")


def read(document: dict[str, Any], bill: Bill) -> Bill:
    """Read a document whose ``bomFormat`` says that it is CycloneDX."""
    version = text(document.get("specVersion"))
    bill.form = f"CycloneDX {version}"[:40]
    if document.get("bomFormat") != "CycloneDX" or version not in VERSIONS:
        return bill.refuse(
            f"It says bomFormat {document.get('bomFormat')!r:.40} and specVersion {version!r:.40}; "
            f"CycloneDX {VERSIONS[0]} to {VERSIONS[-1]} can be read."
        )
    _serial(document, bill)
    subject = mapping(document.get("metadata")).get("component")
    if isinstance(subject, dict):
        bill.subject = _component(subject, "metadata.component", bill)
    components = document.get("components", [])
    if not isinstance(components, list):
        return bill.refuse("Its components are no list.")
    for place, part in _walk(components, "components", bill, 0):
        if not bill.has_room():
            return bill.refuse(f"It lists more than {MOST_COMPONENTS:,} components.")
        found = _component(part, place, bill)
        if found is not None:
            bill.components.append(found)
    return bill


def _serial(document: dict[str, Any], bill: Bill) -> None:
    bill.serial = text(document.get("serialNumber"))
    if not bill.serial:
        words = "It has no serial number, so no other document can name it."
        bill.say("no_serial_number", Severity.LOW, "serialNumber", words)
    elif not _SERIAL.fullmatch(bill.serial):
        words = f"The serial number {bill.serial!r:.80} is no urn:uuid."
        bill.say("malformed", Severity.HIGH, "serialNumber", words)


def _walk(
    parts: list[Any], place: str, bill: Bill, depth: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield components and those inside them, each with its place."""
    for number, part in enumerate(parts):
        where = f"{place}[{number}]"
        if not isinstance(part, dict):
            bill.say("malformed", Severity.HIGH, where, "This component is no object.")
            continue
        yield where, part
        inner = part.get("components")
        if isinstance(inner, list) and depth >= MOST_DEPTH:
            words = f"Components are nested more than {MOST_DEPTH} deep."
            bill.say("malformed", Severity.HIGH, where, words)
        elif isinstance(inner, list):
            yield from _walk(inner, f"{where}.components", bill, depth + 1)


def _component(part: dict[str, Any], place: str, bill: Bill) -> Component | None:
    name, kind = text(part.get("name")), text(part.get("type"))
    if not name or kind not in _TYPES:
        words = f"A component needs a name and a type; this one is {name!r:.80}, {kind!r:.40}."
        bill.say("malformed", Severity.HIGH, place, words)
        return None
    purl, version = text(part.get("purl")), text(part.get("version"))
    if purl and not PURL.fullmatch(purl):
        words = f"{purl!r:.120} is no package URL."
        bill.say("malformed", Severity.HIGH, f"{place}.purl", words)
        purl = ""
    if not version and kind in {"library", "framework", "application"}:
        words = f"{name!r:.80} is listed without a version."
        bill.say("no_component_version", Severity.MEDIUM, place, words)
    return Component(
        place,
        kind,
        name,
        version,
        purl,
        tuple(_hashes(part, place, bill)),
        tuple(_licenses(part)),
        next(
            (
                text(one.get("value"))
                for one in objects(part.get("properties"))
                if one.get("name") == CONTENT_DIGEST
            ),
            "",
        ),
    )


def _hashes(part: dict[str, Any], place: str, bill: Bill) -> Iterator[str]:
    """Yield the SHA-256 digests of a component; the others are only held to their form."""
    for one in objects(part.get("hashes")):
        name, digest = text(one.get("alg")), text(one.get("content"))
        if len(digest) != _DIGITS.get(name, -1) or not _HEXADECIMAL.fullmatch(digest):
            words = f"{digest!r:.140} is no digest of the kind {name!r:.40}."
            bill.say("malformed", Severity.HIGH, f"{place}.hashes", words)
        elif name == "SHA-256":
            yield digest.lower()


def _licenses(part: dict[str, Any]) -> Iterator[str]:
    for one in objects(part.get("licenses")):
        named = mapping(one.get("license"))
        given = text(one.get("expression")) or text(named.get("id")) or text(named.get("name"))
        if given:
            yield given
