# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of virtual_rules and static_rules: what each means, what is written again, what is said of a bad one."""

from __future__ import annotations

import pytest
from vipd.config.network import Rule
from vipd.config.parse import parse
from vipd.config.render import render


def read(line: str) -> tuple[tuple[Rule, ...], list[str]]:
    parsed = parse(f"static_rules {{\n{line}\n}}", file="f")
    return parsed.config.static_rules, [str(found) for found in parsed.diagnostics]


@pytest.mark.parametrize(
    ("line", "rule", "written"),
    [
        ("from 10.1.0.0/16 table 1", Rule(source="10.1.0.0/16", table="1"), None),
        ("to 10.1.2.3 lookup main", Rule(destination="10.1.2.3/32", table="main"), "to 10.1.2.3/32 table main"),
        ("from all table 1", Rule(table="1"), "table 1"),
        ("iif eth0 table 1 inet6", Rule(6, selectors=(("iif", "eth0"),), table="1"), None),
        (
            "from 2001:db8::/64 goto 40 pref 3",
            Rule(6, "2001:db8::/64", action="goto", goto=40, preference=3),
            "from 2001:db8::/64 goto 40 preference 3",
        ),
        (
            "not from 10.0.0.0/8 blackhole preference 5 no_track",
            Rule(source="10.0.0.0/8", inverted=True, action="blackhole", preference=5, no_track=True),
            None,
        ),
        (
            "dev eth0 sport 53 dport 1-9 ipproto udp l3mdev priority 5",
            Rule(
                selectors=(("iif", "eth0"), ("sport", "53-53"), ("dport", "1-9"), ("ipproto", "udp"), ("l3mdev", "")),
                preference=5,
            ),
            "iif eth0 sport 53-53 dport 1-9 ipproto udp l3mdev preference 5",
        ),
    ],
)
def test_what_a_rule_means(line: str, rule: Rule, written: str | None) -> None:
    assert read(line) == ((rule,), [])
    assert f"    {written or line}\n" in render(parse(f"static_rules {{\n{line}\n}}").config)


def test_the_manual_s_word_is_not_keepalived_s() -> None:
    (rule,), said = read("from 10.0.0.3 ip_proto udp table 1 preference 5")
    assert rule.selectors == (("ipproto", "udp"),)
    assert said == ["f:2:1: warning: keepalived 2.2 knows no ip_proto in a rule; write ipproto"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "from 10.1.0.0/16",
            "a rule has no action, expected table T, goto N, nop, blackhole, prohibit or unreachable",
        ),
        ("from 10.1.0.0/16 table 1 nop", "a rule has one action, found table and nop"),
        ("from 10.1.0.0/16 to 2001:db8::/64 table 1", "a rule has one family, found both"),
        ("to 192.168.100./24 table 1", "'192.168.100./24' is not an IP address"),
        ("from 10.1.2.3/16 table 1", "'10.1.2.3/16' has bits beyond its prefix length; the network is 10.1.0.0/16"),
        ("table 1 preference", "option preference has no value"),
        ("table 1 table 2", "table is given twice"),
    ],
)
def test_what_is_said_of_a_bad_rule(line: str, said: str) -> None:
    assert read(line) == ((), [f"f:2:1: error: static_rules: {said}"])


def test_only_static_rules_have_a_track_group() -> None:
    said = parse("vrrp_instance A { virtual_rules { iif eth0 table 1 track_group g } }").errors
    assert [found.message for found in said] == ["virtual_rules: track_group is for static rules"]
