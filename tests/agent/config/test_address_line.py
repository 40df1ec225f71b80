# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of virtual_ipaddress and its like: what each option means, what keepalived reads over, what is wrong."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from vipd.config.network import VirtualAddress
from vipd.config.parse import parse
from vipd.config.render import render

V4, V6 = ip_address("10.0.0.3"), ip_address("2001:db8::3")


def read(line: str, block: str = "static_ipaddress") -> tuple[tuple[VirtualAddress, ...], list[str]]:
    parsed = parse(f"{block} {{\n{line}\n}}", file="f")
    return parsed.config.static_ipaddress, [str(found) for found in parsed.diagnostics]


@pytest.mark.parametrize(
    ("line", "address", "written"),
    [
        ("2001:db8::3", VirtualAddress(V6, 128), "2001:db8::3/128"),
        ("2001:0db8::0:3/64", VirtualAddress(V6, 64), "2001:db8::3/64"),
        ("10.0.0.3 peer 10.9.0.1", VirtualAddress(V4, peer="10.9.0.1"), None),
        ("10.0.0.3 peer 10.9.0.1/24", VirtualAddress(V4, peer="10.9.0.1/24"), None),
        ("10.0.0.3/32 preferred_lft forever", VirtualAddress(V4, preferred_lft_s=2**32 - 1), None),
        ("10.0.0.3/32 preferred_lft 0 track_group g", VirtualAddress(V4, preferred_lft_s=0, track_group="g"), None),
        (
            "2001:db8::3/64 autojoin -nodad home no_track noprefixroute mngtmpaddr",
            VirtualAddress(
                V6, 64, home=True, dad=True, mngtmpaddr=True, noprefixroute=True, autojoin=True, no_track=True
            ),
            "2001:db8::3/64 home -nodad mngtmpaddr noprefixroute autojoin no_track",
        ),
    ],
)
def test_what_an_address_means(line: str, address: VirtualAddress, written: str | None) -> None:
    assert read(line) == ((address,), [])
    assert f"    {written or line}\n" in render(parse(f"static_ipaddress {{\n{line}\n}}").config)


@pytest.mark.parametrize(
    ("line", "ignored", "address"),
    [
        (
            "10.0.0.3/24 peer 10.9.0.1",
            "the prefix length of '10.0.0.3/24' is ignored: the peer says what the address reaches",
            VirtualAddress(V4, peer="10.9.0.1"),
        ),
        (
            "10.0.0.3 peer 10.9.0.1 brd 10.0.0.255",
            "brd of '10.0.0.3' is ignored: a peer has none",
            VirtualAddress(V4, peer="10.9.0.1"),
        ),
        (
            "2001:db8::3 scope link",
            "scope of '2001:db8::3' is ignored: IPv6 addresses have none of their own",
            VirtualAddress(V6, 128),
        ),
        (
            "2001:db8::3 label eth0:1",
            "label of '2001:db8::3' is ignored: IPv6 addresses have none of their own",
            VirtualAddress(V6, 128),
        ),
    ],
)
def test_what_keepalived_reads_over_is_named_and_not_kept(line: str, ignored: str, address: VirtualAddress) -> None:
    found, (said,) = read(line)
    assert found == (address,)
    assert said.startswith(f"f:2:1: warning: {ignored}; remove ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2001:db8::3 brd +", "option brd is for IPv4 addresses, found 2001:db8::3"),
        ("2001:db8::3/129", "the prefix length of '2001:db8::3/129' is not a number from 1 to 128"),
        ("10.0.0.3 preferred_lft x", "preferred_lft is 'x', expected a number from 0 to 4294967294, or forever"),
        ("10.0.0.3 peer x", "'x' is not an IP address"),
    ],
)
def test_what_is_said_of_a_bad_address(line: str, said: str) -> None:
    assert read(line) == ((), [f"f:2:1: error: static_ipaddress: {said}"])


@pytest.mark.parametrize(("block", "option"), [("static_ipaddress", "use_vmac"), ("virtual_ipaddress", "track_group")])
def test_options_of_the_other_kind_of_address_are_unknown(block: str, option: str) -> None:
    text = f"{block} {{\n10.0.0.3 {option}\n}}"
    (said,) = parse(text if block.startswith("static") else f"vrrp_instance A {{ {text} }}").errors
    assert said.message.startswith(f"{block}: option '{option}' is unknown here, expected one of brd, dev, ")
