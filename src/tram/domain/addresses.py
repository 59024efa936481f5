"""Network addresses as they are counted: what one household or attacker has is one neighbour."""

from ipaddress import IPv6Address, ip_address, ip_network

__all__ = ("neighbourhood",)

IPV6_PREFIX_BITS = 64


def neighbourhood(address: str) -> str:
    """Return what an address is counted by: itself in IPv4, its /64 in IPv6.

    Whoever has an IPv6 address has 2^64 of them. What is no address is counted as it stands.

    >>> neighbourhood("2001:db8::1") == neighbourhood("2001:db8::2")
    True
    >>> neighbourhood("::ffff:203.0.113.9")
    '203.0.113.9'
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, IPV6_PREFIX_BITS), strict=False))
    return str(found)
