# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever happens, in whatever order: what must hold after every single event."""

from __future__ import annotations

from ipaddress import IPv4Address

from hypothesis import given, settings
from hypothesis import strategies as st
from vipd.config.model import (
    Command,
    Config,
    TrackInterface,
    Tracks,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
)
from vipd.core.effects import AddAddresses, Effect, RemoveAddresses, SendAdvert
from vipd.core.events import (
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    LinkChanged,
    PacketRejected,
    ScriptFinished,
    StopRequested,
)
from vipd.core.router import Router
from vipd.core.transitions import State
from vipd.wire.vrrp import GROUP, Advert, Checksum, ReceivedAdvert

OUR_ADDRESS = IPv4Address("10.0.0.5")
VIPS = [VirtualAddress(IPv4Address(f"10.0.0.{n}"), 24) for n in (3, 4, 9)]
SCRIPT = VrrpScript("chk", Command(("/bin/true",)), rise=2, fall=2)

priorities = st.sampled_from([1, 90, 100, 150, 254, 255])


@st.composite
def configs(draw: st.DrawFn) -> Config:
    """One or two instances that share no VIP, as config.check demands."""
    vips = draw(st.permutations(VIPS))
    split = draw(st.integers(1, 2))
    return Config(
        scripts=(SCRIPT,),
        instances=tuple(
            VrrpInstance(
                name=f"VI_{vrid}",
                interface="eth0",
                virtual_router_id=vrid,
                priority=draw(priorities),
                nopreempt=draw(st.booleans()),
                virtual_ipaddress=tuple(own),
                tracks=Tracks(
                    scripts=draw(st.sampled_from([(), (TrackScript("chk"),), (TrackScript("chk", -60),)])),
                    interfaces=draw(st.sampled_from([(), (TrackInterface("eth1"),), (TrackInterface("eth1", 20),)])),
                ),
            )
            for vrid, own in ((51, vips[:split]), (52, vips[split:]))
        ),
    )


@st.composite
def adverts(draw: st.DrawFn) -> AdvertReceived:
    advert = Advert(
        version=2,
        vrid=draw(st.sampled_from([51, 52, 53])),
        priority=draw(st.one_of(st.just(0), priorities)),
        advert_int_cs=draw(st.sampled_from([100, 100, 100, 300])),
        addresses=(VIPS[0].address,),
    )
    source = IPv4Address(f"10.0.0.{draw(st.integers(4, 7))}")
    ttl = draw(st.sampled_from([255, 1]))
    return AdvertReceived("eth0", ReceivedAdvert(source, GROUP, ttl, advert, Checksum.MESSAGE_ONLY))


links = st.builds(
    LinkChanged, st.sampled_from(["eth0", "eth1"]), st.booleans(), st.sampled_from([OUR_ADDRESS, OUR_ADDRESS, None])
)
events = st.one_of(
    adverts(),
    adverts(),
    links,
    configs().map(ConfigLoaded),
    st.builds(ScriptFinished, st.sampled_from(["chk", "gone"]), st.booleans()),
    st.just(PacketRejected("eth0", "bad_checksum")),
    st.just(DeadlineReached()),
)
steps = st.lists(st.tuples(st.floats(0, 5), events), max_size=40)


class Node:
    """A core, and a kernel that does what the effects say."""

    def __init__(self) -> None:
        self.router = Router()
        self.now = 0.0
        self.kernel: set[VirtualAddress] = set()

    def happen(self, event: Event) -> list[Effect]:
        effects = self.router.handle(event, self.now)
        for effect in effects:
            if isinstance(effect, AddAddresses):
                self.kernel |= set(effect.addresses)
            if isinstance(effect, RemoveAddresses):
                self.kernel -= set(effect.addresses)
        self.check()
        return effects

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.router.next_deadline()) is not None and due <= end:
            self.now = max(due, self.now)
            self.happen(DeadlineReached())
        self.now = end

    def check(self) -> None:
        instances = self.router.instances.values()
        held = {vip for one in instances if one.holds_addresses for vip in one.config.virtual_ipaddress}
        assert self.kernel == held, "the kernel's addresses are those of the holding instances"
        for one in instances:
            assert one.state is State.MASTER or not one.holds_addresses
            if one.state in (State.BACKUP, State.MASTER):
                assert one.deadlines.next() is not None, "somebody always acts next"
            if one.health.faults:
                assert one.state in (State.FAULT, State.STOP)


@settings(max_examples=300, deadline=None)
@given(config=configs(), steps=steps)
def test_whatever_happens(config: Config, steps: list[tuple[float, Event]]) -> None:
    node = Node()
    node.happen(LinkChanged("eth0", True, OUR_ADDRESS))
    node.happen(ConfigLoaded(config))
    for seconds, event in steps:
        node.wait(seconds)
        node.happen(event)
        assert node.router.snapshot(node.now)["instances"]
    node.happen(StopRequested())
    assert not node.kernel, "nothing is left behind"


@settings(max_examples=200, deadline=None)
@given(steps=st.lists(st.tuples(st.floats(0, 2), adverts()), max_size=30), own=st.sampled_from([100, 150]))
def test_only_a_master_or_one_that_leaves_sends(steps: list[tuple[float, AdvertReceived]], own: int) -> None:
    node = Node()
    node.happen(LinkChanged("eth0", True, OUR_ADDRESS))
    node.happen(
        ConfigLoaded(Config(instances=(VrrpInstance("VI_51", "eth0", 51, priority=own, virtual_ipaddress=(VIPS[0],)),)))
    )
    (one,) = node.router.instances.values()
    for seconds, event in steps:
        node.wait(seconds)
        before = one.state
        sent = [effect for effect in node.happen(event) if isinstance(effect, SendAdvert)]
        assert not sent or before is State.MASTER
        assert all(effect.advert.priority == own for effect in sent)
