"""Addresses that people type: of a host, a web page, a mailbox. One check for all who keep them.

What passes can be looked up, dialled and written into a header without raising; what does not is
refused with a sentence. Names beyond ASCII become what the resolver is asked for (IDNA).
"""

import ipaddress
import re
import unicodedata
from encodings.idna import ToASCII
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

from tram.runtime.messages import Param, sentence_of

__all__ = (
    "HOST_CHARACTERS_MAX",
    "LOCAL_PART_CHARACTERS_MAX",
    "MAIL_CHARACTERS_MAX",
    "PORT_MAX",
    "WEB_CHARACTERS_MAX",
    "AddressError",
    "IpAddress",
    "WebAddress",
    "host_name",
    "is_public",
    "mail_address",
    "unwrapped",
    "web_address",
)

HOST_CHARACTERS_MAX: Final = 253
LOCAL_PART_CHARACTERS_MAX: Final = 64
MAIL_CHARACTERS_MAX: Final = 200
"""Less than the 254 of RFC 5321: the columns that keep addresses have this width."""
WEB_CHARACTERS_MAX: Final = 500
PORT_MAX: Final = 65_535
_PORTS: Final = {"http": 80, "https": 443}
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+")
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART: Final = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_KEPT_IN_PATHS: Final = "/%:=&?~+!$,;'@()*[]-._"
_BITS: Final = 32
_IPV4_MASK: Final = 2**_BITS - 1

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_V4: Final = ipaddress.IPv4Network
_V6: Final = ipaddress.IPv6Network

# IANA's registries of special-purpose addresses (RFC 6890), and multicast. A few of these networks
# hold single addresses that are reachable; none of them is a receiver of calls.
_SPECIAL_V4: Final = tuple(
    map(
        _V4,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
            "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
_GLOBAL_V6: Final = _V6("2000::/3")
"""What is handed out as public; everything else is local, reserved or multicast."""
_SPECIAL_V6: Final = tuple(
    map(_V6, ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20"))
)
"""Protocols (Teredo among them), documentation, and the sink of reversed private addresses."""
_NAT64: Final = _V6("64:ff9b::/96")
_SIX_TO_FOUR: Final = _V6("2002::/16")
_SIX_TO_FOUR_SHIFT: Final = 80


class AddressError(ValueError):
    """An address that cannot be; the code and its values say why, as those of a fault do."""

    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(sentence_of(code, params))
        self.code = code
        self.params = params


class WebAddress(NamedTuple):
    """The parts that a call needs: ``host`` as the resolver takes it, ``path`` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as a header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def host_name(text: str) -> str:
    """Return a host as the resolver takes it: an IP address, or labels of 1 to 63 ASCII characters.

    >>> host_name("Trạm.vn.")
    'xn--trm-tgz.vn'

    Raises:
        AddressError: with what is wrong.
    """
    name = unicodedata.normalize("NFC", text).lower().removesuffix(".")
    if not name or len(name) > HOST_CHARACTERS_MAX:
        raise AddressError("host.length", most=HOST_CHARACTERS_MAX)
    if ":" in name:
        return str(_ip(name))
    if _NUMBER.fullmatch(
        name.rpartition(".")[2]
    ):  # systems read 2130706433 and 0x7f.1 as addresses
        return str(_ip(name))
    ascii_name = ".".join(_label(label) for label in name.split("."))
    if len(ascii_name) > HOST_CHARACTERS_MAX:
        raise AddressError("host.length", most=HOST_CHARACTERS_MAX)
    return ascii_name


def web_address(text: str) -> WebAddress:
    """Return the parts of an http or https address.

    Raises:
        AddressError: with what is wrong.
    """
    if len(text) > WEB_CHARACTERS_MAX or not text.isprintable() or " " in text:
        raise AddressError("address.too_long", most=WEB_CHARACTERS_MAX)
    try:
        parts = urlsplit(text)
    except ValueError as error:  # brackets that hold no address
        raise AddressError("host.unreadable") from error
    if parts.scheme not in _PORTS or not parts.netloc:
        raise AddressError("address.begins_wrong")
    if "@" in parts.netloc:
        raise AddressError("address.with_user")
    host, port = _host_and_port(parts.netloc)
    path = quote(parts.path or "/", safe=_KEPT_IN_PATHS)
    query = f"?{quote(parts.query, safe=_KEPT_IN_PATHS)}" if parts.query else ""
    return WebAddress(
        parts.scheme, host_name(host), _PORTS[parts.scheme] if port is None else port, path + query
    )


def mail_address(text: str) -> str:
    """Return a mail address with its domain in ASCII.

    >>> mail_address("phong.ktcn@trạm.vn")
    'phong.ktcn@xn--trm-tgz.vn'

    Raises:
        AddressError: with what is wrong.
    """
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local):
        raise AddressError("mail.unreadable")
    if len(local) > LOCAL_PART_CHARACTERS_MAX:
        raise AddressError("mail.local_part", most=LOCAL_PART_CHARACTERS_MAX)
    host = host_name(domain)
    if _NUMBER.fullmatch(host.rpartition(".")[2]) or ":" in host:
        raise AddressError("mail.domain")
    if len(local) + 1 + len(host) > MAIL_CHARACTERS_MAX:
        raise AddressError("mail.too_long", most=MAIL_CHARACTERS_MAX)
    return f"{local}@{host}"


def unwrapped(address: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 address stands for: mapped, NAT64 or 6to4; else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & _IPV4_MASK)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address(int(address) >> _SIX_TO_FOUR_SHIFT & _IPV4_MASK)
    return address


def is_public(address: IpAddress) -> bool:
    """Tell whether an address is one of the open internet, whatever form it is written in."""
    plain = unwrapped(address)
    if isinstance(plain, ipaddress.IPv4Address):
        return not any(plain in network for network in _SPECIAL_V4)
    return plain in _GLOBAL_V6 and not any(plain in network for network in _SPECIAL_V6)


def _host_and_port(netloc: str) -> tuple[str, int | None]:
    if netloc.startswith("["):
        host, bracket, rest = netloc[1:].partition("]")
        if not bracket or ":" not in host or (rest and not rest.startswith(":")):
            raise AddressError("host.unreadable")
        digits = rest.removeprefix(":")
    else:
        host, _, digits = netloc.partition(":")
    if not digits:
        return host, None
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(PORT_MAX))
    if not is_number or not 1 <= int(digits) <= PORT_MAX:
        raise AddressError("address.port", most=PORT_MAX)
    return host, int(digits)


def _ip(text: str) -> IpAddress:
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise AddressError("host.number") from error
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        raise AddressError("host.interface")
    return address


def _label(label: str) -> str:
    """Return one part of a host in ASCII; look-alikes such as full-width digits are no letters."""
    if unicodedata.normalize("NFKC", label) != label:
        raise AddressError("host.look_alike")
    try:
        ascii_label = ToASCII(label).decode("ascii")
    except UnicodeError as error:
        raise AddressError("host.label_length") from error
    if not _LABEL.fullmatch(ascii_label):
        raise AddressError("host.label_characters")
    return ascii_label
