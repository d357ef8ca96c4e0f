"""Which addresses the guarded client connects to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.connections import is_public
from catalog.errors import SourceRefused
from catalog.web import Client
from tests.fakes.server import Answer, in_turn, serving
from vocab.errors import GaronneError

PRIVATE = (
    *("127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),  # noqa: S104
    *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "::10.0.0.1", "::ffff:0:10.0.0.1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a9fe:a9fe::1"),
    *("2001:0:a00:1::", "100::1", "5f00::1", "3fff::1", "2001:10::1"),
)
PUBLIC = (
    "1.1.1.1",
    "193.51.208.13",
    "2606:4700::1111",
    "2a01:e0a::1",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
    "2002:101:101::1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_no_carrier_makes_a_private_address_public(private: ipaddress.IPv4Address) -> None:
    number = int(private)
    for carrier in ("::", "::ffff:0:0", "64:ff9b::", "::ffff:0:0:0", "64:ff9b:1::"):
        assert not is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(carrier)) | number)))
    assert not is_public(str(ipaddress.IPv6Address(0x2002 << 112 | number << 80)))


@pytest.mark.parametrize(
    "host",
    [
        *("127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0x0", "017700000001"),
        *("localhost", "localhost.", "LOCALHOST", "①②⑦.⓪.⓪.①", "127。0。0。1", "[::1]", "[::ffff:127.0.0.1]"),
    ],
)
def test_other_ways_to_write_this_machine(host: str) -> None:
    with pytest.raises(SourceRefused):
        Client(retries=0, timeout=5).get_bytes(f"http://{host}:1/")


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}#@portal.example/",
        "http://127.0.0.1:{port}\\@portal.example/",
        "http://portal.example\\@127.0.0.1:{port}/",
        "http://127.0.0.1%00.portal.example:{port}/",
        "http://127.0.0.1\t:{port}/",
        "http://127.0.0.1%20:{port}/",
        "HTTP://127.0.0.1:{port}/",
    ],
)
def test_no_spelling_reaches_a_private_address(url: str) -> None:
    with serving(in_turn(Answer(b"secret"))) as server:
        port = server.address.rstrip("/").rpartition(":")[2]
        with pytest.raises(GaronneError):
            Client(retries=0, timeout=5).get_bytes(url.format(port=port))
        assert server.asked == []


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://portal.example/", "//127.0.0.1/", "jar:x"]
)
def test_no_other_scheme(url: str) -> None:
    with pytest.raises(SourceRefused):
        Client(retries=0).get_bytes(url)
