# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configurations for hypothesis: every model that the grammar can say and ``check`` finds no fault with."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any, Optional

from hypothesis import strategies as st
from vipd.config.model import (
    OWNER_PRIORITY,
    Address,
    Command,
    Config,
    Fifo,
    GarpGroup,
    GarpSettings,
    GlobalDefs,
    InterfaceDelays,
    NextHop,
    Notify,
    Route,
    Rule,
    ScriptUser,
    Smtp,
    TrackFile,
    TrackGroup,
    TrackInterface,
    TrackProcess,
    Tracks,
    TrackScript,
    UnicastPeer,
    VirtualAddress,
    Vmac,
    VrrpInstance,
    VrrpScript,
    VrrpSyncGroup,
    VrrpTrackFile,
    VrrpTrackProcess,
)

# Whatever a word may hold, printable or not; what it cannot is in test_render.py.
WORDS = st.text(st.characters(max_codepoint=0x2FF, blacklist_characters='"\n\0'), min_size=1, max_size=12).filter(
    lambda text: not text.endswith("\\") and "$_" not in text and text not in "{}"
)
INTERFACES = st.sampled_from(["eth0", "eth0.1", "bond0", "br-lan", "wlp2s0"])
ARGUMENTS = st.text(st.characters(max_codepoint=0x2FF, blacklist_characters="\0"), max_size=12)
PASSWORDS = WORDS.filter(lambda text: len(text.encode()) <= 8)
WEIGHTS = st.integers(-253, 253)
MICROSECONDS = st.integers(1_000, 4_294_000_000)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def commands(users: bool) -> st.SearchStrategy[Command]:
    user = maybe(accounts()) if users else st.none()
    return st.builds(
        lambda program, arguments, user: Command((program, *arguments), user),
        st.just("/bin/true") | ARGUMENTS.filter(bool),
        st.lists(ARGUMENTS, max_size=3),
        user,
    )


def accounts() -> st.SearchStrategy[ScriptUser]:
    return st.builds(ScriptUser, WORDS, maybe(WORDS))


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

SOME = st.booleans()
GIVEN = st.sampled_from([None, True, False])
FIFOS = maybe(st.builds(Fifo, st.just("/run/fifo"), maybe(commands(users=True)), maybe(accounts())))
GROUPS4, GROUPS6 = IPv4Address("224.0.0.99"), IPv6Address("ff02::99")


@st.composite
def smtps(draw: st.DrawFn) -> Smtp:
    """With what only vipd's own file can say."""
    user = draw(maybe(WORDS))
    return Smtp(
        server=draw(maybe(st.sampled_from(["10.0.0.25", "2001:db8::25"]))),
        helo_name=draw(maybe(WORDS)),
        connect_timeout_s=float(draw(st.integers(1, 4294))),
        sender=draw(maybe(st.just("vipd@example.com"))),
        recipients=tuple(draw(st.lists(st.sampled_from(["a@example.com", "b@example.com"]), unique=True))),
        tls=draw(st.sampled_from(["starttls", "implicit"] if user else ["none", "starttls", "implicit"])),
        ca_file=draw(maybe(WORDS)),
        user=user,
        password_file=None if user is None else draw(WORDS),
    )


def seconds(low_us: int, high_us: int) -> st.SearchStrategy[float]:
    return st.integers(low_us, high_us).map(lambda value: value / 1e6)


