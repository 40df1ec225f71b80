# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RFC 9568 section 7: what must be verified before an advert counts, with its errata, and how one is made.

Every receive test hears a priority of 150, which would reset the timer of a backup of priority 100.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from vipd.core.events import AdvertReceived, LinkChanged
from vipd.linux.vmac import Vmac, ipv6_settings
from vipd.wire.address import Address
from vipd.wire.vrrp import Advert, Reason, decode, encode

from tests.agent.core.conversation import heard
from tests.agent.rfc.version3 import (
    ADVERT,
    ENDS,
    ENDS6,
    FAMILIES,
    MESSAGE,
    MESSAGE6,
    Node3,
    master3,
    reason_to_refuse,
    with_octet,
)

RUNNING = 1.609375  # what the timer has left when nothing counts


def waiting(family: int = 4, *lines: str) -> Node3:
    backup = Node3(*lines, family=family)
    backup.does("wait 2")
    return backup


@FAMILIES
def test_7_1_an_advert_in_order_counts(family: int) -> None:
    """What passes every check is processed; all refusals below differ from this advert in one thing."""
    node = waiting(family)
    assert node.hears(150) == []
    assert (node.master_down_timer, node.counted) == (3.609375, {})


@FAMILIES
@pytest.mark.parametrize("ttl", [0, 1, 64, 254])
def test_7_1_the_ttl_or_hop_limit_must_be_255(family: int, ttl: int) -> None:
    """An advert whose TTL or hop limit is not 255 was forwarded, and must be discarded."""
    node = waiting(family)
    node.hears(150, f"ttl={ttl}")
    assert (node.master_down_timer, node.counted) == (RUNNING, {"ttl_not_255": 1})


def test_7_1_the_version_must_be_3() -> None:
    """Version 2 must be discarded; there is no silent change to it."""
    node = waiting()
    node.does("hear 10.0.0.6 150 version=2")
    assert (node.master_down_timer, node.counted) == (RUNNING, {"version_mismatch": 1})


@pytest.mark.parametrize("version", [0, 1, 4, 15])
def test_7_1_an_unknown_version_is_discarded(version: int) -> None:
    """A version that nothing here speaks must be discarded."""
    assert reason_to_refuse(bytes([version << 4 | 1]) + MESSAGE[1:]) is Reason.BAD_VERSION


def test_7_1_over_ipv6_version_2_does_not_exist() -> None:
    """IPv6 has no version before 3."""
    assert reason_to_refuse(bytes([0x21]) + MESSAGE6[1:], ENDS6) is Reason.BAD_VERSION


@pytest.mark.parametrize("length", range(len(MESSAGE)))
def test_7_1_the_packet_must_be_complete(length: int) -> None:
    """Fixed fields and every counted address must be there."""
    assert reason_to_refuse(MESSAGE[:length]) in (Reason.TRUNCATED, Reason.BAD_LENGTH)


@pytest.mark.parametrize("bit", range(8 * len(MESSAGE6)))
def test_7_1_the_checksum_must_be_right(bit: int) -> None:
    """One wrong bit anywhere in the message must make it be discarded."""
    changed = (int.from_bytes(MESSAGE6, "big") ^ (1 << bit)).to_bytes(len(MESSAGE6), "big")
    reason_to_refuse(changed, ENDS6)


@pytest.mark.parametrize(("message", "ends"), [(MESSAGE, ENDS), (MESSAGE6, ENDS6)], ids=["IPv4", "IPv6"])
def test_7_1_a_checksum_of_zero_is_wrong(message: bytes, ends: tuple[Address, Address]) -> None:
    """Zero does not mean unverified."""
    assert reason_to_refuse(message[:6] + bytes(2) + message[8:], ends) is Reason.BAD_CHECKSUM


def test_7_1_over_ipv6_the_message_alone_is_wrong() -> None:
    """Over IPv6 the pseudo-header is part of the sum."""
    other = IPv6Address("fe80::7")
    assert reason_to_refuse(encode(ADVERT6_FROM_6, *ENDS6), (other, ENDS6[1])) is Reason.BAD_CHECKSUM


ADVERT6_FROM_6 = Advert(3, 51, 150, 100, (IPv6Address("fe80::3"),))


@FAMILIES
def test_7_1_the_vrid_must_be_configured(family: int) -> None:
    """An advert of a VRID that is not configured here must be discarded."""
    node = waiting(family)
    node.hears(150, "vrid=52")
    assert node.master_down_timer == RUNNING
    assert node.router.rejected == {("eth0", "unknown_vrid"): 1}


@FAMILIES
def test_7_1_the_vrid_must_be_configured_on_the_receiving_interface(family: int) -> None:
    """The same VRID on another interface is another virtual router (erratum 8298)."""
    node, source = waiting(family), "10.0.1.6" if family == 4 else "fe80::6"
    node.router.handle(LinkChanged("eth1", True, IPv4Address("10.0.1.5"), IPv6Address("fe80::5")), node.now)
    node.router.handle(AdvertReceived("eth1", heard(source, 150, {"version": "3"})), node.now)
    assert node.master_down_timer == RUNNING
    assert node.router.rejected == {("eth1", "unknown_vrid"): 1}


