# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong: one fault after the other, each with its own end, often several at once.

A fault stamps its trouble when it begins and when it ends: checkers accept no other excuse. After ``heal`` nothing that
was planned before still happens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vipd.config.model import Route
from vipd.core.events import YieldEnded, YieldRequested
from vipd.wire.address import Address

from .drawing import draw_priority, draw_vips
from .network import CALM, Weather
from .node import Node
from .segment import PRIMARY, TRACKED
from .site import OWNER

if TYPE_CHECKING:
    from .world import World

# From several faults within one Master_Down to long enough for everything to settle.
GAPS_INTERVALS = (1.0, 3.0, 10.0, 40.0)

# What a tracked file may say.
FILE_VALUES = (0, 0, 1, 20, -20, 100)

# How often a VIP is stolen in a row: more often than it is put back.
ROBBERIES = 5

# Added to a node's number when its address changes.
OTHER_ADDRESS = 100

# How often a round ends with a split brain, so that healing one is what the liveness phase begins with.
SPLIT_AT_THE_END = 0.3


class Faults:
    def __init__(self, world: World) -> None:
        self.count = 0
        self._world, self._rng, self._schedule = world, world.rng, world.schedule
        self._epoch = 0
        self._kinds: list[tuple[int, Callable[[], None]]] = [
            (3, self._bad_weather),
            (2, self._one_way_partition),
            (3, self._partition),
            (3, self._link_down),
            (2, self._tracked_link_down),
            (2, self._crash),
            (3, self._power_cut),
            (3, self._stop),
            (1, self._maintenance),
            (3, self._stall),
            (1, self._vip_stolen),
            (1, self._vip_stolen_again_and_again),
            (1, self._route_stolen),
            (4, self._script_changes),
            (2, self._file_changes),
            (2, self._processes_change),
            (2, self._new_priority),
            (2, self._new_vips),
            (2, self._vip_moves),
            (1, self._instance_comes_or_goes),
            (1, self._instance_renamed),
            (2, self._asked_to_yield),
            (1, self._address_refused),
        ]
        if not world.site.speech.unicast:
            self._kinds.append((2, self._address_changes))

    def rage_until(self, end: float) -> None:
        interval_s = self._world.site.interval_s
        self._gap_s = self._rng.choice(GAPS_INTERVALS) * interval_s
        self._plan_next(end)
        if self._rng.random() < SPLIT_AT_THE_END:
            self._schedule.at(end - self._rng.uniform(4, 8) * interval_s, self._split, 20.0 * interval_s)

    def _plan_next(self, end: float) -> None:
        at = self._schedule.now + self._rng.expovariate(1 / self._gap_s)
        if at < end:
            self._schedule.at(at, self._strike, end, self._epoch)

    def _strike(self, end: float, epoch: int) -> None:
        if epoch == self._epoch:
            self.count += 1
            weights = [weight for weight, _kind in self._kinds]
            self._rng.choices(self._kinds, weights)[0][1]()
            self._plan_next(end)

    def heal(self) -> None:
        """Everything works again, except perhaps what scripts say, and a tracked cable: some nodes may stay worse."""
        self._epoch += 1
        world = self._world
        self._weather(CALM)
        world.network.mend_all()
        self._leave_some_node_whole()
        world.site.present = set(world.site.vrids)
        for node in world.nodes.values():
            self._note(node, "healed")
            self._wake(node)
            self._link(node, PRIMARY, True)
            self._in_maintenance(node, False)
            if node.number is None:
                self._address(node, world.site.number(node.name))
            self._takes_all_addresses(node)
            if not node.running or node.stopping:
                node.start()
            else:
                node.after_latency(lambda node=node: node.tell_yield(YieldEnded()))  # type: ignore[misc]
                for tell in (node.tell_config, node.tell_script, node.tell_file, node.tell_processes):
                    node.after_latency(tell)

    def _leave_some_node_whole(self) -> None:
        nodes = list(self._world.nodes.values())
        whole = [self._rng.choice(nodes)] if self._rng.random() < 0.5 else nodes
        for node in whole:
            node.script_succeeds, node.file_says, node.processes = True, 0, 1
            self._link(node, TRACKED, True)

    # How a fault is done

    def _node(self) -> Node:
        return self._rng.choice(list(self._world.nodes.values()))

    def _lasts_s(self, longest_intervals: float) -> float:
        """Short ones are as likely as long ones: everything that matters happens around one to four intervals."""
        return self._rng.choice((0.05, 0.3, 1.0)) * self._rng.random() * longest_intervals * self._world.site.interval_s

    def _later(self, delay_s: float, call: Callable[[], None]) -> None:
        epoch = self._epoch
        self._schedule.after(delay_s, lambda: call() if epoch == self._epoch else None)

    def _note(self, node: Node | None, text: str) -> None:
        self._world.trouble.caused(self._schedule.now)
        self._world.transcript.note(self._schedule.now, node.name if node else "-", f"** {text}", [])

    # The network

    def _bad_weather(self) -> None:
        rng = self._rng
        self._weather(
            rng.choice(
                (
                    Weather(loss=rng.random()),
                    Weather(late=rng.random()),
                    Weather(twice=0.5, damage=0.1),
                    Weather(loss=0.3, late=0.3, twice=0.3, damage=0.05),
                )
            )
        )
        self._later(self._lasts_s(20), lambda: self._weather(CALM))

    def _weather(self, weather: Weather) -> None:
        self._note(None, f"{weather}")
        self._world.network.weather = weather

    def _one_way_partition(self) -> None:
        sender, receiver = self._rng.sample(list(self._world.nodes), 2)
        self._cut_for(self._lasts_s(20), [(sender, receiver)])

    def _partition(self) -> None:
        self._split(self._lasts_s(20))

    def _split(self, seconds: float) -> None:
        names = self._rng.sample(list(self._world.nodes), len(self._world.nodes))
        at = self._rng.randrange(1, len(names))
        ways = [(one, other) for one in names[:at] for other in names[at:]]
        self._cut_for(seconds, ways + [(other, one) for one, other in ways])

    def _cut_for(self, seconds: float, ways: list[tuple[str, str]]) -> None:
        self._note(None, "cut " + " ".join(f"{sender}>{receiver}" for sender, receiver in ways))
        for way in ways:
            self._world.network.cut(*way)
        self._later(seconds, lambda: self._mend(ways))

    def _mend(self, ways: list[tuple[str, str]]) -> None:
        self._note(None, "mended " + " ".join(f"{sender}>{receiver}" for sender, receiver in ways))
        for way in ways:
            self._world.network.mend(*way)

    # Links

    def _link_down(self) -> None:
        node = self._node()
        self._link(node, PRIMARY, False)
        self._later(self._lasts_s(10), lambda: self._link(node, PRIMARY, True))

    def _tracked_link_down(self) -> None:
        node = self._node()
        self._link(node, TRACKED, False)
        self._later(self._lasts_s(20), lambda: self._link(node, TRACKED, True))

    def _link(self, node: Node, interface: str, up: bool) -> None:
        if node.links_up[interface] == up:
            return
        self._note(node, f"{interface} {'up' if up else 'down'}")
        node.links_up[interface] = up
        if interface == PRIMARY:
            self._world.deaf(node)
            self._world.ask_anew(node)
            self._world.answer(node)
        if node.running:
            node.after_latency(node.tell_links)

    # Daemons and nodes

    def _crash(self) -> None:
        self._down(self._node(), "crashes", Node.crash)

    def _power_cut(self) -> None:
        self._down(self._node(), "power cut", Node.cut_power)

    def _stop(self) -> None:
        self._down(self._node(), "stopped", Node.stop)

    def _maintenance(self) -> None:
        node = self._node()
        self._in_maintenance(node, True)
        self._later(0.1 + self._lasts_s(20), lambda: self._in_maintenance(node, False))

    def _in_maintenance(self, node: Node, on: bool) -> None:
        if node.maintenance == on:
            return
        self._note(node, f"maintenance {'on' if on else 'off'}")
        node.maintenance = on
        if node.running:
            node.after_latency(node.tell_maintenance)

    def _down(self, node: Node, word: str, how: Callable[[Node], None]) -> None:
        if node.running:
            self._note(node, word)
            how(node)
            self._later(0.1 + self._lasts_s(10), lambda: self._start(node))

    def _start(self, node: Node) -> None:
        self._note(node, "starts")
        node.start()

    def _stall(self) -> None:
        node = self._node()
        if node.running and not node.stalled:
            self._note(node, "stalls")
            self._world.deaf(node)
            node.stall()
            self._later(self._lasts_s(10), lambda: self._wake(node))

    def _wake(self, node: Node) -> None:
        if node.stalled:
            self._note(node, "wakes")
            self._world.deaf(node)
            node.wake()

    # What is tracked, and addresses

    def _address_changes(self) -> None:
        """To another one and for good, or away for a while."""
        node = self._node()
        usual = self._world.site.number(node.name)
        if self._rng.random() < 0.5 and node.number is not None:
            self._address(node, None)
            self._later(self._lasts_s(10), lambda: self._address(node, usual))
        else:
            self._address(node, usual + OTHER_ADDRESS if node.number == usual else usual)

    def _address(self, node: Node, number: int | None) -> None:
        self._note(node, f"its address is that of number {number}")
        node.number = number
        if number is not None:
            self._world.name_of[self._world.site.speech.source(number)] = node.name
        if node.running:
            node.after_latency(node.tell_links)

    # Other programs

    def _vip_stolen(self) -> None:
        self._steal(self._node())

    def _vip_stolen_again_and_again(self) -> None:
        """At the pace of a program that insists, the same VIP."""
        node = self._node()
        if node.kernel and node.running:
            address = self._rng.choice(sorted(node.kernel))
            for turn in range(ROBBERIES):
                self._later(turn * self._rng.uniform(0.1, 2), lambda: self._steal(node, address))

    def _steal(self, node: Node, address: Address | None = None) -> None:
        if node.kernel and node.running:
            address = address or self._rng.choice(sorted(node.kernel))
            if address in node.kernel:
                self._note(node, f"{address} removed by another program")
                node.steal(address)

    def _route_stolen(self) -> None:
        node = self._node()
        if node.routes and node.running:
            route = self._rng.choice(sorted(node.routes, key=str))
            for turn in range(self._rng.choice((1, 2, ROBBERIES))):
                self._later(turn * self._rng.uniform(0.1, 2), lambda: self._steal_route(node, route))

    def _steal_route(self, node: Node, route: Route) -> None:
        if route in node.routes and node.running:
            self._note(node, f"{route} removed by another program")
            node.steal_route(route)

    # What is given away

    def _asked_to_yield(self) -> None:
        node = self._node()
        names = self._rng.choice(((), (self._world.site.instance_name(self._rng.choice(self._world.site.vrids)),)))
        back_off_s = self._rng.choice((None, self._lasts_s(20)))
        asked = YieldRequested(names, back_off_s, force=self._rng.random() < 0.3)
        self._ask(node, asked)
        if self._rng.random() < 0.5:
            self._later(self._lasts_s(20), lambda: self._ask(node, YieldEnded()))

    def _ask(self, node: Node, asked: YieldRequested | YieldEnded) -> None:
        self._note(node, f"{asked}")
        if node.running:
            node.after_latency(lambda: node.tell_yield(asked))

    def _address_refused(self) -> None:
        """As where IPv6 is off on one node, or where an address is already somebody's who is no neighbour."""
        node, vips = self._node(), self._world.site.vips
        address = self._rng.choice(vips[self._rng.choice(self._world.site.vrids)]).address
        self._note(node, f"the kernel will refuse {address}")
        node.refuses.add(address)
        self._later(self._lasts_s(40), lambda: node.refuses.discard(address))

    def _takes_all_addresses(self, node: Node) -> None:
        """What was refused comes with the next start."""
        node.refuses.clear()
        if node.absent:
            self._note(node, "is restarted")
            node.stop()

    # Scripts and reloads

    def _script_changes(self) -> None:
        node = self._node()
        node.script_succeeds = not node.script_succeeds
        self._note(node, f"script will {'succeed' if node.script_succeeds else 'fail'}")
        if node.running:
            node.after_latency(node.tell_script)

    def _file_changes(self) -> None:
        node = self._node()
        node.file_says = self._rng.choice(FILE_VALUES)
        self._note(node, f"the file will say {node.file_says}")
        if node.running:
            node.after_latency(node.tell_file)

    def _processes_change(self) -> None:
        node = self._node()
        node.processes = 1 - node.processes
        self._note(node, f"{node.processes} processes will run")
        if node.running:
            node.after_latency(node.tell_processes)

    def _new_priority(self) -> None:
        node, vrid = self._node(), self._rng.choice(self._world.site.vrids)
        if self._world.site.priorities[node.name, vrid] != OWNER:
            draw_priority(self._rng, self._world.site, node.name, vrid)
            self._note(node, f"new priority {self._world.site.priorities[node.name, vrid]} for VRID {vrid}")
            self._reload([node])

    def _new_vips(self) -> None:
        vrid = self._rng.choice(self._world.site.vrids)
        vips = self._world.site.vips
        taken = tuple(vip for other, own in vips.items() if other != vrid for vip in own)
        vips[vrid] = draw_vips(self._rng, self._world.site.speech.pool(vrid), taken)
        self._note(None, f"new VIPs for VRID {vrid}: {' '.join(map(str, vips[vrid]))}")
        self._reload(list(self._world.nodes.values()))

    def _vip_moves(self) -> None:
        """From one instance to the other."""
        vips = self._world.site.vips
        giver, *takers = self._rng.sample(self._world.site.vrids, len(self._world.site.vrids))
        if takers and len(vips[giver]) > 1:
            *kept, moved = vips[giver]
            vips[giver], vips[takers[0]] = tuple(kept), (*vips[takers[0]], moved)
            self._note(None, f"{moved} moves from VRID {giver} to {takers[0]}")
            self._reload(list(self._world.nodes.values()))

    def _instance_comes_or_goes(self) -> None:
        site = self._world.site
        if len(site.vrids) > 1:
            site.present ^= {self._rng.choice(site.vrids)}
            site.present = site.present or {site.vrids[0]}
            self._note(None, f"VRIDs {sorted(site.present)} are configured")
            self._reload(list(self._world.nodes.values()))

    def _instance_renamed(self) -> None:
        site, vrid = self._world.site, self._rng.choice(self._world.site.vrids)
        site.renamed[vrid] = site.renamed.get(vrid, 0) + 1
        self._note(None, f"VRID {vrid} is called {site.instance_name(vrid)}")
        self._reload(list(self._world.nodes.values()))

    def _reload(self, nodes: list[Node]) -> None:
        """Node by node, as a playbook does."""
        delay_s = 0.0
        for node in nodes:
            delay_s += self._lasts_s(5)
            self._later(delay_s, lambda node=node: node.tell_config() if node.running else None)  # type: ignore[misc]
