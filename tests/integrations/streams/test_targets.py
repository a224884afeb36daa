"""What an operator may name as a stream, and what is refused when Signet starts."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from apps.integrations.streams.targets import (
    FileTarget,
    HookTarget,
    Stream,
    SyslogTarget,
    configured,
    named_or_none,
    read_streams,
)


def test_streams_are_read_with_the_usual_ports() -> None:
    entries = (
        "siem=syslog+tls://logs.example.com",
        "old=syslog+udp://10.0.0.1:1514",
        "six=syslog+tcp://[fd00::1]",
        "file=file:/var/log/signet/events.jsonl",
        "hook=https://siem.example.com/in?token=a",
    )

    assert read_streams(entries) == (
        Stream("siem", SyslogTarget("syslog+tls", "logs.example.com", 6514)),
        Stream("old", SyslogTarget("syslog+udp", "10.0.0.1", 1514)),
        Stream("six", SyslogTarget("syslog+tcp", "fd00::1", 601)),
        Stream("file", FileTarget("/var/log/signet/events.jsonl")),
        Stream("hook", HookTarget("https://siem.example.com/in?token=a")),
    )
    assert [str(stream.target) for stream in read_streams(entries)] == [
        "syslog+tls://logs.example.com:6514",
        "syslog+udp://10.0.0.1:1514",
        "syslog+tcp://[fd00::1]:601",
        "/var/log/signet/events.jsonl",
        "siem.example.com",
    ]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("siem", "names no place"),
        ("=file:/x", "begins with no name"),
        ("Siem=file:/x", "begins with no name"),
        ("a b=file:/x", "begins with no name"),
        ("siem=file:events.jsonl", "names no file"),
        ("siem=file:/var/../etc/passwd", "names no file"),
        ("siem=file:/var/log/", "names no file"),
        ("siem=syslog://host", "names no place"),
        ("siem=syslog+tls://", "names no server"),
        ("siem=syslog+tls://host:0", "names no server"),
        ("siem=syslog+tls://host:99999", "names no server"),
        ("siem=syslog+tls://user:word@host", "names no server"),
        ("siem=syslog+tls://host/path", "names no server"),
        ("siem=syslog+tcp://ho st", "names no server"),
        ("siem=ftp://host", "names no place"),
        ("siem=http://siem.example.com/in", "leads nowhere"),
        ("siem=https://127.0.0.1/in", "leads nowhere"),
        ("siem=https://siem.example.com/in", "SIGNET_STREAM_SECRET"),
        ("siem=file:/x,siem=file:/y", "named twice"),
    ],
)
def test_a_stream_that_cannot_be_followed_keeps_signet_from_starting(
    settings: Settings, entry: str, said: str
) -> None:
    settings.STREAMS = entry.split(",")
    settings.STREAM_SECRET = "too short"

    with pytest.raises(ImproperlyConfigured, match=f"SIGNET_STREAMS: .*{said}"):
        apps.get_app_config("integrations").ready()


def test_what_can_be_followed_starts(settings: Settings) -> None:
    settings.STREAMS = ["siem=https://siem.example.com/in", "file=file:/var/log/events.jsonl"]
    settings.STREAM_SECRET = "a secret of thirty-two letters and more"

    apps.get_app_config("integrations").ready()

    assert [stream.name for stream in configured()] == ["siem", "file"]
    assert named_or_none("gone") is None
