"""The way out (THREATS 17): what is refused when an address is saved, and again when it is used."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from apps.core import addresses, outbound
from apps.core.addresses import AddressRefused, destination, is_public, read_trust
from apps.core.outbound import AnswerTooLong, NotReached
from registry_site import environment
from tests.integrations.receiver import Receiver, Sent, receiver

PUBLIC = "93.184.216.34"

K1 = {
    "short loopback": "https://127.1/",
    "zero": "https://0/",
    "hexadecimal part": "https://0x7f.1/",
    "one number": "https://2130706433/",
    "hexadecimal number": "https://0x7f000001/",
    "octal": "https://0177.0.0.1/",
    "leading zeros": "https://127.0.0.001/",
    "loopback": "https://127.0.0.1/",
    "unspecified": "https://0.0.0.0/",
    "loopback in IPv6": "https://[::1]/",
    "unspecified in IPv6": "https://[::]/",
    "mapped": "https://[::ffff:127.0.0.1]/",
    "mapped in hexadecimal": "https://[::ffff:7f00:1]/",
    "mapped, though public": f"https://[::ffff:{PUBLIC}]/",
    "compatible": "https://[::127.0.0.1]/",
    "NAT64": "https://[64:ff9b::7f00:1]/",
    "NAT64 of its own": "https://[64:ff9b:1::a00:1]/",
    "6to4": "https://[2002:7f00:1::]/",
    "Teredo": "https://[2001:0:7f00:1::]/",
    "link-local in IPv6": "https://[fe80::1]/",
    "link-local with a zone": "https://[fe80::1%25eth0]/",
    "unique local": "https://[fd00:ec2::254]/",
    "site-local": "https://[fec0::1]/",
    "multicast in IPv6": "https://[ff02::1]/",
    "documentation": "https://[2001:db8::1]/",
    "metadata": "https://169.254.169.254/latest/meta-data/",
    "metadata elsewhere": "https://100.100.100.200/",
    "metadata at a public number": "https://168.63.129.16/",
    "carrier-grade NAT": "https://100.64.0.1/",
    "private 10": "https://10.0.0.1/",
    "private 172": "https://172.16.0.1/",
    "private 192": "https://192.168.0.1/",
    "benchmarking": "https://198.18.0.1/",
    "multicast": "https://224.0.0.1/",
    "broadcast": "https://255.255.255.255/",
    "localhost": "https://localhost/",
    "localhost with a dot": "https://localhost./",
    "below localhost": "https://a.localhost/",
    "internal": "https://metadata.google.internal/",
    "one label": "https://intranet/",
    "wide digits": "https://\uff11\uff12\uff17.0.0.1/",
    "circled digits": "https://①②⑦.⓪.⓪.①/",
    "ideographic dot": "https://127。0。0。1/",
    "letters of another script": "https://\u0435\u0445ample.com/",
    "user": "https://user@example.com/",
    "user and password": "https://user:secret@example.com/",
    "host as user": "https://example.com@127.0.0.1/",
    "encoded host": "https://%31%32%37.0.0.1/",
    "tab": "https://exa\tmple.com/",
    "carriage return": "https://example.com/\r",
    "new line": "https://example.com/\nHost: other",
    "NUL": "https://example.com/\0",
    "blank": "https://example.com/a b",
    "blank before": " https://example.com/",
    "backslash": "https://example.com\\@127.0.0.1/",
    "fragment": "https://example.com/#a",
    "fragment alone": "https://example.com#",
    "no scheme": "example.com/hook",
    "no host": "https:///hook",
    "plain": "http://example.com/",
    "gopher": "gopher://example.com/",
    "file": "file:///etc/passwd",
    "one slash": "https:/example.com/",
    "other port": "https://example.com:8443/",
    "port of a shell": "https://example.com:22/",
    "no port": "https://example.com:/",
    "port zero": "https://example.com:0/",
    "no number for a port": "https://example.com:4a3/",
    "large port": "https://example.com:99999/",
    "empty label": "https://example..com/",
    "underscore": "https://exa_mple.com/",
    "endless": "https://example.com/" + "a" * 2000,
    "nothing": "",
}
FINE = (
    "https://example.com",
    "https://example.com/hook?key=a%20b",
    "https://EXAMPLE.com:443/",
    "https://xn--e1afmkfd.xn--p1ai/",
    f"https://{PUBLIC}/",
    "https://[2606:2800:220:1:248:1893:25c8:1946]/",
)


def never(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")


def gives(*addresses: str) -> outbound.Resolver:
    return lambda host, port: list(addresses)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Note where connections are made to, and make none."""
    made: list[tuple[str, int]] = []

    def create(address: tuple[str, int], *arguments: object, **named: object) -> socket.socket:
        made.append(address)
        raise OSError("No network in tests")

    monkeypatch.setattr("urllib3.util.connection.create_connection", create)
    return made


