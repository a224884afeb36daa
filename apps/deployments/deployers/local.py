"""Serves versions on this machine, by the model server that ``make up`` runs."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from django.conf import settings

from apps.catalog import store
from apps.catalog.models import ModelVersion
from apps.deployments.deployers.contract import (
    CannotLook,
    Ending,
    Order,
    Outcome,
    Part,
    Seen,
    Target,
)
from apps.deployments.serving.folder import Folder, Ordered, Served, State

STARTS_WITHIN = 30.0
"""Seconds after which the order is tried again; the model server is not there, or is slow."""
POLL = 0.1
SPARE_HOURS = 1
"""How long contents nobody ordered stay: another worker may have brought them just now."""
PIECE = 2**20
AWAY = "The model server has not answered. Is it running?"


class LocalDeployer:
    """Puts the files of versions into a folder the model server reads, and waits for it."""

    name: ClassVar[str] = "local"
    title: ClassVar[str] = "Model server on this machine"
    can_look: ClassVar[bool] = True

    def problems(self, target: Target) -> Sequence[str]:
        """Return a sentence where settings were given; there are none."""
        return ["The model server on this machine takes no settings."] if target else []

    def carry_out(self, order: Order, target: Target) -> Outcome:
        """Write the order with its files, and wait until the model server follows it."""
        folder = shared_folder()
        for part in order.parts:
            _bring(part, folder)
        with folder.alone():
            known = folder.order(order.environment, order.service)
            if known is not None and known.number > order.number:
                return Outcome(Ending.REFUSED, f"Rollout {known.number} is newer.")
            ordered = Ordered(order.number, tuple(_served(part) for part in order.parts))
            if known != ordered:
                folder.put_order(order.environment, order.service, ordered)
                folder.clear(before=time.time() - SPARE_HOURS * 3600)
        return _awaited(folder, order)

    def look(self, environment: str, target: Target) -> Sequence[Seen]:
        """Return what the model server says answers in an environment.

        Raises:
            CannotLook: when it never said anything of a service that was ordered.
        """
        folder = shared_folder()
        return list(_seen(folder, environment))


def shared_folder() -> Folder:
    """Return the folder the model server reads."""
    return Folder(Path(settings.SERVING_FOLDER))


def _seen(folder: Folder, environment: str) -> Iterator[Seen]:
    for place, service in folder.orders():
        if place != environment:
            continue
        state = folder.state(place, service)
        if state is None:
            raise CannotLook(AWAY)
        for part in state.parts:
            yield Seen(
                service,
                digest=part.digest,
                called=part.called,
                share=part.share,
                requests=part.requests,
            )


def _served(part: Part) -> Served:
    return Served(f"{part.model}/{part.number}", part.digest, part.role, part.share)


def _bring(part: Part, folder: Folder) -> None:
    """Write the files of a version where the model server reads them: all of them, or none."""
    there = folder.content(part.digest)
    if there.is_dir():
        return
    there.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = Path(tempfile.mkdtemp(dir=there.parent, prefix="."))
    try:
        for path, sha256 in _files(part):
            file = half / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with store.open(sha256) as read, file.open("wb") as written:
                shutil.copyfileobj(read, written, PIECE)
        half.replace(there)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise


def _files(part: Part) -> list[tuple[str, str]]:
    version = ModelVersion.objects.get(
        model__name=part.model, number=part.number, model__deleted_at=None
    )
    files = version.files.order_by("path").values_list("path", "artifact__sha256")
    return list(files)


def _awaited(folder: Folder, order: Order) -> Outcome:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        state = folder.state(order.environment, order.service)
        if state is not None and state.number == order.number:
            return _ended(state)
        time.sleep(POLL)
    return Outcome(Ending.FAILED, AWAY)


def _ended(state: State) -> Outcome:
    if state.trouble:
        return Outcome(Ending.REFUSED, state.trouble)
    names = ", ".join(part.called for part in state.parts)
    return Outcome(Ending.DONE, f"Serves {names}." if names else "Serves nothing any more.")


DEPLOYER = LocalDeployer()