@st.composite
def globals_(draw: st.DrawFn) -> GlobalDefs:
    dynamic = draw(SOME)
    return GlobalDefs(
        router_id=draw(maybe(WORDS)),
        script_user=draw(maybe(st.builds(ScriptUser, WORDS, maybe(WORDS)))),
        enable_script_security=draw(SOME),
        garp=draw(GARP),
        vrrp_version=draw(st.sampled_from([2, 3])),
        vrrp_mcast_group4=draw(st.sampled_from([None, GROUPS4])),
        vrrp_mcast_group6=draw(st.sampled_from([None, GROUPS6])),
        vrrp_garp_interval_s=draw(st.just(0.0) | seconds(1, 1_000_000)),
        vrrp_gna_interval_s=draw(st.just(0.0) | seconds(1, 1_000_000)),
        vrrp_min_garp=draw(SOME),
        vrrp_garp_extra_if_s=(extra := draw(st.integers(0, 86400))),
        vrrp_garp_extra_if_all=extra > 0 and draw(SOME),
        vrrp_down_timer_adverts=draw(st.integers(1, 100)),
        vrrp_lower_prio_no_advert=draw(SOME),
        vrrp_higher_prio_send_advert=draw(GIVEN),
        vrrp_owner_ignore_adverts=draw(SOME),
        vrrp_check_unicast_src=draw(SOME),
        vrrp_skip_check_adv_addr=draw(SOME),
        vrrp_startup_delay_s=draw(st.just(0.0) | seconds(1_000, 100_000_000)),
        vrrp_delay_after_boot_s=draw(st.just(0.0) | seconds(1_000, 100_000_000)),
        dynamic_interfaces=dynamic,
        allow_if_changes=dynamic and draw(SOME),
        default_interface=draw(maybe(INTERFACES)),
        v3_checksum_as_v2=draw(SOME),
        nftables=draw(st.sampled_from([None, "keepalived", "vips"])),
        nftables_priority=draw(maybe(st.integers(-(2**31), 2**31 - 1))),
        notify_fifo=draw(FIFOS),
        vrrp_notify_fifo=draw(FIFOS),
        lvs_notify_fifo=draw(FIFOS),
        vrrp_notify_priority_changes=draw(SOME),
        fifo_write_vrrp_states_on_reload=draw(SOME),
        smtp=draw(smtps()),
        smtp_alert=draw(GIVEN),
        smtp_alert_vrrp=draw(GIVEN),
        no_email_faults=draw(SOME),
        startup_script=draw(maybe(commands(users=True))),
        startup_script_timeout_s=draw(st.integers(1, 1000).map(float)),
        shutdown_script=draw(maybe(commands(users=True))),
        shutdown_script_timeout_s=draw(st.integers(1, 1000).map(float)),
        state_dump_file=draw(maybe(st.just("/run/state"))),
        stats_dump_file=draw(maybe(st.just("/run/stats"))),
        json_dump_file=draw(maybe(st.just("/run/json"))),
        json_version=draw(st.sampled_from([1, 2])),
        vmac_prefix=draw(maybe(st.just("vm"))),
    )


def scripts(name: str) -> st.SearchStrategy[VrrpScript]:
    return st.builds(
        VrrpScript,
        name=st.just(name),
        command=commands(users=True),
        interval_s=seconds(1_000, 3_000_000),
        timeout_s=maybe(seconds(1_000, 4_294_000_000)),
        weight=WEIGHTS,
        reverse=SOME,
        rise=st.integers(1, 2**31 - 1),
        fall=st.just(1),
        init_fail=SOME,
    )


@st.composite
def processes(draw: st.DrawFn, name: str) -> VrrpTrackProcess:
    quorum = draw(st.integers(1, 65535))
    return VrrpTrackProcess(
        name=name,
        process=("/usr/sbin/nginx", *draw(st.lists(WORDS, max_size=2))),
        param_match=draw(st.sampled_from([None, "exact", "initial", "partial"])),
        weight=draw(st.integers(-254, 254)),
        reverse=draw(SOME),
        quorum=quorum,
        quorum_max=draw(maybe(st.integers(quorum, 65535))),
        fork_delay_s=draw(st.just(0.0) | seconds(1, 3_600_000_000)),
        terminate_delay_s=draw(st.just(0.0) | seconds(1, 3_600_000_000)),
        full_command=draw(SOME),
    )


@st.composite
def files(draw: st.DrawFn, name: str) -> VrrpTrackFile:
    init_file = draw(maybe(st.integers(-254, 254)))
    return VrrpTrackFile(
        name=name,
        file="/run/offset",
        weight=draw(st.integers(-254, 254)),
        reverse=draw(SOME),
        init_file=init_file,
        overwrite=init_file is not None and draw(SOME),
    )


def host(family: int, number: int) -> Address:
    return IPv4Address((10 << 24) + number) if family == 4 else IPv6Address((0x20010DB8 << 96) + number)


