# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every node's configuration says, for as long as the operator wants it so.

The configurations of one site always agree in what must agree (VRID, version, password; the interval in version 2); VIP
lists, priorities, names and the instances themselves differ for as long as a reload has reached some nodes only.
``drawing.py`` makes a site of a seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vipd.config.model import (
    Command,
    Config,
    GarpSettings,
    GlobalDefs,
    InterfaceDelays,
    Notify,
    Route,
    TrackFile,
    TrackInterface,
    TrackProcess,
    Tracks,
    TrackScript,
    UnicastPeer,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
    VrrpSyncGroup,
    VrrpTrackFile,
    VrrpTrackProcess,
)

from .segment import PRIMARY, TRACKED, Speech

SCRIPT = "chk"
FILE = "load"
PROCESS = "nginx"
GROUP_NAME = "ALL"

OWNER = 255
VRIDS = (51, 52)
NOTIFY = Notify(any=Command(("/usr/local/bin/told",)))


@dataclass
class Weights:
    """Of everything tracked; None is not tracked.

    ``of_group``: the sync group tracks it, not each instance. ``of_first``: what is tracked without a weight is tracked
    by the first instance alone, and rules out its whole group.
    """

    script: int | None = None
    link: int | None = None
    file: int | None = None
    process: int | None = None
    of_group: bool = False
    of_first: bool = False

    def tracks(self, is_first: bool = True) -> Tracks:
        left_out = (None,) if is_first or not self.of_first else (None, 0)
        return Tracks(
            scripts=() if self.script in left_out else (TrackScript(SCRIPT),),
            interfaces=() if self.link in left_out else (TrackInterface(TRACKED, self.link or 0),),
            files=() if self.file in left_out else (TrackFile(FILE),),
            processes=() if self.process in left_out else (TrackProcess(PROCESS),),
        )


@dataclass
class Site:
    """``priorities``, ``vips``, ``present`` and ``renamed`` are what the operator wants now; nodes know it once they
    have reloaded. ``numbers`` are the nodes' addresses in the segment."""

    names: list[str]
    vrids: tuple[int, ...]
    speech: Speech
    intervals_s: dict[str, float]
    password: str | None
    nopreempt: bool
    preempt_delay_s: float
    startup_delay_s: float
    delays_s: tuple[float, float] | None  # how long a link must be down, or up; None: not debounced
    weights: Weights
    grouped: bool
    weights_count: bool  # sync_group_tracking_weight
    garp: GarpSettings
    priorities: dict[tuple[str, int], int] = field(default_factory=dict)
    vips: dict[int, tuple[VirtualAddress, ...]] = field(default_factory=dict)
    routes: dict[int, tuple[Route, ...]] = field(default_factory=dict)
    present: set[int] = field(default_factory=set)
    renamed: dict[int, int] = field(default_factory=dict)

    @property
    def interval_s(self) -> float:
        """The longest that any node adverts with."""
        return max(self.intervals_s.values())

    def number(self, name: str) -> int:
        """Of the node's address, until it changes."""
        return 5 + self.names.index(name)

    def config(self, name: str) -> Config:
        """The file that this node would read now."""
        weights, vrids = self.weights, [vrid for vrid in self.vrids if vrid in self.present]
        checked = Command(("/usr/local/bin/check",))
        nginx = ("nginx",)
        return Config(
            GlobalDefs(garp=self.garp, vrrp_startup_delay_s=self.startup_delay_s, vrrp_version=self.speech.version),
            scripts=() if weights.script is None else (VrrpScript(SCRIPT, checked, weight=weights.script),),
            files=() if weights.file is None else (VrrpTrackFile(FILE, "/run/load", weight=weights.file),),
            processes=() if weights.process is None else (VrrpTrackProcess(PROCESS, nginx, weight=weights.process),),
            instances=tuple(self._instance(name, vrid) for vrid in vrids),
            sync_groups=(self._group(vrids),) if self.grouped and vrids else (),
            interface_delays=self._delays(),
        )

    def _group(self, vrids: list[int]) -> VrrpSyncGroup:
        return VrrpSyncGroup(
            GROUP_NAME,
            tuple(map(self.instance_name, vrids)),
            tracks=self.weights.tracks() if self.weights.of_group else Tracks(),
            notify=NOTIFY,
            sync_group_tracking_weight=self.weights_count,
        )

    def _delays(self) -> tuple[InterfaceDelays, ...]:
        if self.delays_s is None:
            return ()
        return tuple(InterfaceDelays(name, *self.delays_s) for name in (PRIMARY, TRACKED))

    def instance_name(self, vrid: int) -> str:
        """``VI_51``, ``VI_51_2`` once it was renamed twice."""
        times = self.renamed.get(vrid, 0)
        return f"VI_{vrid}_{times}" if times else f"VI_{vrid}"

    def _instance(self, name: str, vrid: int) -> VrrpInstance:
        priority, unicast = self.priorities[name, vrid], self.speech.unicast
        others = [self.speech.source(self.number(other)) for other in self.names if other != name]
        return VrrpInstance(
            name=self.instance_name(vrid),
            interface=PRIMARY,
            virtual_router_id=vrid,
            priority=priority,
            advert_int_s=self.intervals_s[name],
            auth_pass=self.password,
            virtual_ipaddress=self.vips[vrid],
            virtual_routes=self.routes[vrid],
            nopreempt=self.nopreempt and priority != OWNER,
            preempt_delay_s=self.preempt_delay_s,
            native_ipv6=self.speech.family == 6,
            unicast_src_ip=self.speech.source(self.number(name)) if unicast else None,
            unicast_peer=tuple(map(UnicastPeer, others)) if unicast else (),
            tracks=Tracks() if self.weights.of_group else self.weights.tracks(vrid == self.vrids[0]),
            notify=NOTIFY,
        )

    def describe(self) -> str:
        ranks = " ".join(f"{name}/{vrid}={priority}" for (name, vrid), priority in self.priorities.items())
        intervals = " ".join(f"{interval_s:g}" for interval_s in self.intervals_s.values())
        options = {
            "nopreempt": self.nopreempt,
            f"preempt_delay {self.preempt_delay_s:g}": self.preempt_delay_s,
            f"startup delay {self.startup_delay_s:g}": self.startup_delay_s,
            f"link delays {self.delays_s}": self.delays_s,
            f"sync group{' with weights' if self.weights_count else ''}": self.grouped,
        }
        words = ", ".join(word for word, given in options.items() if given)
        return f"{self.speech}, intervals {intervals} s, {words or 'nothing else'}, {self.weights}, priorities {ranks}"
