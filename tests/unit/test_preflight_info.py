# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node's programs and files say, judged. The wire itself is asked in ``tests/netns/test_preflight.py``."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_interface
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.lbha.pair.plugins.module_utils.preflight import (
    clocks,
    clouds,
    firewall,
    interfaces,
    keepers,
    strangers,
)
from ansible_collections.lbha.pair.plugins.module_utils.preflight.finding import Router, Run
from ansible_collections.lbha.pair.plugins.modules.preflight_info import result

LISTING = json.dumps(
    [
        {"ifname": "lo", "ifindex": 1, "flags": ["UP", "LOWER_UP"], "address": "00:00:00:00:00:00", "addr_info": []},
        {
            "ifname": "eth0",
            "ifindex": 2,
            "flags": ["UP", "LOWER_UP"],
            "address": "02:00:00:00:00:05",
            "addr_info": [{"local": "10.0.0.5", "prefixlen": 24}, {"local": "fe80::5", "prefixlen": 64}],
        },
        {"ifname": "eth1", "ifindex": 3, "flags": ["NO-CARRIER", "UP"], "address": "02:00:00:00:01:05"},
    ]
)


def saying(answers: dict[str, str]) -> Run:
    """Programs that answer; a command that is not listed fails, a program that is never listed is not there."""

    def run(program: str, *arguments: str) -> tuple[int, str] | None:
        command = " ".join((program, *arguments))
        if command in answers:
            return 0, answers[command]
        return (1, "") if any(known.split()[0] == program for known in answers) else None

    return run


def router(*addresses: str, interface: str = "eth0", peers: tuple[str, ...] = ()) -> Router:
    return Router(interface, 51, tuple(map(ip_interface, addresses)), tuple(map(ip_address, peers)))


class TestInterfaces:
    @pytest.mark.parametrize(
        ("of", "expected"),
        [
            (router("10.0.0.3/24"), ""),
            (router("10.9.9.9/32"), ""),
            (router("2001:db8::3/64"), ""),  # the interface has no address of the family to compare with
            (router("10.0.0.3/24", interface="eth7"), "there is no interface eth7"),
            (router("10.0.0.3/24", interface="eth1"), "eth1 is down, or has no carrier"),
            (router("10.0.1.3/24"), "10.0.1.3/24 is not in a network of eth0, which has 10.0.0.0/24"),
            (router("10.0.0.3/16"), "has another prefix length than eth0, which has /24"),
        ],
        ids=str,
    )
    def test_a_vip_wants_an_interface_that_is_up_and_of_its_network(self, of: Router, expected: str) -> None:
        found = [one.message for one in interfaces.judge(interfaces.links(LISTING), [of])]
        assert len(found) == bool(expected)
        assert expected in "".join(found)

    def test_a_vip_that_is_there_already_is_no_network_of_its_own(self) -> None:
        listing = json.loads(LISTING)
        listing[1]["addr_info"].append({"local": "10.0.1.3", "prefixlen": 24})
        found = interfaces.judge(interfaces.links(json.dumps(listing)), [router("10.0.1.3/24")])
        assert "not in a network" in next(iter(found)).message

    def test_an_interface_without_a_mac_is_not_asked_by_arp(self) -> None:
        assert interfaces.links(LISTING)["lo"].mac == b""


def nft(*rules: list[dict[str, Any]], policy: str = "accept") -> str:
    place = {"family": "inet", "table": "filter"}
    chain = {"chain": {**place, "name": "input", "hook": "input", "policy": policy}}
    return json.dumps({"nftables": [chain, *({"rule": {**place, "chain": "input", "expr": expr}} for expr in rules)]})


