# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Weights, rise and fall: keepalived.conf(5) as a table."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Optional

import pytest
from vipd.config.model import (
    Command,
    GlobalDefs,
    TrackFile,
    TrackInterface,
    TrackProcess,
    Tracks,
    TrackScript,
    UnicastPeer,
    VrrpInstance,
    VrrpScript,
    VrrpSyncGroup,
    VrrpTrackFile,
    VrrpTrackProcess,
)
from vipd.core.events import LinkChanged
from vipd.core.results import FileResult, ProcessResult, Results, ScriptResult
from vipd.core.settings import resolve
from vipd.core.tracking import Adjustment, Health, effective_priority, weigh

SCRIPT = VrrpScript("chk", Command(("/bin/true",)))
INSTANCE = VrrpInstance("VI_1", "eth0", 51, priority=100)
ETH0 = LinkChanged("eth0", True, IPv4Address("10.0.0.5"))


def look(
    instance: VrrpInstance,
    links: dict[str, LinkChanged],
    *known: ScriptResult | ProcessResult | FileResult,
    group: VrrpSyncGroup | None = None,
    running: bool = False,
) -> Health:
    """Weigh what the instance tracks; ``known`` are the results of everything named in it."""
    results = Results()
    for result in known:
        if isinstance(result, ScriptResult):
            results.scripts[result.config.name] = result
        elif isinstance(result, ProcessResult):
            results.processes[result.config.name] = result
        else:
            results.files[result.config.name] = result
    return weigh(resolve(instance, GlobalDefs(), group), links, results, running)


@pytest.mark.parametrize(
    ("weight", "reverse", "up", "priority", "fault", "undecided"),
    [
        (0, False, True, 100, False, False),
        (0, False, False, 100, True, False),
        (0, False, None, 100, False, True),
        (0, True, True, 100, True, False),
        (0, True, False, 100, False, False),
        (20, False, True, 120, False, False),
        (20, False, False, 100, False, False),
        (20, False, None, 100, False, False),
        (20, True, True, 80, False, False),
        (-20, False, True, 100, False, False),
        (-20, False, False, 80, False, False),
        (-20, False, None, 100, False, False),
        (-20, True, False, 120, False, False),
        (-200, False, False, 1, False, False),
        (200, False, True, 254, False, False),
    ],
)
def test_script_weight(  # noqa: PLR0917  one argument a column
    weight: int, reverse: bool, up: Optional[bool], priority: int, fault: bool, undecided: bool
) -> None:
    result = ScriptResult(SCRIPT)
    result.up = up
    instance = replace(INSTANCE, tracks=Tracks(scripts=(TrackScript("chk", weight, reverse),)))
    health = look(instance, {"eth0": ETH0}, result)
    assert (health.priority, bool(health.faults), bool(health.undecided)) == (priority, fault, undecided)


def test_without_a_weight_of_its_own_a_tracked_script_has_the_scripts() -> None:
    result = ScriptResult(replace(SCRIPT, weight=30))
    result.up = True
    instance = replace(INSTANCE, tracks=Tracks(scripts=(TrackScript("chk"),)))
    assert look(instance, {"eth0": ETH0}, result).priority == 130


@pytest.mark.parametrize(
    ("weight", "up", "priority", "fault"), [(0, False, 100, True), (10, True, 110, False), (-10, False, 90, False)]
)
def test_interface_weight(weight: int, up: bool, priority: int, fault: bool) -> None:
    instance = replace(INSTANCE, tracks=Tracks(interfaces=(TrackInterface("eth1", weight),)))
    health = look(instance, {"eth0": ETH0, "eth1": LinkChanged("eth1", up, None)})
    assert (health.priority, bool(health.faults)) == (priority, fault)


def test_the_owner_is_never_adjusted() -> None:
    assert effective_priority(255, [Adjustment(-100, "anything")]) == 255


def test_a_primary_interface_that_is_not_tracked_may_be_down_but_needs_its_address() -> None:
    instance = replace(INSTANCE, dont_track_primary=True)
    assert not look(instance, {"eth0": replace(ETH0, up=False)}).faults
    assert look(instance, {"eth0": replace(ETH0, address=None)}).faults == ("interface eth0 has no IPv4 address",)


