"""Fills an empty registry with real models and a true history."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError, connection

from apps.accounts.models import User
from apps.audit.sealing import spare
from apps.console.demo import people, story
from apps.console.demo.training import train_all
from apps.console.demo.walk import Walk

SEAL_EVERY = 5.0
"""Seconds between two looks at what waits to be sealed."""


class Command(BaseCommand):
    """Train models on data that ships with scikit-learn, and walk them through the operations."""

    help = "Fill an empty registry with demo models, trained here, and people who sign for them."

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            raise CommandError("The demo fills an empty registry only, and this one has people.")
        began, password = time.monotonic(), people.new_password()
        self.stdout.write("Training the demo's models on data that ships with scikit-learn.")
        with tempfile.TemporaryDirectory(dir=settings.INCOMING) as folder, sealing_meanwhile():
            trained = train_all(Path(folder), self._say)
            walk = Walk(people.create(password), password, self._say)
            story.tell(walk, trained)
        people.keep(password)
        self.stdout.write(f"The demo is ready after {time.monotonic() - began:.0f} seconds.")

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")


@contextmanager
def sealing_meanwhile() -> Iterator[None]:
    """Seal beside a block: no sealer runs yet, and what decides something waits for sealing."""
    ending = threading.Event()

    def seal() -> None:
        try:
            while not ending.wait(SEAL_EVERY):
                with suppress(DatabaseError):  # whoever may not seal leaves that to the sealer
                    spare.step()
        finally:
            connection.close()

    beside = threading.Thread(target=seal, name="sealing", daemon=True)
    beside.start()
    try:
        yield
    finally:
        ending.set()
        beside.join()