def match(right: Any) -> dict[str, Any]:
    return {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": right}}


ZONE = {"firewall-cmd --state": "running", "firewall-cmd --get-zone-of-interface=eth0": "dmz\n"}
LIST = "firewall-cmd --zone=dmz --list-all"
NFT = "nft --json list ruleset"
UFW = {"ufw status": "Status: active\n"}
ACCEPT: dict[str, Any] = {"accept": None}
DROP: dict[str, Any] = {"drop": None}


class TestFirewalls:
    @pytest.mark.parametrize(
        ("answers", "ufw_rules", "expected"),
        [
            ({}, "", ""),
            ({**ZONE, LIST: "  protocols: vrrp\n"}, "", ""),
            ({**ZONE, LIST: "  target: ACCEPT\n"}, "", ""),
            ({**ZONE, LIST: '  rich rules:\n  rule protocol value="vrrp" accept\n'}, "", ""),
            ({**ZONE, LIST: "  protocols: \n", NFT: nft(policy="drop")}, "", "firewalld's zone dmz, which has eth0"),
            ({**UFW, NFT: nft(policy="drop")}, "ENABLED=yes\n-A ufw-before-input -p vrrp -j ACCEPT", ""),
            (UFW, "ENABLED=yes\n-A ufw-before-output -p vrrp -j ACCEPT", "ufw is active and lets no VRRP in"),
            (UFW, "# may be\n# ENABLED=yes\nENABLED=no\n", ""),
            ({NFT: nft()}, "", ""),
            ({NFT: nft(policy="drop")}, "", "inet filter input drops"),
            ({NFT: nft([match("tcp"), ACCEPT], [{"counter": {}}, DROP])}, "", "inet filter input drops"),
            ({NFT: nft([match("tcp"), DROP])}, "", ""),
            ({NFT: nft([match("vrrp"), ACCEPT], policy="drop")}, "", ""),
            ({NFT: nft([match({"set": ["icmp", 112]}), ACCEPT], policy="drop")}, "", ""),
            ({NFT: nft([match(112), DROP], policy="drop")}, "", "inet filter input drops"),
        ],
        ids=str,
    )
    def test_one_that_lets_no_vrrp_in_is_named(self, answers: dict[str, str], ufw_rules: str, expected: str) -> None:
        found = firewall.judge(saying(answers), "eth0", ufw_rules)
        assert len(found) == bool(expected), found
        assert expected in "".join(one.message for one in found)
        assert all(one.remedy for one in found)


class TestKeepers:
    def networkd(self, root: Path, network: str, drop_in: str = "") -> list[str]:
        (root / "run/systemd/netif/links").mkdir(parents=True)
        (root / "run/systemd/netif/links/2").write_text("NETWORK_FILE=/etc/systemd/network/lan.network\n")
        directory = root / "etc/systemd/network"
        (directory / "lan.network.d").mkdir(parents=True)
        (directory / "lan.network").write_text(network)
        if drop_in:
            (directory / "lan.network.d" / "vip.conf").write_text(drop_in)
        return [one.message for one in keepers.judge(saying({}), "eth0", 2, str(root))]

    def test_networkd_that_drops_addresses_is_told(self, tmp_path: Path) -> None:
        (found,) = self.networkd(tmp_path, "[Network]\nDHCP=yes\nAddress=10.0.0.5/24\nAddress=10.0.0.6/24\n")
        assert "systemd-networkd manages eth0 (/etc/systemd/network/lan.network)" in found

    def test_networkd_that_keeps_them_is_well(self, tmp_path: Path) -> None:
        assert self.networkd(tmp_path, "[Network]\nKeepConfiguration=static\n") == []

    def test_so_it_is_when_a_drop_in_says_it(self, tmp_path: Path) -> None:
        assert self.networkd(tmp_path, "[Network]\nDHCP=yes\n", "[Network]\nKeepConfiguration=yes\n") == []

    def test_network_manager_is_mentioned_where_it_manages_the_interface(self, tmp_path: Path) -> None:
        command = "nmcli --terse --fields DEVICE,STATE device"
        for state, count in (("connected", 1), ("unmanaged", 0)):
            said = saying({command: f"eth0:{state}\nlo:unmanaged\n"})
            assert len(list(keepers.judge(said, "eth0", 2, str(tmp_path)))) == count


class TestClouds:
    def found(self, directory: Path, vendor: str, *peers: str) -> list[str]:
        (directory / "sys_vendor").write_text(f"{vendor}\n")
        return [one.message for one in clouds.judge([router("10.0.0.3/24", peers=peers)], str(directory))]

    def test_a_machine_of_ones_own_is_no_cloud(self, tmp_path: Path) -> None:
        assert self.found(tmp_path, "Dell Inc.") == []

    def test_a_cloud_without_multicast_wants_unicast(self, tmp_path: Path) -> None:
        multicast, moves = self.found(tmp_path, "Amazon EC2")
        assert "drops multicast" in multicast
        assert "does not follow gratuitous ARP" in moves
        assert self.found(tmp_path, "Amazon EC2", "10.0.0.6") == [moves]

    def test_where_the_firmware_says_nothing_nothing_is_said(self, tmp_path: Path) -> None:
        assert list(clouds.judge([router("10.0.0.3/24")], str(tmp_path / "absent"))) == []


def test_clocks_that_are_apart_or_free_running_are_told() -> None:
    command = "timedatectl show --property=NTPSynchronized --value"
    assert list(clocks.judge(saying({command: "yes\n"}), 1000.0, 1001.0)) == []
    free, apart = clocks.judge(saying({command: "no\n"}), 1000.0, 1060.0)
    assert free.message == "the clock is not synchronised"
    assert apart.message == "the clock is -60 s off the controller's"
    assert list(clocks.judge(saying({}), 1000.0, None)) == []


def test_every_question_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that everything is wrong with; its interface has no carrier, so that nothing is sent."""
    monkeypatch.setattr(clouds, "_read", lambda _directory, _name: "Amazon EC2")
    monkeypatch.setattr(keepers, "_network_file", lambda _state: "etc/systemd/network/none.network")
    said = saying(
        {
            "firewall-cmd --state": "running",
            "firewall-cmd --get-zone-of-interface=eth1": "dmz\n",
            LIST: "  protocols: \n",
            "nmcli --terse --fields DEVICE,STATE device": "eth1:connected\n",
            "timedatectl show --property=NTPSynchronized --value": "no\n",
        }
    )
    pair = strangers.Pair((router("10.0.0.3/24", interface="eth1"),), frozenset({ip_address("10.0.0.6")}), 0.0)
    found = result(pair, said, LISTING, 0.0)
    assert sorted(one["check"] for one in found["findings"]) == [
        *("addresses", "addresses", "clock", "clock", "cloud", "cloud", "firewall", "hearing", "interface")
    ]
    assert [line.partition(":")[0] for line in found["report"]] == [one["severity"] for one in found["findings"]]
