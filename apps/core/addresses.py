"""Where Signet may send: addresses that are read one way only, and networks that are open.

Whoever can enter an address could otherwise make Signet speak to machines they cannot reach
themselves. What the operator trusts beyond the open internet stands in ``SIGNET_OUTBOUND_ALLOW``.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from apps.core.inputs import InputRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MOST_URL = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_CLEAN = re.compile(r"[!-~]+")
_ODD = frozenset('\\#"<>^`{|}')
_INSIDE = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")

_PUBLIC_IPV6 = IPv6Network("2000::/3")
_CLOSED: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",  # where a large cloud serves its machines' settings
        "2001::/23",  # protocols of the network itself, and IPv4 in disguise
        "2001:db8::/32",
        "2002::/16",  # IPv4 in disguise
        "3fff::/20",
    )
)
_NEVER: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "168.63.129.16/32",
        "100.100.100.200/32",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "fd00:ec2::/32",
        "fe80::/10",
        "ff00::/8",
    )
)
"""Not even a trusted name may lead here; a trusted network may."""


class AddressRefused(InputRefused):
    """Signet does not send to this address; the message says why."""

    code = "address_refused"


@dataclass(frozen=True)
class Destination:
    """An address that can be read in one way only."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def literal(self) -> Address | None:
        """The host as a number, unless it is a name."""
        return None if _is_name(self.host) else ip_address(self.host)

    @property
    def authority(self) -> str:
        """The host, and the port where it is not the usual one, as the Host header says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True)
class Trust:
    """Hosts and networks the operator trusts, each at one port or at those open to everybody."""

    hosts: frozenset[tuple[str, int | None]] = field(default_factory=frozenset)
    networks: tuple[tuple[Network, int | None], ...] = ()

    def has_host(self, host: str, port: int) -> bool:
        """Say whether a name is trusted at a port."""
        return any(name == host and _opens(at, port) for name, at in self.hosts)

    def has_address(self, address: Address, port: int) -> bool:
        """Say whether an address lies in a network trusted at a port."""
        return any(address in network and _opens(at, port) for network, at in self.networks)

    def names_port(self, host: str, port: int) -> bool:
        """Say whether a port may turn out to be trusted, before a name is looked up."""
        return self.has_host(host, port) or any(_opens(at, port) for _, at in self.networks)


def _opens(trusted: int | None, port: int) -> bool:
    return port in settings.OUTBOUND_PORTS if trusted is None else port == trusted


def destination(url: str) -> Destination:
    """Read an address, as it is saved and again as it is sent to.

    Raises:
        AddressRefused: when it could be read in two ways, or leads where Signet does not send.
    """
    parts = _split(url)
    host = _host(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    found = Destination(parts.scheme, host, _port(parts), path)
    literal = found.literal
    if literal is not None:
        require_open(found, literal)
    elif not trust().names_port(found.host, found.port) and (
        found.port not in settings.OUTBOUND_PORTS
    ):
        raise AddressRefused(f"Signet does not send to port {found.port}.")
    elif not trust().has_host(found.host, found.port):
        _require_outside(found.host)
    return found


def require_open(found: Destination, address: Address) -> None:
    """Refuse an address the destination leads to, unless it is public or trusted."""
    if trust().has_address(address, found.port):
        return
    if trust().has_host(found.host, found.port) and not _within(address, _NEVER):
        return
    if not is_public(address):
        raise AddressRefused("This address leads to a place Signet does not send to.")
    if found.port not in settings.OUTBOUND_PORTS:
        raise AddressRefused(f"Signet does not send to port {found.port}.")


def is_public(address: Address) -> bool:
    """Say whether an address belongs to the open internet, and to nothing inside a network.

    An IPv6 address that carries an IPv4 one is not: it could carry any.
    """
    if isinstance(address, IPv6Address) and address not in _PUBLIC_IPV6:
        return False
    return address.is_global and not address.is_multicast and not _within(address, _CLOSED)


def trust() -> Trust:
    """Return whom the operator trusts."""
    return read_trust(tuple(settings.OUTBOUND_ALLOW))


@cache
def read_trust(entries: tuple[str, ...]) -> Trust:
    """Read entries such as ``mlflow.internal:5000``, ``10.2.0.0/16``, ``[fd00::/8]:8443``.

    Raises:
        ValueError: when an entry is none of these.
    """
    hosts: set[tuple[str, int | None]] = set()
    networks: list[tuple[Network, int | None]] = []
    for entry in entries:
        name, port = _entry(entry.strip().lower())
        if _is_name(name):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{entry!r} is neither a host name nor a network")
            hosts.add((name, port))
        else:
            networks.append((ip_network(name), port))
    return Trust(frozenset(hosts), tuple(networks))


def _entry(text: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[([0-9a-f:./]+)\](?::(\d{1,5}))?", text)
    plain = re.fullmatch(r"([^:\[\]]+)(?::(\d{1,5}))?", text)
    found = bracketed or plain
    if found is None:
        return text, None  # an IPv6 network, or nothing that can be read
    return found.group(1), int(found.group(2)) if found.group(2) else None


def _split(url: str) -> SplitResult:
    if len(url) > MOST_URL:
        raise AddressRefused(f"An address holds at most {MOST_URL:,} characters.")
    if not _CLEAN.fullmatch(url) or _ODD & set(url):
        raise AddressRefused(
            "An address holds plain letters, digits and signs: no blanks, fragments or quotes."
        )
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AddressRefused("This is no address.") from None
    schemes = ("https", "http") if settings.OUTBOUND_HTTP else ("https",)
    if parts.scheme not in schemes or not url.lower().startswith(f"{parts.scheme}://"):
        raise AddressRefused(f"An address begins with {' or '.join(f'{s}://' for s in schemes)}.")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise AddressRefused("An address names no user and no password.")
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if parts.netloc.startswith("["):
        return str(_literal(host, IPv6Address))
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise AddressRefused("An address names its host in letters, digits, hyphens and dots.")
    if not _is_name(host):
        return str(_literal(host, IPv4Address))
    return host


def _literal(host: str, kind: type[IPv4Address] | type[IPv6Address]) -> Address:
    try:
        return kind(host)
    except ValueError:
        raise AddressRefused("A number is no host unless it is a whole IP address.") from None


def _is_name(host: str) -> bool:
    """Say whether a host is a name: its last part would else be read as a number by some."""
    return ":" not in host and "/" not in host and not _NUMBER.fullmatch(host.rpartition(".")[2])


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.netloc.endswith(":") or port == 0:
        raise AddressRefused("This port is none.")
    return port or DEFAULT_PORTS[parts.scheme]


def _require_outside(host: str) -> None:
    if "." not in host or host.endswith(_INSIDE):
        raise AddressRefused("This address leads to a place Signet does not send to.")


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