@st.composite
def addresses(draw: st.DrawFn, address: Address, plain: bool = False) -> VirtualAddress:
    """``plain``: without a VMAC of its own."""
    ipv4 = address.version == 4
    peer = draw(st.sampled_from([None, str(host(address.version, 77))]))
    length = address.max_prefixlen if peer else draw(st.integers(1, address.max_prefixlen))
    broadcast = draw(st.sampled_from([None, "10.0.0.255", "+", "-"])) if ipv4 and not peer else None
    return VirtualAddress(
        address,
        length,
        dev=draw(maybe(INTERFACES)),
        broadcast=None if broadcast in ("+", "-") and length > 30 else broadcast,
        scope=draw(st.sampled_from([None, "global", "link", "host", "200"])) if ipv4 else None,
        label=draw(st.sampled_from([None, "eth0:1", "web"])) if ipv4 else None,
        peer=peer,
        home=draw(SOME),
        dad=draw(SOME),
        mngtmpaddr=draw(SOME),
        noprefixroute=draw(SOME),
        autojoin=draw(SOME),
        preferred_lft_s=draw(st.sampled_from([None, 0, 3600, 2**32 - 1])),
        no_track=draw(SOME),
        use_vmac=not plain and draw(SOME),
    )


@st.composite
def routes(draw: st.DrawFn, number: int, static: bool = False) -> Route:
    family = draw(st.sampled_from([4, 6]))
    network = str(ip_network((host(family, number << 16), 128 if family == 6 else 24)))
    via, source = (draw(st.sampled_from([None, host(family, last)])) for last in (1, 2))
    hops = draw(st.integers(0, 2)) if via is None else 0
    dev = draw(INTERFACES) if not hops else None
    return Route(
        destination=draw(st.sampled_from([network, "default"])),
        family=family,
        kind="unicast",
        via=via,
        dev=dev,
        source=source,
        table=draw(maybe(st.sampled_from(["main", "100"]))),
        metric=draw(maybe(st.integers(1, 2**31 - 1))),
        protocol=None,
        scope=draw(st.sampled_from([None, "link", "global"])) if family == 4 else None,
        tos=draw(maybe(st.just("4"))) if family == 4 else None,
        onlink=via is not None and draw(SOME),
        metrics=draw(st.sampled_from([(), (("mtu", "1400"),), (("mtu", "lock 1400"), ("advmss", "1200"))])),
        nexthops=tuple(draw(hop(family)) for _number in range(hops)),
        no_track=bool(hops) or draw(SOME),
    )


def hop(family: int) -> st.SearchStrategy[NextHop]:
    return st.builds(
        NextHop, via=st.just(host(family, 1)), dev=INTERFACES, weight=maybe(st.integers(1, 256)), onlink=SOME
    )


@st.composite
def rules(draw: st.DrawFn, number: int, static: bool = False) -> Rule:
    family = draw(st.sampled_from([4, 6]))
    source, destination = (draw(st.sampled_from([None, str(ip_network(host(family, last)))])) for last in (8, 9))
    action = draw(st.sampled_from(["lookup", "goto", "nop", "blackhole", "prohibit", "unreachable"]))
    selectors = (("fwmark", "3/7"), ("oif", "eth0"), ("tos", "4"), ("sport", "10-20"), ("uidrange", "1-99"))
    return Rule(
        family=family,
        source=source,
        destination=destination,
        inverted=draw(SOME),
        selectors=(("iif", "eth0"), *draw(st.lists(st.sampled_from(selectors), unique=True))),
        preference=number,
        action=action,
        table=draw(st.sampled_from(["main", "100"])) if action == "lookup" else None,
        goto=20000 + number if action == "goto" else None,
        no_track=draw(SOME),
    )


@st.composite
def tracked(draw: st.DrawFn, kind: type[Any], name: str, weights: st.SearchStrategy[int], unweighted: bool) -> Any:
    weight: Optional[int] = 0 if unweighted else draw(maybe(weights))
    return kind(name, weight, reverse=weight is not None and draw(SOME))


