# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever happens, in whatever order: what must hold after every single event."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from vipd.config.model import (
    Command,
    Config,
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
from vipd.core.effects import AddAddresses, AddRoutes, Effect, RemoveAddresses, RemoveRoutes, RunNotify, SendAdvert
from vipd.core.events import (
    AddressRefused,
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    FileRead,
    LinkChanged,
    PacketRejected,
    ProcessesCounted,
    RouteRemoved,
    RuleRemoved,
    ScriptFinished,
    SocketsMissing,
    StopRequested,
)
from vipd.core.instance import Instance
from vipd.core.notify import STATES
from vipd.core.router import Router
from vipd.core.transitions import State
from vipd.wire.vrrp import Advert, Checksum, ReceivedAdvert

V4 = [VirtualAddress(ip_address(f"10.0.0.{n}"), 24) for n in (3, 4, 9)]
V6 = [VirtualAddress(ip_address(address), 64) for address in ("fe80::3", "2001:db8::3")]
ROUTES = (Route("192.168.7.0/24"), Route("192.168.8.0/24"))
SCRIPT = VrrpScript("chk", Command(("/bin/true",)), rise=2, fall=2)
PROCESS = VrrpTrackProcess("nginx", ("nginx",), quorum_max=2)
FILE = VrrpTrackFile("drain", "/run/drain")
NOTIFY = Notify(any=Command(("/bin/tell",)))

OWN = {4: ip_address("10.0.0.5"), 6: ip_address("fe80::5")}
GOOD_LINK = LinkChanged("eth0", True, OWN[4], OWN[6], frozenset(OWN.values()))
VRIDS = {4: (51, 52), 6: (51,)}

priorities = st.sampled_from([1, 90, 100, 150, 254, 255])
tracks = st.builds(
    Tracks,
    scripts=st.sampled_from([(), (TrackScript("chk"),), (TrackScript("chk", -60),)]),
    interfaces=st.sampled_from([(), (TrackInterface("eth1"),), (TrackInterface("eth1", 20),)]),
    processes=st.sampled_from([(), (TrackProcess("nginx", -30),), (TrackProcess("nginx"),)]),
    files=st.sampled_from([(), (TrackFile("drain"),), (TrackFile("drain", 0),)]),
)


@st.composite
def instances(draw: st.DrawFn) -> tuple[VrrpInstance, ...]:
    """Up to three that share no VIP, as config.check demands: two of IPv4, one of IPv6."""
    vips = draw(st.permutations(V4))
    split = draw(st.integers(1, 2))
    made = []
    for family, vrid, own in ((4, 51, vips[:split]), (4, 52, vips[split:]), (6, 51, V6)):
        version = 3 if family == 6 else draw(st.sampled_from([2, 3]))
        unicast = family == 4 and draw(st.integers(0, 5)) == 0
        made.append(
            VrrpInstance(
                name=f"VI_{family}_{vrid}",
                interface="eth0",
                virtual_router_id=vrid,
                version=version,
                priority=draw(priorities),
                advert_int_s=draw(st.sampled_from([1.0, 3.0])) if version == 2 else draw(st.sampled_from([0.1, 1.0])),
                nopreempt=draw(st.booleans()),
                preempt_delay_s=draw(st.sampled_from([0.0, 0.0, 2.0])),
                unicast_peer=(UnicastPeer(ip_address("10.0.0.6")),) if unicast else (),
                virtual_ipaddress=tuple(own),
                virtual_routes=ROUTES if vrid == 51 and family == 4 else (),
                tracks=draw(tracks),
                notify=NOTIFY,
            )
        )
    return tuple(made[: draw(st.integers(1, 3))])


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """With or without a sync group of all."""
    made = draw(instances())
    names = tuple(one.name for one in made)
    group = VrrpSyncGroup("G", names, notify=NOTIFY, sync_group_tracking_weight=draw(st.booleans()))
    return Config(
        global_defs=GlobalDefs(vrrp_startup_delay_s=draw(st.sampled_from([0.0, 0.0, 0.0, 4.0]))),
        scripts=(SCRIPT,),
        processes=(PROCESS,),
        files=(FILE,),
        instances=made,
        sync_groups=(group,) if draw(st.booleans()) else (),
        interface_delays=draw(st.sampled_from([(), (InterfaceDelays("eth0", 1.0, 1.0),)])),
    )