@pytest.mark.parametrize(
    ("init_fail", "rise", "fall", "runs", "standing"),
    [
        (False, 3, 3, "+", "U"),  # the first run decides at once
        (False, 3, 3, "-", "D"),
        (False, 1, 1, "+-+", "UDU"),
        (False, 2, 3, "+--+--- +-++", "UUUUUUD DDDU"),
        (True, 2, 1, "+-++", "DDDU"),
    ],
)
def test_rise_and_fall(init_fail: bool, rise: int, fall: int, runs: str, standing: str) -> None:
    result = ScriptResult(replace(SCRIPT, init_fail=init_fail, rise=rise, fall=fall))
    seen = []
    for run in runs.replace(" ", ""):
        result.finished(run == "+", "")
        seen.append("U" if result.up else "D")
    assert "".join(seen) == standing.replace(" ", "")


def counted(number: Optional[int], **fields: Any) -> ProcessResult:
    result = ProcessResult(VrrpTrackProcess("nginx", ("nginx",), **fields))
    result.count = number
    return result


@pytest.mark.parametrize(
    ("count", "quorum", "quorum_max", "up"),
    [
        (None, 1, None, None),
        (0, 1, None, False),
        (1, 1, None, True),
        (9, 1, None, True),
        (2, 2, 3, True),
        (3, 2, 3, True),
        (4, 2, 3, False),
        (1, 2, 3, False),
        (1, 0, 0, False),
        (0, 0, 0, True),
    ],
)
def test_a_quorum_of_processes(
    count: Optional[int], quorum: int, quorum_max: Optional[int], up: Optional[bool]
) -> None:
    result = ProcessResult(VrrpTrackProcess("nginx", ("nginx",), quorum=quorum, quorum_max=quorum_max))
    result.count = count
    assert result.up is up


@pytest.mark.parametrize(
    ("count", "weight", "priority", "fault", "undecided"),
    [
        (None, 0, 100, False, True),
        (0, 0, 100, True, False),
        (1, 0, 100, False, False),
        (None, 30, 100, False, False),
        (1, 30, 130, False, False),
        (0, 30, 100, False, False),
        (1, -30, 100, False, False),
        (0, -30, 70, False, False),
    ],
)
def test_process_weight(count: Optional[int], weight: int, priority: int, fault: bool, undecided: bool) -> None:
    instance = replace(INSTANCE, tracks=Tracks(processes=(TrackProcess("nginx"),)))
    health = look(instance, {"eth0": ETH0}, counted(count, weight=weight))
    assert (health.priority, bool(health.faults), bool(health.undecided)) == (priority, fault, undecided)


@pytest.mark.parametrize(
    ("value", "weight", "reverse", "priority", "fault"),
    [
        (5, 1, False, 105, False),
        (5, 2, False, 110, False),
        (5, 2, True, 90, False),
        (-5, 2, False, 90, False),
        (5, -2, False, 90, False),
        (0, 0, False, 100, False),
        (1, 0, False, 100, True),
        (-1, 0, True, 100, True),
        (-253, 1, False, 1, False),
        (-254, 1, False, 1, True),
        (-127, 2, False, 1, True),
        (1000, 1, False, 254, False),
    ],
)
def test_file_weight(value: int, weight: int, reverse: bool, priority: int, fault: bool) -> None:
    result = FileResult(VrrpTrackFile("drain", "/run/drain", weight, reverse))
    result.value = value
    instance = replace(INSTANCE, tracks=Tracks(files=(TrackFile("drain"),)))
    health = look(instance, {"eth0": ETH0}, result)
    assert (health.priority, bool(health.faults)) == (priority, fault)


def test_a_file_adds_253_at_most() -> None:
    result = FileResult(VrrpTrackFile("drain", "/run/drain"))
    result.value = 1000
    low = replace(INSTANCE, priority=1, tracks=Tracks(files=(TrackFile("drain"),)))
    assert look(low, {"eth0": ETH0}, result).adjustments == (Adjustment(253, "file drain says 1000"),)


@pytest.mark.parametrize(("weight", "undecided"), [(0, True), (1, False)])
def test_a_file_that_was_not_read_decides_nothing(weight: int, undecided: bool) -> None:
    instance = replace(INSTANCE, tracks=Tracks(files=(TrackFile("drain", weight),)))
    health = look(instance, {"eth0": ETH0}, FileResult(VrrpTrackFile("drain", "/run/drain")))
    assert (bool(health.undecided), health.priority, health.faults) == (undecided, 100, ())