# -- K1 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", K1.values(), ids=K1.keys())
def test_k1_an_address_is_refused_when_it_is_saved(url: str) -> None:
    with pytest.raises(AddressRefused):
        destination(url)


@pytest.mark.parametrize("url", K1.values(), ids=K1.keys())
def test_k1_the_same_address_is_refused_when_it_is_sent_to(
    url: str, connections: list[tuple[str, int]]
) -> None:
    for send in (
        lambda: outbound.post(url, b"x", resolve=never),
        lambda: outbound.look(url, resolve=never),
        lambda: outbound.ask("GET", url, resolve=never),
        lambda: outbound.stream(url, most=1, seconds=1, resolve=never).__enter__(),
    ):
        with pytest.raises(AddressRefused):
            send()
    assert connections == []


@pytest.mark.parametrize("url", FINE)
def test_an_address_on_the_open_internet_is_taken(url: str) -> None:
    assert destination(url).port == 443


CLOSED = [
    *("127.0.0.1", "0.0.0.0", "10.9.8.7", "169.254.169.254", "100.100.100.200", "192.168.1.1"),
    *("::1", "::", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "64:ff9b::7f00:1", "fe80::1"),
    *("fd00::1", "ff02::1", "2002:7f00:1::", "2001::1", "224.0.0.1", "240.0.0.1", "172.31.0.1"),
]


@pytest.mark.parametrize("address", CLOSED)
def test_k1_a_name_that_leads_inside_is_refused_when_it_is_sent_to(
    address: str, connections: list[tuple[str, int]]
) -> None:
    with pytest.raises(AddressRefused):
        outbound.post("https://example.com/", b"x", resolve=gives(address))
    assert connections == []


@given(st.ip_addresses())
def test_no_address_is_public_that_python_knows_to_be_private(address: Any) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast


# -- K2 --------------------------------------------------------------------------------------------