@st.composite
def tracks(draw: st.DrawFn, names: dict[type[Any], list[str]], others: list[str], unweighted: bool) -> Tracks:
    chosen = {
        kind: draw(st.lists(st.sampled_from(given), unique=True)) if given else [] for kind, given in names.items()
    }
    wide = st.integers(-254, 254)
    return Tracks(
        interfaces=tuple(TrackInterface(name, 0 if unweighted else draw(WEIGHTS), draw(SOME)) for name in others),
        scripts=tuple(draw(tracked(TrackScript, name, WEIGHTS, unweighted)) for name in chosen[TrackScript]),
        processes=tuple(draw(tracked(TrackProcess, name, wide, unweighted)) for name in chosen[TrackProcess]),
        files=tuple(draw(tracked(TrackFile, name, wide, unweighted)) for name in chosen[TrackFile]),
    )


@st.composite
def notifies(draw: st.DrawFn, instance: bool = True) -> Notify:
    deleted = draw(maybe(commands(users=True))) if instance else None
    return Notify(
        master=draw(maybe(commands(users=True))),
        backup=draw(maybe(commands(users=True))),
        fault=draw(maybe(commands(users=True))),
        stop=draw(maybe(commands(users=True))),
        deleted=deleted,
        master_rx_lower_pri=draw(maybe(commands(users=True))) if instance else None,
        any=draw(maybe(commands(users=True))),
        says_deleted=deleted is not None or (instance and draw(SOME)),
    )


@st.composite
def instances(draw: st.DrawFn, number: int, names: dict[type[Any], list[str]], least: int, node: int) -> VrrpInstance:
    """``least`` is how many addresses it has at least; ``node`` the version that global_defs set."""
    family = draw(st.sampled_from([4, 4, 6]))
    version = draw(st.sampled_from([None, 3])) if family == 6 else draw(st.sampled_from([None, 2, 3]))
    spoken = 3 if family == 6 else version or node
    state = draw(st.sampled_from(["MASTER", "BACKUP"]))
    priority = draw(st.integers(1, 255))
    owner = priority == OWNER_PRIORITY
    unicast = draw(SOME)
    numbers = draw(st.lists(st.integers(1, 200), min_size=max(least, family == 6), max_size=4, unique=True))
    interface = draw(INTERFACES)
    others = draw(st.lists(INTERFACES.filter(lambda name: name != interface), max_size=3, unique=True))
    nopreempt = state == "BACKUP" and not owner and draw(SOME)
    vmac = draw(maybe(st.builds(Vmac, maybe(st.just(f"vm{number}")), maybe(st.just(f"02:00:00:00:01:{number:02x}")))))
    every_vmac = draw(SOME)
    any_vmac = vmac is not None or every_vmac
    extra = draw(maybe(st.integers(1, 86400)))
    return VrrpInstance(
        name=f"VI {number}" if draw(SOME) else f"VI_{number}",
        interface=interface,
        virtual_router_id=number,
        state=state,
        priority=priority,
        advert_int_s=draw(st.integers(1, 4095)) / 100 if spoken == 3 else float(draw(st.integers(1, 255))),
        version=version,
        auth_pass=draw(maybe(PASSWORDS)) if spoken == 2 else None,
        virtual_ipaddress=tuple(draw(addresses(host(family, (number << 8) + last), any_vmac)) for last in numbers),
        virtual_ipaddress_excluded=tuple(
            draw(addresses(host(draw(st.sampled_from([4, 6])), (number << 8) + 201 + last), any_vmac))
            for last in range(draw(st.integers(0, 2)))
        ),
        virtual_routes=tuple(draw(routes((number << 4) + last)) for last in range(draw(st.integers(0, 2)))),
        virtual_rules=tuple(draw(rules((number << 4) + last)) for last in range(draw(st.integers(0, 2)))),
        nopreempt=nopreempt,
        preempt_delay_s=0.0 if nopreempt or state == "MASTER" else draw(seconds(0, 1_000_000_000)),
        native_ipv6=family == 6 and draw(SOME),
        mcast_src_ip=None if unicast else draw(maybe(st.just(host(family, 5)))),
        mcast_dst_ip=None if unicast else draw(maybe(st.just(GROUPS4 if family == 4 else GROUPS6))),
        unicast_src_ip=draw(maybe(st.just(host(family, 5)))) if unicast else None,
        unicast_peer=tuple(draw(peers(host(family, 6 + last))) for last in range(draw(st.integers(1, 3))))
        if unicast
        else (),
        unicast_ttl=draw(st.integers(0, 255)) if unicast else 255,
        check_unicast_src=draw(GIVEN) if unicast else None,
        old_unicast_checksum=draw(GIVEN) if unicast else None,
        unicast_fault_no_peer=unicast and draw(SOME),
        track_src_ip=draw(SOME),
        dont_track_primary=draw(SOME),
        tracks=draw(tracks(names, others, owner)),
        notify=draw(notifies()),
        notify_priority_changes=draw(GIVEN),
        smtp_alert=draw(GIVEN),
        garp=draw(GARP),
        garp_extra_if_s=extra,
        garp_extra_if_all=extra is not None and draw(SOME),
        use_vmac=vmac,
        vmac_xmit_base=vmac is not None and (unicast or draw(SOME)),
        use_vmac_addr=every_vmac,
        accept=draw(GIVEN),
        down_timer_adverts=draw(maybe(st.integers(1, 100))),
        lower_prio_no_advert=draw(GIVEN),
        higher_prio_send_advert=draw(GIVEN),
        owner_ignore_adverts=draw(GIVEN),
        skip_check_adv_addr=draw(GIVEN),
        strict_mode=draw(st.sampled_from([None, False])),
        v3_checksum_as_v2=draw(GIVEN),
        timer_expired_backup=draw(maybe(st.integers(1, 254))) if nopreempt else None,
        promote_secondaries=vmac is None and draw(SOME),
    )


