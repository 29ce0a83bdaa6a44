"""Where a subscriber may be: public addresses, and those the operator names."""

import socket
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from common.errors import DomainError

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]
# Ways by which IPv6 carries an IPv4 address that our check would not see.
_CARRIERS = tuple(
    ip_network(net) for net in ("2002::/16", "2001::/32", "64:ff9b::/96",
                                "64:ff9b:1::/48", "::/96")
)  # fmt: skip
RESOLVED_WITHIN = 5.0  # seconds; the system itself may take a minute
PRIVATE = "This address leads into a private network."


class RefusedAddressError(DomainError):
    """We do not send there."""


@dataclass(frozen=True)
class Place:
    """An address taken apart. `host_header` names the port where it is not usual."""

    host: str
    port: int
    path: str
    is_secure: bool

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.is_secure else 80
        return name if self.port == usual else f"{name}:{self.port}"


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def place_of(url: str) -> Place:
    """Take an address apart. Raises RefusedAddressError for what is none of ours."""
    if not url.isascii() or any(c.isspace() or ord(c) < 33 for c in url):
        raise _refusal("An address has no spaces and only ASCII letters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refusal("This is no address.") from None
    if parts.scheme != "https" and not (
        parts.scheme == "http" and settings.SUBSCRIBER_HTTP_ALLOWED
    ):
        raise _refusal("The address must begin with https://.")
    if not parts.hostname or port == 0:
        raise _refusal("This is no address.")
    if "@" in parts.netloc or "#" in url:
        raise _refusal("An address has no login and no “#”.")
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.hostname, port or (443 if is_secure else 80), path, is_secure)


def addresses_of(place: Place) -> list[str]:
    """Resolve once, and check every address: one private among them refuses all.

    Raises RefusedAddressError, OSError when nobody knows the name, and TimeoutError
    when nobody says within RESOLVED_WITHIN.
    """
    found = [text.partition("%")[0] for text in _resolved(place)]
    if not found:
        raise OSError("The name has no address.")
    if not all(is_allowed(ip_address(text)) for text in found):
        raise _refusal(PRIVATE)
    return found


def _resolved(place: Place) -> list[str]:
    """Ask in a thread that may be left behind: the system's question has no limit."""
    resolver: Resolver = import_string(settings.SUBSCRIBER_RESOLVER)
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(resolver(place.host, place.port))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)

    Thread(target=ask, name="resolve", daemon=True).start()
    return answer.result(RESOLVED_WITHIN)


def check_url(url: str) -> None:
    """Raise RefusedAddressError, in words for the form, if we would not send there."""
    place = place_of(url)
    try:
        addresses_of(place)
    except TimeoutError:
        message = f"Nobody said in time where {place.host} is: try again."
        raise _refusal(message) from None
    except (OSError, UnicodeError):
        raise _refusal(f"Nobody knows the name {place.host}.") from None


def is_allowed(address: Address) -> bool:
    """Whether it is public, or the operator's setting names its network."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in ip_network(net) for net in settings.SUBSCRIBER_ALLOWED_NETWORKS):
        return True
    if any(address in net for net in _CARRIERS):
        return False
    # Python counts fec0::/10 among the public ones; networks of old still use it.
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    is_odd = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not is_odd


def _refusal(message: str) -> RefusedAddressError:
    return RefusedAddressError(message, field="url")