class Changing:
    """A name server that gives another answer each time it is asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


def test_k2_the_connection_goes_to_the_address_that_was_checked(
    connections: list[tuple[str, int]],
) -> None:
    rebinding = Changing([PUBLIC], ["127.0.0.1"])

    with pytest.raises(NotReached):
        outbound.post("https://example.com/", b"x", resolve=rebinding)

    assert rebinding.asked == 1
    assert connections == [(PUBLIC, 443)]


def test_k2_the_answer_is_checked_anew_each_time(connections: list[tuple[str, int]]) -> None:
    rebinding = Changing([PUBLIC], ["169.254.169.254"])
    with pytest.raises(NotReached):
        outbound.post("https://example.com/", b"x", resolve=rebinding)

    with pytest.raises(AddressRefused):
        outbound.post("https://example.com/", b"x", resolve=rebinding)

    assert connections == [(PUBLIC, 443)]


def test_k2_one_closed_address_among_public_ones_closes_the_name(
    connections: list[tuple[str, int]],
) -> None:
    with pytest.raises(AddressRefused):
        outbound.post("https://example.com/", b"x", resolve=gives(PUBLIC, "10.0.0.1"))
    assert connections == []


def test_every_checked_address_is_tried_and_no_other(connections: list[tuple[str, int]]) -> None:
    two = gives("2606:2800:220:1:248:1893:25c8:1946", PUBLIC)
    with pytest.raises(NotReached):
        outbound.post("https://example.com/", b"x", resolve=two)
    assert connections == [(PUBLIC, 443), ("2606:2800:220:1:248:1893:25c8:1946", 443)]


@pytest.mark.parametrize("answer", [[], ["no address"]])
def test_a_name_without_addresses_is_told_apart_from_none(answer: list[str]) -> None:
    with pytest.raises(AddressRefused, match="leads to a place"):
        outbound.post("https://example.com/", b"x", resolve=gives(*answer))


def test_a_name_server_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.1)
    answered = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        answered.wait(20)
        return [PUBLIC]

    with pytest.raises(AddressRefused):
        outbound.ask("GET", "https://example.com/", resolve=slow)
    answered.set()


def test_the_system_is_asked_for_every_address() -> None:
    assert "127.0.0.1" in outbound.system_resolver("localhost", 80)


# -- K3 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_k3_a_redirect_is_not_followed(there: Receiver, status: int) -> None:
    with receiver() as inside:
        there.status, there.headers = status, {"Location": inside.url}
        assert outbound.post(there.url, b"x") == status
        assert outbound.look(there.url) == status
        assert outbound.ask("GET", there.url).status == status
    assert inside.requests == []
    assert [sent.method for sent in there.requests] == ["POST", "GET", "GET"]


def test_k3_a_refresh_is_not_followed(there: Receiver) -> None:
    with receiver() as inside:
        there.headers = {"Refresh": f"0; url={inside.url}"}
        assert outbound.ask("GET", there.url).status == 200
    assert inside.requests == []


def test_proxies_of_the_environment_are_not_used(
    there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert outbound.post(there.url, b"x") == 200
    assert proxy.requests == []


# -- what the operator trusts ----------------------------------------------------------------------


def test_a_request_says_the_name_it_was_asked_for(there: Receiver, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = [f"hooks.internal:{there.port}"]

    status = outbound.post(
        f"http://hooks.internal:{there.port}/a?b=c",
        b"hello",
        headers={"X-One": "1", "HOST": "elsewhere.example"},
        resolve=gives("127.0.0.1"),
    )

    [sent] = there.requests
    assert status == 200
    assert (sent.method, sent.path, sent.body) == ("POST", "/a?b=c", b"hello")
    headers = {name.lower(): value for name, value in sent.headers.items()}
    assert headers["host"] == f"hooks.internal:{there.port}"
    assert headers["x-one"] == "1"
    assert headers["user-agent"] == "Signet"


def test_a_trusted_network_is_open_at_its_port_only(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW = ["10.2.0.0/16", "[fd00:1::/32]:8443"]
    assert destination("https://10.2.3.4/").port == 443
    assert destination("https://[fd00:1::5]:8443/").port == 8443
    for url in ("https://10.2.3.4:8443/", "https://10.3.0.1/", "https://[fd00:1::5]/"):
        with pytest.raises(AddressRefused):
            destination(url)


def test_a_name_may_lead_into_a_trusted_network(
    settings: Settings, connections: list[tuple[str, int]]
) -> None:
    settings.OUTBOUND_ALLOW = ["10.2.0.0/16:8443"]
    with pytest.raises(NotReached):
        outbound.post("https://example.com:8443/", b"x", resolve=gives("10.2.0.9"))
    with pytest.raises(AddressRefused, match="port 8443"):
        outbound.post("https://example.com:8443/", b"x", resolve=gives(PUBLIC))
    assert connections == [("10.2.0.9", 8443)]


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "fe80::1", "fd00:ec2::254"])
def test_a_trusted_name_does_not_lead_to_the_metadata_of_a_machine(
    settings: Settings, address: str
) -> None:
    settings.OUTBOUND_ALLOW = ["mlflow.internal"]
    with pytest.raises(AddressRefused):
        outbound.post("https://mlflow.internal/", b"x", resolve=gives(address))


@pytest.mark.parametrize(
    "entry", ["a b", "10.0.0.0/99", "https://example.com", "host:port", "::/x"]
)
def test_trust_that_cannot_be_read_keeps_signet_from_starting(
    settings: Settings, entry: str
) -> None:
    settings.OUTBOUND_ALLOW = [entry]
    with pytest.raises(ImproperlyConfigured, match="SIGNET_OUTBOUND_ALLOW"):
        apps.get_app_config("integrations").ready()


def test_trust_is_read_in_all_its_forms() -> None:
    trust = read_trust(("MLflow.internal:5000", "10.2.0.0/16", "::1/128", "[::2]:80", "10.9.9.9"))
    assert trust.hosts == {("mlflow.internal", 5000)}
    assert [str(network) for network, _ in trust.networks] == [
        "10.2.0.0/16",
        "::1/128",
        "::2/128",
        "10.9.9.9/32",
    ]


def test_open_ports_are_read_as_numbers_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNET_OUTBOUND_PORTS", "443, 8443")
    assert environment.numbers("OUTBOUND_PORTS", "443") == {443, 8443}
    monkeypatch.setenv("SIGNET_OUTBOUND_PORTS", "https")
    with pytest.raises(environment.Misconfigured, match="SIGNET_OUTBOUND_PORTS"):
        environment.numbers("OUTBOUND_PORTS", "443")


# -- limits ----------------------------------------------------------------------------------------


def test_an_answer_longer_than_the_limit_is_refused(there: Receiver) -> None:
    there.body = b"x" * (64 * 1024 + 1)
    with pytest.raises(AnswerTooLong):
        outbound.ask("GET", there.url)
    assert len(outbound.ask("GET", there.url, most=2**20).body) == 64 * 1024 + 1


def test_a_status_needs_no_body_read(there: Receiver) -> None:
    there.body = b"x" * 2**22
    assert outbound.post(there.url, b"") == 200


def drip(sent: Sent, handler: Any) -> None:
    """Send a header byte by byte, so that the line is never silent and never done."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(200):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


