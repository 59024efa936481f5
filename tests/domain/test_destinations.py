"""Addresses of hosts, web pages and mailboxes: what cannot be dialled or written is refused."""

import ipaddress

import pytest

from tram.domain.destinations import AddressError, is_public, mail_address, unwrapped, web_address

# IANA IPv4 and IPv6 Special-Purpose Address Registries, with multicast: the first address of each
# (the second where the first stands for nothing).
SPECIAL = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
    "192.0.0.1", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.0.255", "192.0.2.1",
    "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.1", "192.175.48.1", "198.18.0.1",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:0:0:1", "64:ff9b:1::a00:1", "100::1", "100:0:0:1::1",
    "2001::1", "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1",
    "2001:20::1", "2001:30::1", "2001:db8::1", "2620:4f:8000::1", "3fff::1", "5f00::1",
    "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "192.0.1.1", "100.63.255.255", "100.128.0.1", "223.255.255.255")


@pytest.mark.parametrize("text", SPECIAL)
def test_no_special_address_is_public_in_whatever_form(text: str) -> None:
    address = ipaddress.ip_address(text)
    forms = [address]
    if isinstance(address, ipaddress.IPv4Address):
        forms += [wrap(int(address)) for wrap in WRAPS]

    assert not any(map(is_public, forms))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_public_in_every_form_that_is_routed(text: str) -> None:
    address = ipaddress.ip_address(text)

    for form in [address, *(wrap(int(address)) for wrap in WRAPS)]:
        assert is_public(form)
        assert unwrapped(form) == address
    assert is_public(ipaddress.ip_address("2400:cb00::1"))


WRAPS = (
    lambda number: ipaddress.IPv6Address((0xFFFF << 32) | number),
    lambda number: ipaddress.IPv6Address((0x64FF9B << 96) | number),
    lambda number: ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1),
)


@pytest.mark.parametrize(
    "text",
    [
        "https://a..b.vn/", "https://.vn/", f"https://{'a' * 70}.vn/", "https://１２７.0.0.1/",
        "https://１２７．０．０．１/", "https://a.vn:99999/", "https://a.vn:0/", "https://a.vn:８０/",
        "https://a.vn:-1/", "https://[::1", "https://[a]/", "https://[fe80::1%25eth0]/",
        "https://me@a.vn/", "https:///x", "ftp://a.vn/", "a.vn", "", "https://a b.vn/",
        "https://a.vn/\nx", "https://2130706433/", "https://0x7f.1/", "https://-a.vn/",
        f"https://{'a.' * 130}vn/", "https://a.vn/" + "x" * 500, "https://a\u202e.vn/",
    ],
)  # fmt: skip
def test_a_web_address_that_cannot_be_dialled_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        web_address(text)


def test_a_web_address_is_read_as_it_is_dialled() -> None:
    found = web_address("https://Trạm.VN:8443/báo?x=1")

    assert found == ("https", "xn--trm-tgz.vn", 8443, "/b%C3%A1o?x=1")
    assert found.authority == "xn--trm-tgz.vn:8443"
    assert web_address("http://[2400:CB00::1]").authority == "[2400:cb00::1]"
    assert web_address("https://scada.").host == "scada"


@pytest.mark.parametrize(
    "text",
    [
        "a@", ".:@a", "a@[", "@a.vn", "a", "a b@a.vn", "a@b@c.vn", "a@a..vn", "a\n@a.vn",
        f"{'a' * 65}@a.vn", f"a@{'b' * 70}.vn", "a@１.vn", "a.@a.vn", "a@[127.0.0.1]",
        "a@127.0.0.1", "a@a.vn\r\nBcc: b@b.vn", "trúc@a.vn", "a@\u202ea.vn", f"a@{'b.' * 120}vn",
    ],
)  # fmt: skip
def test_a_mailbox_that_no_letter_can_name_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        mail_address(text)


def test_a_mail_domain_beyond_ascii_is_written_as_the_wire_takes_it() -> None:
    assert mail_address("Van.Thu+bao@Trạm.vn") == "Van.Thu+bao@xn--trm-tgz.vn"
    assert mail_address("root@localhost") == "root@localhost"
