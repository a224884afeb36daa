"""Signet over HTTP for programs of a test, answered in its own thread and transaction."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from registry_site.wsgi import application

T = TypeVar("T")


class Quiet(WSGIRequestHandler):
    """Handles requests without a word."""

    def log_message(self, *told: Any) -> None:
        pass


def while_answering(work: Callable[[str], T]) -> T:
    """Do work that calls Signet, in a thread, and answer its calls until it is done."""
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server, kept_open():
        server.timeout = 0.01
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(work, f"http://127.0.0.1:{server.server_port}")
            while not done.done():
                server.handle_request()
        return done.result()


@contextmanager
def kept_open() -> Iterator[None]:
    """Leave the connection to the database open between requests, as Django's own client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