def failed(weight: int) -> ScriptResult:
    result = ScriptResult(replace(SCRIPT, weight=weight))
    result.up = False
    return result


@pytest.mark.parametrize(
    ("own_weights", "tracks", "priority", "faults"),
    [
        (False, Tracks(scripts=(TrackScript("chk"),)), 100, 0),
        (True, Tracks(scripts=(TrackScript("chk"),)), 70, 0),
        (False, Tracks(scripts=(TrackScript("chk", 0),)), 100, 1),
        (False, Tracks(interfaces=(TrackInterface("eth1", -30),)), 100, 1),
        (True, Tracks(interfaces=(TrackInterface("eth1", -30),)), 70, 0),
        (False, Tracks(processes=(TrackProcess("nginx", -30),)), 100, 0),
        (True, Tracks(processes=(TrackProcess("nginx", -30),)), 70, 0),
        (False, Tracks(files=(TrackFile("drain"),)), 100, 1),
        (True, Tracks(files=(TrackFile("drain"),)), 105, 0),
        (False, Tracks(files=(TrackFile("drain", 2),)), 100, 0),
    ],
)
def test_weights_of_members_count_when_the_group_says_so(
    own_weights: bool, tracks: Tracks, priority: int, faults: int
) -> None:
    file = FileResult(VrrpTrackFile("drain", "/run/drain"))
    file.value = 5
    group = VrrpSyncGroup("G", ("VI_1",), sync_group_tracking_weight=own_weights)
    health = look(replace(INSTANCE, tracks=tracks), {"eth0": ETH0}, failed(-30), counted(0), file, group=group)
    assert (health.priority, len(health.faults)) == (priority, faults)


def test_what_a_group_tracks_counts_for_its_members() -> None:
    group = VrrpSyncGroup("G", ("VI_1",), tracks=Tracks(scripts=(TrackScript("chk"),)))
    assert look(INSTANCE, {"eth0": ETH0}, failed(-30), group=group).priority == 70
    assert look(INSTANCE, {"eth0": ETH0}, failed(0), group=group).faults


SOURCE = ip_address("10.0.0.9")


@pytest.mark.parametrize(
    ("fields", "addresses", "running", "fault"),
    [
        ({"mcast_src_ip": SOURCE}, (SOURCE,), False, False),
        ({"mcast_src_ip": SOURCE}, (), False, True),
        ({"mcast_src_ip": SOURCE}, (), True, False),
        ({"mcast_src_ip": SOURCE, "track_src_ip": True}, (), True, True),
        ({"mcast_src_ip": ip_address("10.0.0.5"), "track_src_ip": True}, (), True, False),
        ({"unicast_src_ip": SOURCE, "unicast_peer": (UnicastPeer(ip_address("10.0.0.6")),)}, (), False, True),
        ({"unicast_src_ip": SOURCE}, (SOURCE,), False, True),
        ({"unicast_fault_no_peer": True}, (), False, True),
    ],
)
def test_the_source_must_be_there(
    fields: dict[str, Any], addresses: tuple[Any, ...], running: bool, fault: bool
) -> None:
    link = replace(ETH0, addresses=frozenset(addresses))
    health = look(replace(INSTANCE, **fields), {"eth0": link}, running=running)
    assert bool(health.faults) is fault


def test_unicast_needs_no_interface_when_it_names_its_source() -> None:
    peers = (UnicastPeer(ip_address("10.0.0.6")),)
    instance = replace(INSTANCE, interface="", unicast_src_ip=SOURCE, unicast_peer=peers)
    assert look(instance, {}).address == SOURCE
    assert not look(instance, {}).faults
    assert look(replace(instance, track_src_ip=True), {"eth0": ETH0}).faults
    there = {"eth0": replace(ETH0, addresses=frozenset({SOURCE}))}
    assert not look(replace(instance, track_src_ip=True), there).faults


def test_ipv6_speaks_from_the_link_local_address() -> None:
    instance = replace(INSTANCE, native_ipv6=True)
    link_local = IPv6Address("fe80::5")
    assert look(instance, {"eth0": ETH0}).faults == ("interface eth0 has no IPv6 link-local address",)
    assert look(instance, {"eth0": replace(ETH0, link_local=link_local)}).address == link_local
