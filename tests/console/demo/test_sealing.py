"""The demo is told before any sealer runs, so the record is sealed beside it."""

import threading

import pytest

from apps.audit.sealing import spare
from apps.console.management.commands import demo


def test_the_record_is_sealed_while_the_demo_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    has_sealed = threading.Event()
    monkeypatch.setattr(demo, "SEAL_EVERY", 0.0)
    monkeypatch.setattr(spare, "step", has_sealed.set)
    with demo.sealing_meanwhile():
        assert has_sealed.wait(60)
    assert "sealing" not in {thread.name for thread in threading.enumerate()}
