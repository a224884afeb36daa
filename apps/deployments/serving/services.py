"""Services: the versions that answer at one address, brought in step with what was ordered."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from apps.catalog.manifest import manifest_digest
from apps.deployments.serving.folder import Answering, Folder, Ordered, Served, State
from apps.deployments.serving.frames import Frame
from apps.deployments.serving.hashing import files_of

SHADOW = "shadow"
STARTS_WITHIN = 60.0
ENDS_WITHIN = 5.0
ANSWERS_WITHIN = 30.0
"""Seconds."""
KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV")
"""The only variables a model's process sees: none holds a setting or a credential."""


class NotServed(Exception):
    """Nothing answers at this address, or it stopped answering; the message says which."""


class ProcessEnded(NotServed):
    """The process of the version that was asked is not there any more."""

    def __init__(self) -> None:
        super().__init__("The model's process ended.")


@dataclass
class Scorer:
    """One version in a process of its own, which answers one request after the other."""

    part: Served
    digest: str
    columns: tuple[str, ...]
    process: "subprocess.Popen[str]"
    requests: int = 0
    asked_at: float | None = None
    """When it was asked what it has not answered yet, by the monotonic clock."""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def started(cls, part: Served, contents: Path) -> "Scorer":
        """Start the process of a version and wait until it is ready.

        Raises:
            NotServed: when the version cannot be loaded.
        """
        digest = manifest_digest(files_of(contents))
        process = subprocess.Popen(
            [sys.executable, "-m", "apps.deployments.serving.scoring", str(contents)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in KEPT if name in os.environ},
            text=True,
        )
        scorer = cls(part, digest, (), process)
        timer = threading.Timer(STARTS_WITHIN, process.kill)
        timer.start()
        try:
            told = scorer._read()
            if "trouble" in told:
                raise NotServed(told["trouble"])
        except NotServed:
            scorer.end()
            raise
        finally:
            timer.cancel()
        scorer.columns = tuple(told["columns"])
        return scorer

    @property
    def lives(self) -> bool:
        """Whether its process is there."""
        return self.process.poll() is None

    def predict(self, frame: Frame) -> list[Any]:
        """Return the predictions for each row.

        Raises:
            FrameRefused: when the rows are not what the model takes.
            NotServed: when the model could not answer.
        """
        rows = frame.in_order_of(self.columns)
        with self._turn:
            self.requests += 1
            self.asked_at = time.monotonic()
            try:
                told = self._ask(rows)
            finally:
                self.asked_at = None
        if "trouble" in told:
            raise NotServed(told["trouble"])
        predictions: list[Any] = told["predictions"]
        return predictions

    def end_if_stuck(self, now: float) -> None:
        """End a process that does not answer; a new one takes its place."""
        if self.asked_at is not None and now - self.asked_at > ANSWERS_WITHIN:
            self.process.kill()

    def end(self) -> None:
        """Let the process end, after the answer it is at if that comes soon."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        has_turn = self._turn.acquire(timeout=ENDS_WITHIN)
        self.process.kill()
        self.process.wait(ENDS_WITHIN)
        with suppress(BrokenPipeError):  # what it was asked last is lost with it
            self.process.stdin.close()
        self.process.stdout.close()
        if has_turn:
            self._turn.release()  # whoever waits finds that the process ended

    def _ask(self, rows: list[list[float]]) -> dict[str, Any]:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(rows) + "\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            raise ProcessEnded from None
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise ProcessEnded
        told: dict[str, Any] = json.loads(line)
        return told


@dataclass(frozen=True)
class Service:
    """What answers at one address now."""

    number: int
    scorers: Sequence[Scorer]

    def choose(self) -> Scorer:
        """Return the version that answers this request, by the shares.

        Raises:
            NotServed: when none is to answer.
        """
        answering = [scorer for scorer in self.scorers if scorer.part.share]
        if not answering:
            raise NotServed("Nothing is served here.")
        weights = [scorer.part.share for scorer in answering]
        return random.choices(answering, weights)[0]  # noqa: S311 - no secret is drawn here

    @property
    def shadows(self) -> Sequence[Scorer]:
        """The versions that are asked everything, and whose answers nobody gets."""
        return [scorer for scorer in self.scorers if scorer.part.role == SHADOW]


NOTHING = Service(0, ())


class Services:
    """All services of one folder; ``follow`` brings them in step, and is called again and again."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._services: dict[tuple[str, str], Service] = {}
        self._followed: dict[tuple[str, str], Ordered] = {}

    def at(self, environment: str, service: str) -> Service:
        """Return what answers at an address; nothing where nothing was ever ordered."""
        return self._services.get((environment, service), NOTHING)

    def follow(self) -> None:
        """Start what was ordered, end what is not any more, and say of each service what it does.

        What cannot be served is not tried again until something else is ordered; the versions that
        answered before go on.
        """
        self._end_what_is_stuck()
        for place in self._folder.orders():
            order = self._folder.order(*place)
            if order is not None and self._is_news(place, order):
                self._bring_about(place, order)
            self._tell(place)

    def end(self) -> None:
        """Let every model's process end."""
        for service in self._services.values():
            for scorer in service.scorers:
                scorer.end()

    def _end_what_is_stuck(self) -> None:
        now = time.monotonic()
        for service in self._services.values():
            for scorer in service.scorers:
                scorer.end_if_stuck(now)

    def _is_news(self, place: tuple[str, str], order: Ordered) -> bool:
        running = self._services.get(place, NOTHING)
        return self._followed.get(place) != order or not all(s.lives for s in running.scorers)

    def _bring_about(self, place: tuple[str, str], order: Ordered) -> None:
        before = self._services.get(place, NOTHING)
        staying = {one.part.content: one for one in before.scorers if one.lives}
        scorers: list[Scorer] = []
        try:
            scorers.extend(self._scorer(part, staying) for part in order.parts)
        except NotServed as refusal:
            for scorer in scorers:
                if scorer not in before.scorers:
                    scorer.end()
            self._put(place, replace(self._state(place), number=order.number, trouble=str(refusal)))
            self._followed[place] = order
            return
        self._services[place] = Service(order.number, scorers)
        self._followed[place] = order
        for scorer in before.scorers:
            if scorer not in scorers:
                scorer.end()

    def _scorer(self, part: Served, staying: dict[str, Scorer]) -> Scorer:
        if part.content in staying:
            scorer = staying[part.content]
            scorer.part = part
            return scorer
        contents = self._folder.content(part.content)
        if not contents.is_dir():
            raise NotServed("Its files are not here.")
        return Scorer.started(part, contents)

    def _tell(self, place: tuple[str, str]) -> None:
        state = self._state(place)
        known = self._folder.state(*place)
        if known is not None and known.trouble and known.number > state.number:
            state = replace(state, number=known.number, trouble=known.trouble)
        if known != state:
            self._put(place, state)

    def _put(self, place: tuple[str, str], state: State) -> None:
        self._folder.put_state(*place, state)

    def _state(self, place: tuple[str, str]) -> State:
        service = self._services.get(place, NOTHING)
        return State(
            service.number,
            tuple(
                Answering(one.part.called, one.digest, one.part.share, one.requests)
                for one in service.scorers
            ),
        )
