# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configurations for hypothesis: every model that the grammar can say and ``check`` finds no fault with."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Optional

from hypothesis import strategies as st
from vipd.config.model import (
    OWNER_PRIORITY,
    Command,
    Config,
    GarpSettings,
    GlobalDefs,
    Notify,
    ScriptUser,
    TrackInterface,
    Tracks,
    TrackScript,
    VirtualAddress,
    VrrpInstance,
    VrrpScript,
)

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x2FF, blacklist_categories=["Cc", "Zs"])
WORDS = st.text(PRINTABLE | st.just(" "), min_size=1, max_size=12).filter(
    lambda text: (
        text.isprintable() and '"' not in text and not text.endswith("\\") and "$" not in text and text not in "{}"
    )
)
INTERFACES = st.sampled_from(["eth0", "eth0.1", "bond0", "br-lan", "wlp2s0"])
ARGUMENTS = st.text(st.characters(max_codepoint=0x2FF, blacklist_characters="\0"), max_size=12)
PASSWORDS = WORDS.filter(lambda text: len(text.encode()) <= 8)
WEIGHTS = st.integers(-253, 253)
MICROSECONDS = st.integers(1_000, 4_294_000_000)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


def commands(users: bool) -> st.SearchStrategy[Command]:
    user = maybe(st.builds(ScriptUser, WORDS, maybe(WORDS))) if users else st.none()
    return st.builds(
        lambda program, arguments, user: Command((program, *arguments), user),
        st.just("/bin/true") | ARGUMENTS.filter(bool),
        st.lists(ARGUMENTS, max_size=3),
        user,
    )


def whole_seconds(high: int) -> st.SearchStrategy[float]:
    return st.integers(0, high).map(float)


GARP = st.builds(
    GarpSettings,
    master_delay_s=maybe(whole_seconds(4294)),
    master_repeat=maybe(st.integers(1, 1000)),
    master_refresh_s=maybe(whole_seconds(2**32 - 1)),
    master_refresh_repeat=maybe(st.integers(1, 1000)),
    lower_prio_delay_s=maybe(whole_seconds(4294)),
    lower_prio_repeat=maybe(st.integers(0, 1000)),
)

GLOBALS = st.builds(
    GlobalDefs,
    router_id=maybe(WORDS),
    script_user=maybe(st.builds(ScriptUser, WORDS, maybe(WORDS))),
    enable_script_security=st.booleans(),
    garp=GARP,
)


def scripts(name: str) -> st.SearchStrategy[VrrpScript]:
    return st.builds(
        VrrpScript,
        name=st.just(name),
        command=commands(users=True),
        interval_s=MICROSECONDS.map(lambda value: value / 1e6),
        timeout_s=maybe(MICROSECONDS.map(lambda value: value / 1e6)),
        weight=WEIGHTS,
        reverse=st.booleans(),
        rise=st.integers(1, 2**31 - 1),
        fall=st.integers(1, 2**31 - 1),
        init_fail=st.booleans(),
    )


@st.composite
def addresses(draw: st.DrawFn, address: int) -> VirtualAddress:
    length = draw(st.integers(1, 32))
    broadcast = draw(st.sampled_from([None, "10.0.0.255", "+", "-"]))
    return VirtualAddress(
        IPv4Address(address),
        length,
        dev=draw(maybe(INTERFACES)),
        broadcast=None if broadcast in ("+", "-") and length > 30 else broadcast,
        scope=draw(st.sampled_from([None, "global", "link", "host", "200"])),
        label=draw(st.sampled_from([None, "eth0:1", "web"])),
    )


@st.composite
def tracked_scripts(draw: st.DrawFn, name: str, owner: bool) -> TrackScript:
    weight: Optional[int] = 0 if owner else draw(maybe(WEIGHTS))
    return TrackScript(name, weight, reverse=weight is not None and draw(st.booleans()))


@st.composite
def instances(draw: st.DrawFn, number: int, script_names: list[str], addresses_least: int) -> VrrpInstance:
    state = draw(st.sampled_from(["MASTER", "BACKUP"]))
    priority = draw(st.integers(1, 255))
    owner = priority == OWNER_PRIORITY
    hosts = draw(st.lists(st.integers(1, 200), min_size=addresses_least, max_size=4, unique=True))
    interface = draw(INTERFACES)
    tracked = draw(st.lists(INTERFACES.filter(lambda name: name != interface), max_size=3, unique=True))
    followed = draw(st.lists(st.sampled_from(script_names), unique=True)) if script_names else []
    return VrrpInstance(
        name=f"VI {number}" if draw(st.booleans()) else f"VI_{number}",
        interface=interface,
        virtual_router_id=number,
        state=state,
        priority=priority,
        advert_int_s=float(draw(st.integers(1, 255))),
        auth_pass=draw(maybe(PASSWORDS)),
        virtual_ipaddress=tuple(draw(addresses((10 << 24) + (number << 8) + host)) for host in hosts),
        nopreempt=state == "BACKUP" and not owner and draw(st.booleans()),
        dont_track_primary=draw(st.booleans()),
        tracks=Tracks(
            interfaces=tuple(
                TrackInterface(name, 0 if owner else draw(WEIGHTS), draw(st.booleans())) for name in tracked
            ),
            scripts=tuple(draw(tracked_scripts(name, owner)) for name in followed),
        ),
        notify=Notify(
            master=draw(maybe(commands(users=True))),
            backup=draw(maybe(commands(users=True))),
            fault=draw(maybe(commands(users=True))),
            stop=draw(maybe(commands(users=True))),
            any=draw(maybe(commands(users=True))),
        ),
        garp=draw(GARP),
    )


@st.composite
def configs(draw: st.DrawFn, least: int = 0) -> Config:
    """``least`` is how many instances there are at least, and how many addresses each of them has."""
    names = draw(st.lists(WORDS, max_size=3, unique=True))
    count = draw(st.integers(least, 3))
    return Config(
        global_defs=draw(GLOBALS),
        scripts=tuple(draw(scripts(name)) for name in names),
        instances=tuple(draw(instances(number, names, least)) for number in range(1, count + 1)),
    )