@st.composite
def adverts(draw: st.DrawFn) -> AdvertReceived:
    family = draw(st.sampled_from([4, 4, 6]))
    version = 3 if family == 6 else draw(st.sampled_from([2, 3]))
    source, group = ("10.0.0.{}", "224.0.0.18") if family == 4 else ("fe80::{}", "ff02::12")
    destination = draw(st.sampled_from([group, group, str(OWN[family])]))
    advert = Advert(
        version=version,
        vrid=draw(st.sampled_from([51, 52, 53])),
        priority=draw(st.one_of(priorities, st.just(0))),
        advert_int_cs=draw(st.sampled_from([100, 300] if version == 2 else [10, 100, 4095])),
        addresses=(V4[0].address,) if family == 4 else tuple(vip.address for vip in V6),
    )
    form = Checksum.MESSAGE_ONLY if version == 2 else draw(st.sampled_from(list(Checksum)))
    return AdvertReceived(
        draw(st.sampled_from(["eth0", "eth0", "eth0", "eth1"])),
        ReceivedAdvert(
            ip_address(source.format(draw(st.integers(4, 6)))),
            ip_address(destination),
            draw(st.sampled_from([255, 255, 255, 254])),
            advert,
            Checksum.PSEUDO_HEADER if family == 6 else form,
        ),
    )


links = st.builds(
    LinkChanged,
    st.just("eth0"),
    st.booleans(),
    st.sampled_from([None, OWN[4], OWN[4], ip_address("10.0.0.7")]),
    st.sampled_from([None, OWN[6], OWN[6]]),
)
news: st.SearchStrategy[Event] = st.one_of(
    links,
    st.just(GOOD_LINK),
    st.builds(LinkChanged, st.just("eth1"), st.booleans(), st.none()),
    st.builds(ScriptFinished, st.just("chk"), st.booleans()),
    st.builds(ProcessesCounted, st.just("nginx"), st.integers(0, 3)),
    st.builds(FileRead, st.just("drain"), st.sampled_from([0, 5, -200, -300])),
    st.builds(SocketsMissing, st.sampled_from([frozenset(), frozenset({("eth0", 4), ("eth0", 6)})])),
    st.builds(AddressRemoved, st.just("eth0"), st.sampled_from([vip.address for vip in (*V4, *V6)])),
    st.builds(AddressRefused, st.just("eth0"), st.sampled_from([vip.address for vip in (*V4, *V6)]), st.just("why")),
    st.builds(RouteRemoved, st.sampled_from(ROUTES)),
    st.builds(ConfigLoaded, configs()),
    st.just(PacketRejected("eth0", "bad_checksum")),
    st.just(DeadlineReached()),
)
steps = st.lists(st.tuples(st.floats(0, 5), st.one_of(adverts(), news)), max_size=40)


class Node:
    """A core, and a kernel that does what the effects say."""

    def __init__(self) -> None:
        self.router = Router()
        self.now = 0.0
        self.addresses: set[VirtualAddress] = set()
        self.routes: set[Route] = set()
        self.told: dict[tuple[str, str], str] = {}

    def happen(self, event: Event) -> list[Effect]:
        if isinstance(event, AddressRemoved):
            self.addresses = {vip for vip in self.addresses if vip.address != event.address}
        if isinstance(event, RouteRemoved):
            self.routes.discard(event.route)
        held = set(self.addresses)
        effects = self.router.handle(event, self.now)
        removed = {vip for effect in effects for vip in self.carry_out(effect)}
        kept = {vip for vip in held & self.addresses if isinstance(event, ConfigLoaded)}
        assert not kept & removed, "an address that is held before and after a reload never leaves the kernel"
        known = {*self.router.loaded.groups, *(one.settings.name for one in self.router.instances.values())}
        self.told = {key: state for key, state in self.told.items() if key[1] in known}
        self.check()
        return effects

    def carry_out(self, effect: Effect) -> tuple[VirtualAddress, ...]:
        """Returns what it removed."""
        if isinstance(effect, AddAddresses):
            self.addresses |= set(effect.addresses)
        elif isinstance(effect, AddRoutes):
            self.routes |= set(effect.routes)
        elif isinstance(effect, RemoveRoutes):
            self.routes -= set(effect.routes)
        elif isinstance(effect, RunNotify) and effect.state in STATES:
            key = (effect.kind, effect.instance)
            assert self.told.get(key) != effect.state, "nobody is told the same state twice"
            self.told[key] = effect.state
        elif isinstance(effect, RemoveAddresses):
            self.addresses -= set(effect.addresses)
            return effect.addresses
        return ()

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.router.next_deadline()) is not None and due <= end:
            self.now = max(due, self.now)
            self.happen(DeadlineReached())
        self.now = end

    def check(self) -> None:
        everybody = list(self.router.instances.values())
        holders = [one for one in everybody if one.holds_addresses]
        assert self.addresses == {vip for one in holders for vip in one.settings.vips}, "the holders' and no others"
        assert self.routes == {route for one in holders for route in one.settings.routes}
        for one in everybody:
            assert one.state is State.MASTER or not one.holds_addresses
            if one.health.faults:
                assert one.state in (State.FAULT, State.STOP)
            self.check_deadlines(one)
        for group in self.router.loaded.groups.values():
            states = {one.state for one in group.members}
            waits = any(one.health.undecided for one in group.members)  # for a first result, after a reload
            assert waits or State.FAULT not in states or len(states) == 1, "a fault of one is a fault of all"

    def check_deadlines(self, one: Instance) -> None:
        due = one.next()
        if one.state in (State.BACKUP, State.MASTER):
            assert due is not None, "somebody always acts next"
        if due is not None:
            first = self.router.next_deadline()
            assert first is not None
            assert first <= due, "the node wakes for everybody"