def test_7_1_the_families_are_two_virtual_routers() -> None:
    """A VRID over IPv6 is not that VRID over IPv4."""
    node = waiting()
    node.does("hear fe80::6 150")
    assert node.master_down_timer == RUNNING


def test_7_1_an_owner_processes_adverts() -> None:
    """A router that owns the addresses and hears another master says so and goes on (erratum 8298)."""
    node = master3(priority=255)
    assert node.hears(150)[0].startswith("send advert vrid 51 priority 255")
    assert node.state == "MASTER"


@FAMILIES
@pytest.mark.parametrize("interval", ["0.01", "0.3", "40.95"])
def test_7_1_another_interval_is_logged_and_never_discarded(family: int, interval: str) -> None:
    """Another interval than ours should be logged, and the advert must be processed."""
    node = waiting(family)
    assert any("interval_differs" in line for line in node.hears(150, f"interval={interval}"))
    assert node.counted == {"interval_differs": 1}
    assert node.master_down_timer != RUNNING


def test_7_1_an_interval_of_0_is_discarded() -> None:
    """Max Adver Int must not be 0: every backup would take over at once (erratum 8301)."""
    assert reason_to_refuse(with_octet(5, 0)) is Reason.BAD_INTERVAL


@FAMILIES
def test_7_1_another_address_list_is_logged_and_not_discarded(family: int) -> None:
    """Another list of addresses should be logged, and the advert must be processed."""
    node, vips = waiting(family), "10.0.0.9" if family == 4 else "fe80::9"
    assert any("address_list_mismatch" in line for line in node.hears(150, f"vips={vips}"))
    assert node.master_down_timer == 3.609375


def test_7_1_a_first_address_that_is_not_link_local_is_logged() -> None:
    """Over IPv6 the first address must be link-local (erratum 8300)."""
    node = Node3(family=6, vips=["fe80::3/64", "2001:db8::3/64"])
    node.does("wait 2")
    said = node.hears(150, "vips=2001:db8::3,fe80::3")
    assert any("first_address_not_link_local" in line for line in said)


@FAMILIES
@pytest.mark.parametrize("refused", ["ttl=1", "vrid=9", "to=10.0.0.5"])
def test_7_1_a_refused_goodbye_starts_no_election(family: int, refused: str) -> None:
    """The checks come before the state machine, for priority 0 as well."""
    node = waiting(family)
    node.hears(0, refused.replace("10.0.0.5", "fe80::5") if family == 6 else refused)
    assert node.master_down_timer == RUNNING


@FAMILIES
def test_7_1_an_advert_to_another_destination_is_discarded(family: int) -> None:
    """Adverts are sent to the group: what comes to another destination is none."""
    node = waiting(family)
    node.hears(150, "to=224.0.0.1" if family == 4 else "to=ff02::1")
    assert (node.master_down_timer, node.counted) == (RUNNING, {"wrong_destination": 1})


@FAMILIES
def test_7_1_our_own_advert_is_discarded(family: int) -> None:
    """An advert from our own address is an echo, never a second master."""
    node = master3(family=family)
    own = "10.0.0.5" if family == 4 else "fe80::5"
    assert adverts_of(node.hears(255, "", own)) == []
    assert node.state == "MASTER"


def adverts_of(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("send advert")]


@pytest.mark.parametrize("ttl", [64, 1, 255])
def test_7_1_a_unicast_peer_may_be_behind_routers(ttl: int) -> None:
    """Beyond the RFC: adverts between configured peers count with any TTL, unless it is bounded."""
    node = waiting(6, "unicast_src_ip fe80::5", "unicast_peer {\n fe80::6\n }")
    node.hears(150, f"to=fe80::5 ttl={ttl}")
    assert (node.master_down_timer, node.counted) == (3.609375, {})


def test_7_2_a_packet_is_made_of_the_virtual_router_s_configuration() -> None:
    """The fields come from the configuration and decode to the same."""
    assert decode(MESSAGE, *ENDS)[0] == ADVERT


def test_7_2_the_source_is_an_address_of_the_interface() -> None:
    """IPv4: the primary address; IPv6: the link-local address; never one of the virtual router's."""
    sources = {line.split(" from ")[1].split(",")[0] for family in (4, 6) for line in sent(family)}
    assert sources == {"10.0.0.5", "fe80::5"}


def sent(family: int) -> list[str]:
    return adverts_of(master3(family=family).does("wait 1"))


def test_7_4_no_interface_identifier_comes_of_the_virtual_mac() -> None:
    """Interface identifiers are made in the normal manner, never of the virtual router's MAC."""
    settings = ipv6_settings(Vmac("vrrp6.52", "eth0", bytes.fromhex("00005e000234"), ipv4=False, ipv6=True))
    names = [setting.name for setting in settings]
    assert names.index("addr_gen_mode") < names.index("disable_ipv6"), "or the kernel has made one already"
    values = {setting.name: setting.value for setting in settings}
    assert (values["addr_gen_mode"], values["accept_ra"]) == ("1", "0")
