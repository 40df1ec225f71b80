# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight on a real segment: strangers that have a VIP or a VRID, a firewall, hosts that hear each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from ipaddress import IPv4Address, ip_address, ip_interface
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils.preflight.finding import Router
from ansible_collections.lbha.pair.plugins.module_utils.preflight.interfaces import links
from ansible_collections.lbha.pair.plugins.module_utils.preflight.segment import CALL, VrrpEar
from ansible_collections.lbha.pair.plugins.module_utils.preflight.strangers import Pair
from ansible_collections.lbha.pair.plugins.modules.preflight_info import result
from vipd.linux.vrrp_socket import Outlet, datagram, vrrp_socket
from vipd.wire.errors import WireError
from vipd.wire.vrrp import GROUP, Advert, Checksum, decode

from tests.netns.namespace import Namespace, ip
from tests.netns.segment import Segment

VIPS = (ip_interface("10.0.0.100/24"), ip_interface("2001:db8::100/64"))
HOST_A, HOST_B = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
LISTEN_S = 1.0
SEND_EVERY_S = 0.2


@pytest.fixture
def segment(tmp_path: Path) -> Iterator[Segment]:
    """``a`` and ``b`` shall become a pair; ``c`` is somebody else."""
    with Segment(tmp_path, "a", "b", "c", ipv6=True) as three_hosts:
        yield three_hosts


def asked(host: Namespace, *hosts: str, listen_s: float = LISTEN_S, **of_router: Any) -> dict[str, Any]:
    """What the module returns on ``host``; nft is asked, other programs are not there."""

    def run(program: str, *arguments: str) -> tuple[int, str] | None:
        if program != "nft":
            return None
        return 0, ip("netns", f"exec {host.name} nft {' '.join(arguments)}")

    pair = Pair(
        (Router("eth0", of_router.pop("vrid", 51), VIPS, **of_router),), frozenset(map(ip_address, hosts)), listen_s
    )
    with host.entered():
        return result(pair, run, host.ip("-json address"), None)


def messages(found: dict[str, Any], severity: str) -> list[str]:
    return [one["message"] for one in found["findings"] if one["severity"] == severity]


@contextmanager
def repeating(deed: Callable[[], object]) -> Iterator[None]:
    """Does it again and again, from before the context until after it."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(SEND_EVERY_S):
            deed()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def advertising(host: Namespace, source: str, *vips: str) -> Iterator[None]:
    """Adverts of VRID 51."""
    advert = Advert(2, 51, 100, 100, tuple(map(IPv4Address, vips)))
    outlet = Outlet(IPv4Address(source), GROUP, 255, Checksum.PSEUDO_HEADER)
    with host.entered():
        sender = vrrp_socket(4, "eth0")
    with closing(sender), repeating(lambda: sender.send(datagram(advert, outlet))):
        yield


@contextmanager
def asking(host: Namespace) -> Iterator[None]:
    """The host calls, as it does while it asks the same."""
    with host.entered():
        ear = VrrpEar(links(host.ip("-json address"))["eth0"], 4, ())
    with closing(ear), repeating(ear.call):
        yield


def test_a_quiet_network_is_free(segment: Segment) -> None:
    assert messages(asked(segment.hosts["a"]), "error") == []


def test_who_has_a_vip_already_is_named(segment: Segment) -> None:
    stranger = segment.hosts["c"]
    for vip in VIPS:
        stranger.ip(f"address add {vip} dev eth0 nodad" if vip.version == 6 else f"address add {vip} dev eth0")
    found = messages(asked(segment.hosts["a"], "10.0.0.2"), "error")
    mac = stranger.mac().hex(":")
    assert found == [f"{vip.ip} is in use on eth0 by {mac}, which is no host of the pair" for vip in VIPS]


def test_a_vip_that_the_pair_has_is_no_mistake(segment: Segment) -> None:
    segment.hosts["b"].ip(f"address add {VIPS[0]} dev eth0")
    assert messages(asked(segment.hosts["a"], "10.0.0.2"), "error") == []


def test_a_vip_that_both_hosts_have_is_a_split_brain(segment: Segment) -> None:
    for label in "ab":
        segment.hosts[label].ip(f"address add {VIPS[0]} dev eth0")
    (found,) = messages(asked(segment.hosts["a"], "10.0.0.2"), "error")
    assert found == f"10.0.0.100 is held here and by {segment.hosts['b'].mac().hex(':')} as well"


def test_a_vrid_that_others_use_is_told_and_a_free_one_proposed(segment: Segment) -> None:
    with advertising(segment.hosts["c"], "10.0.0.3", "10.0.0.200"):
        seen = asked(segment.hosts["a"], "10.0.0.2")
    (found,) = [one for one in seen["findings"] if one["severity"] == "error"]
    assert found["message"] == "VRID 51 is in use on eth0 by 10.0.0.3, for 10.0.0.200"
    assert "52, 53, 54 were not heard" in found["remedy"]
    assert seen["adverts"] == [
        {
            "interface": "eth0",
            "source": "10.0.0.3",
            "virtual_router_id": 51,
            "priority": 100,
            "addresses": ["10.0.0.200"],
        }
    ]


def test_a_pair_that_runs_already_uses_its_own_vrid(segment: Segment) -> None:
    with advertising(segment.hosts["b"], "10.0.0.2", "10.0.0.100"):
        seen = asked(segment.hosts["a"], "10.0.0.2")
    assert messages(seen, "error") == []
    assert messages(seen, "warning") == []  # its adverts prove that protocol 112 comes in


class TestHearing:
    def both(self, segment: Segment) -> dict[str, Any]:
        """What ``a`` finds while ``b`` asks the same."""
        with asking(segment.hosts["b"]):
            return asked(segment.hosts["a"], "10.0.0.2")

    def test_hosts_that_ask_at_the_same_time_hear_each_other(self, segment: Segment) -> None:
        seen = self.both(segment)
        assert seen["heard_hosts"] == ["10.0.0.2"]
        assert seen["findings"] == []

    def test_a_host_that_is_silent_is_told(self, segment: Segment) -> None:
        seen = asked(segment.hosts["a"], "10.0.0.2")
        assert messages(seen, "warning") == [f"nothing of protocol 112 came from 10.0.0.2 in {LISTEN_S:g} s"]

    def test_a_firewall_that_drops_what_it_does_not_know_is_named(self, segment: Segment) -> None:
        filtered = segment.hosts["a"]
        nft(filtered, "add table inet filter")
        nft(filtered, "add chain inet filter input { type filter hook input priority 0; policy drop; }")
        nft(filtered, "add rule inet filter input tcp dport 22 accept")
        assert messages(self.both(segment), "error") == [
            "the nftables chain inet filter input drops what no rule lets in, VRRP too"
        ]
        nft(filtered, "add rule inet filter input meta l4proto 112 accept")
        assert self.both(segment)["findings"] == []


def nft(host: Namespace, command: str) -> None:
    assert host.start("nft", command).wait(timeout=10) == 0


def test_an_interface_that_is_missing_or_down_is_told_and_not_waited_for(segment: Segment) -> None:
    host = segment.hosts["a"]
    host.ip("link set eth0 down")
    assert messages(asked(host), "error") == ["eth0 is down, or has no carrier"]


def test_the_call_is_no_advert() -> None:
    """An election is not disturbed: whoever hears the call discards it."""
    with pytest.raises(WireError):
        decode(CALL, HOST_A, HOST_B)