@st.composite
def peers(draw: st.DrawFn, address: Address) -> UnicastPeer:
    low = draw(maybe(st.integers(0, 255)))
    return UnicastPeer(address, low, draw(maybe(st.integers(low or 0, 255))))


@st.composite
def sync_groups(draw: st.DrawFn, name: str, members: tuple[str, ...], names: dict[type[Any], list[str]]) -> Any:
    return VrrpSyncGroup(
        name=name,
        group=members,
        tracks=draw(tracks(names, [], unweighted=True)),
        notify=draw(notifies(instance=False)),
        notify_priority_changes=draw(GIVEN),
        smtp_alert=draw(GIVEN),
        sync_group_tracking_weight=True,
    )


@st.composite
def configs(draw: st.DrawFn, least: int = 0) -> Config:
    """``least`` is how many instances there are at least, and how many addresses each of them has."""
    node = draw(globals_())
    names = draw(st.lists(WORDS, max_size=3, unique=True))
    followed: dict[type[Any], list[str]] = {
        TrackScript: names,
        TrackProcess: draw(st.lists(st.sampled_from(["nginx", "ha proxy"]), unique=True)),
        TrackFile: draw(st.lists(st.sampled_from(["offset", "off set"]), unique=True)),
    }
    count = draw(st.integers(least, 3))
    made = tuple(draw(instances(number, followed, least, node.vrrp_version)) for number in range(1, count + 1))
    members = tuple(one.name for one in made[:2])
    grouped = len(members) > 1 and draw(SOME)
    groups = (TrackGroup("statics", (made[0].name,)),) if made else ()
    return Config(
        global_defs=node,
        scripts=tuple(draw(scripts(name)) for name in names),
        processes=tuple(draw(processes(name)) for name in followed[TrackProcess]),
        files=tuple(draw(files(name)) for name in followed[TrackFile]),
        instances=made,
        sync_groups=(draw(sync_groups("both", members, followed)),) if grouped else (),
        static_ipaddress=tuple(
            draw(addresses(host(draw(st.sampled_from([4, 6])), 0xF000 + last), plain=True))
            for last in range(draw(st.integers(0, 2)))
        ),
        static_routes=tuple(draw(routes(0xE0 + last, static=True)) for last in range(draw(st.integers(0, 2)))),
        static_rules=tuple(draw(rules(0xE0 + last, static=True)) for last in range(draw(st.integers(0, 2)))),
        track_groups=groups,
        garp_groups=tuple(
            draw(st.builds(GarpGroup, seconds(1, 9_000_000), maybe(seconds(1, 9_000_000)), st.just((name,))))
            for name in draw(st.lists(INTERFACES, max_size=1))
        ),
        interface_delays=tuple(
            draw(st.builds(InterfaceDelays, st.just(name), st.just(0.001), seconds(0, 1_000)))
            for name in draw(st.lists(INTERFACES, max_size=2, unique=True))
        ),
    )