@settings(max_examples=400, deadline=None)
@given(config=configs(), steps=steps)
def test_whatever_happens(config: Config, steps: list[tuple[float, Event]]) -> None:
    node = Node()
    node.happen(GOOD_LINK)
    node.happen(ConfigLoaded(config))
    for seconds, event in steps:
        node.wait(seconds)
        node.happen(event)
        assert node.router.snapshot(node.now)["instances"]
    node.happen(StopRequested())
    assert not node.addresses, "nothing is left behind"
    assert not node.routes


def anew(event: Event) -> Event:
    """The same advert as another object."""
    return replace(event, received=replace(event.received)) if isinstance(event, AdvertReceived) else event


@settings(max_examples=300, deadline=None)
@given(config=configs(), known=st.lists(adverts(), min_size=1, max_size=3), data=st.data())
def test_an_advert_that_is_remembered_does_what_a_new_one_does(
    config: Config, known: list[AdvertReceived], data: st.DataObject
) -> None:
    """The codec gives the same object for the same octets, and the core knows the usual one by that."""
    events = st.lists(st.tuples(st.sampled_from([0.1, 1.0, 4.0]), st.sampled_from(known) | news), max_size=30)
    one, other = Node(), Node()
    for seconds, event in [(0.0, GOOD_LINK), (0.0, ConfigLoaded(config)), *data.draw(events)]:
        one.wait(seconds)
        other.wait(seconds)
        assert one.happen(event) == other.happen(anew(event))
        assert one.router.next_deadline() == other.router.next_deadline()
        assert one.router.snapshot(one.now) == other.router.snapshot(other.now)


@settings(max_examples=200, deadline=None)
@given(config=configs(), steps=st.lists(st.tuples(st.floats(0, 5), st.one_of(adverts(), links)), max_size=40))
def test_a_group_is_master_together_or_not_at_all(config: Config, steps: list[tuple[float, Event]]) -> None:
    """As long as nobody changes its members."""
    names = tuple(one.name for one in config.instances)
    node = Node()
    node.happen(GOOD_LINK)
    node.happen(ConfigLoaded(replace(config, sync_groups=(VrrpSyncGroup("G", names),))))
    for seconds, event in steps:
        node.wait(seconds)
        node.happen(event)
        assert len({one.state for one in node.router.instances.values()}) == 1


@settings(max_examples=200, deadline=None)
@given(steps=st.lists(st.tuples(st.floats(0, 2), adverts()), max_size=30), own=st.sampled_from([100, 150]))
def test_only_a_master_or_one_that_leaves_sends(steps: list[tuple[float, AdvertReceived]], own: int) -> None:
    node = Node()
    node.happen(GOOD_LINK)
    node.happen(
        ConfigLoaded(Config(instances=(VrrpInstance("VI_51", "eth0", 51, priority=own, virtual_ipaddress=(V4[0],)),)))
    )
    (one,) = node.router.instances.values()
    for seconds, event in steps:
        node.wait(seconds)
        before = one.state
        sent = [effect for effect in node.happen(event) if isinstance(effect, SendAdvert)]
        assert not sent or before is State.MASTER
        assert all(effect.advert.priority == own for effect in sent)


@given(rule=st.builds(RuleRemoved, st.just(None)))
def test_news_of_what_nobody_knows_changes_nothing(rule: Any) -> None:
    node = Node()
    strangers = (rule, ScriptFinished("x", False), ProcessesCounted("x", 1), FileRead("x", 1), DeadlineReached())
    assert [node.happen(event) for event in strangers] == [[]] * len(strangers)