def drip_body(sent: Sent, handler: Any) -> None:
    """Send a body without an end, byte by byte."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(200):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


def hang_up(sent: Sent, handler: Any) -> None:
    handler.close_connection = True


def break_off(sent: Sent, handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    handler.close_connection = True


@pytest.mark.parametrize("script", [drip, drip_body, hang_up, break_off])
def test_an_answer_that_does_not_come_whole_in_time_is_none(there: Receiver, script: Any) -> None:
    there.script = script
    with pytest.raises(NotReached):
        outbound.ask("GET", there.url, seconds=0.4)


def test_a_long_file_streams_in_pieces(there: Receiver) -> None:
    there.body = bytes(2**22)
    with outbound.stream(there.url, most=2**23, seconds=30) as flow:
        sizes = [len(chunk) for chunk in flow.chunks]
        assert (flow.status, flow.length, sum(sizes)) == (200, 2**22, 2**22)
    assert max(sizes) <= outbound.CHUNK


def test_a_file_longer_than_the_limit_is_refused_before_it_is_read(there: Receiver) -> None:
    there.body = bytes(100)
    with pytest.raises(AnswerTooLong), outbound.stream(there.url, most=99, seconds=5):
        pytest.fail("It was opened")


def test_a_file_that_does_not_say_its_length_is_cut_at_the_limit(there: Receiver) -> None:
    def endless(sent: Sent, handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + bytes(100))
        handler.close_connection = True

    there.script = endless
    with outbound.stream(there.url, most=99, seconds=5) as flow, pytest.raises(AnswerTooLong):
        list(flow.chunks)


def test_headers_that_would_break_a_line_are_not_sent(there: Receiver) -> None:
    with pytest.raises(NotReached):
        outbound.post(there.url, b"x", headers={"X-One": "a\r\nX-Two: b"})
    assert there.requests == []


# -- TLS -------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> Path:
    """Make a certificate for a name, signed by its own key, with the key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def secure(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Receiver, list[str]]]:
    """A receiver that speaks TLS as hooks.internal, and the names it was called by."""
    file, called = certificate(tmp_path, "hooks.internal"), []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    context.sni_callback = lambda _, name, __: called.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with receiver(lambda plain: context.wrap_socket(plain, server_side=True)) as running:
        settings.OUTBOUND_ALLOW = [
            f"{name}:{running.port}" for name in ("hooks.internal", "other.internal")
        ]
        yield running, called


def test_the_name_is_what_tls_is_held_to(secure: tuple[Receiver, list[str]]) -> None:
    running, called = secure
    url = f"https://hooks.internal:{running.port}/"
    assert outbound.post(url, b"x", resolve=gives("127.0.0.1")) == 200
    assert called == ["hooks.internal"]


def test_a_certificate_for_another_name_is_refused(secure: tuple[Receiver, list[str]]) -> None:
    running, _ = secure
    with pytest.raises(NotReached):
        outbound.post(f"https://other.internal:{running.port}/", b"x", resolve=gives("127.0.0.1"))
    assert running.requests == []


def test_a_certificate_of_an_unknown_issuer_is_refused(
    secure: tuple[Receiver, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    running, _ = secure
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(NotReached):
        outbound.post(f"https://hooks.internal:{running.port}/", b"x", resolve=gives("127.0.0.1"))
    assert running.requests == []


def test_a_request_may_be_held_to_certificates_of_its_own_alone(
    secure: tuple[Receiver, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, _ = secure
    url = f"https://hooks.internal:{running.port}/"
    (folder := tmp_path / "other").mkdir()
    for unknown in (certificate(folder, "other.internal"), tmp_path / "none.pem"):
        with pytest.raises(NotReached):
            outbound.ask("GET", url, ca_file=str(unknown), resolve=gives("127.0.0.1"))
    assert running.requests == []

    ours = str(tmp_path / "server.pem")
    monkeypatch.delenv("SSL_CERT_FILE")

    assert outbound.ask("GET", url, ca_file=ours, resolve=gives("127.0.0.1")).status == 200


def test_a_literal_address_is_told_by_its_number() -> None:
    found = destination("https://[2606:2800:220:1:248:1893:25c8:1946]/")
    assert found.literal == ip_address("2606:2800:220:1:248:1893:25c8:1946")
    assert found.authority == "[2606:2800:220:1:248:1893:25c8:1946]"
    assert addresses.destination("https://example.com").authority == "example.com"
