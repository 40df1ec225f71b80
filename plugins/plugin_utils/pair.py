# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of a topology role say about a pair, as typed values.

Only single values are judged here: look next at ``plan.py``, which judges the pair as a whole, at ``variables.py`` for
what can be said, and at ``settings.py`` for the readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    Command,
    TrackInterface,
    VirtualAddress,
    VrrpScript,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.health_checks import read_checks
from ansible_collections.lbha.pair.plugins.plugin_utils.instances import (
    ADVERT_INT_MAX_S,
    ADVERT_INT_MIN_S,
    PRIORITY_MAX,
    Said,
    SyncGroup,
    read_instances,
    read_notify,
    read_sync_groups,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.options import Lines, read_options
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    Reading,
    boolean,
    integer,
    interface_name,
    network,
    password,
    seconds,
    shown,
    symbol,
    text,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.speaking import UNICAST, Sources, read_sources
from ansible_collections.lbha.pair.plugins.plugin_utils.tracks import read_track_interfaces
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import WITH_SERVICES, Variables
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_ips import (
    Vip,
    in_order,
    read_vip,
    read_vips,
    vips_of,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import (
    Reach,
    ServerHost,
    Service,
    read_services,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Outside:
    """What is not a variable of the role: real servers' hosts, passwords kept in files, how adverts travel."""

    server: Callable[[str], ServerHost | None]
    kept_password: Callable[[str], str]
    unicast: Any


@dataclass(frozen=True)
class Pair:
    """All that was read: mappings are by host, where hosts may differ."""

    hosts: tuple[str, ...]
    preferred: str
    vips: tuple[Vip, ...]
    interfaces: Mapping[str, str]
    priorities: Mapping[str, int]  # only those that were given
    virtual_router_id: int
    reserved_router_ids: frozenset[int]
    advert_int_s: float
    password: str
    nopreempt: Mapping[str, bool]
    scripts: Mapping[str, tuple[VrrpScript, ...]]
    track_interfaces: Mapping[str, tuple[TrackInterface, ...]]
    notify: Mapping[str, Mapping[str, Command]]
    script_user: str
    instances: tuple[Said, ...]
    sync_groups: tuple[SyncGroup, ...]
    unicast: bool
    sources: Mapping[str, Sources]
    options: Mapping[str, Lines]
    global_options: Mapping[str, Lines]
    raw: Mapping[str, str]
    services: tuple[Service, ...] = ()
    sync_daemon: bool = False
    masquerade: tuple[str, ...] = ()
    kernel_settings: Mapping[str, str] = field(default_factory=dict)


def read(variables: Variables, hosts: tuple[str, ...], outside: Outside, reading: Reading) -> Pair:
    """What cannot be read is reported and replaced by something harmless."""
    name, shared = variables.name, variables.shared
    services = _services(variables, outside.server, reading)

    def take(setting: str, reader: Callable[[Any], Any], instead: Any) -> Any:
        return reading.take(name(setting), reader, shared(setting), instead)

    def each(setting: str, reader: Callable[[str, Any, Reading], T]) -> dict[str, T]:
        return {host: reader(name(setting), variables.seen_by(host, setting), reading) for host in hosts}

    return Pair(
        hosts=hosts,
        preferred=take("preferred", text, "") if "preferred" in variables.defaults else "",
        vips=_all_vips(variables, services, reading),
        interfaces=_of_each(variables, hosts, "interface", interface_name, reading),
        priorities=_of_each(variables, hosts, "priority", integer(1, PRIORITY_MAX), reading),
        virtual_router_id=take("virtual_router_id", integer(1, 255), 1),
        reserved_router_ids=_router_ids(
            name("reserved_virtual_router_ids"), shared("reserved_virtual_router_ids"), reading
        ),
        advert_int_s=take("advert_int_s", seconds(ADVERT_INT_MIN_S, ADVERT_INT_MAX_S), 1.0),
        password=_password(variables, outside, reading),
        nopreempt=_of_each(variables, hosts, "nopreempt", boolean, reading),
        scripts=each("checks", read_checks),
        track_interfaces=each("track_interfaces", read_track_interfaces),
        notify=each("notify", read_notify),
        script_user=take("script_user", symbol, "root"),
        instances=read_instances(name("instances"), shared("instances"), variables.owner, reading),
        sync_groups=read_sync_groups(name("sync_groups"), shared("sync_groups"), reading),
        unicast=reading.take(UNICAST, boolean, outside.unicast, False),
        sources={host: _sources(host, variables, reading) for host in hosts},
        options=_options(variables, hosts, "instance_options", variables.owner, reading),
        global_options=_options(variables, hosts, "global_options", lambda _keyword: "", reading),
        raw=_of_each(variables, hosts, "raw", text, reading),
        services=services,
        sync_daemon=take("sync_daemon", boolean, False) if services else False,
        masquerade=_networks(variables, reading) if services else (),
        kernel_settings=_settings(variables, reading) if services else {},
    )


def _sources(host: str, variables: Variables, reading: Reading) -> Sources:
    member = variables.members.get(host)
    return read_sources(host, member.unicast_address, member.reached_at(), reading) if member else Sources()


def _router_ids(variable: str, value: Any, reading: Reading) -> frozenset[int]:
    items = reading.items(variable, value, "numbers")
    return frozenset(reading.take(path, integer(1, 255), item, 0) for path, item in items)


def _password(variables: Variables, outside: Outside, reading: Reading) -> str:
    name, file = variables.name("password_file"), variables.shared("password_file")
    said = reading.take(variables.name("password"), password, variables.shared("password"), "")
    if not file:
        return said
    if said:
        reading.report(name, f"{variables.name('password')} is set, too", "remove one of the two")
    return reading.take(name, lambda path: password(outside.kept_password(text(path))), file, "")


def _services(
    variables: Variables, server: Callable[[str], ServerHost | None], reading: Reading
) -> tuple[Service, ...]:
    if WITH_SERVICES not in variables.defaults:
        return ()

    def vip(path: str, item: Any) -> tuple[VirtualAddress, str] | None:
        found = read_vip(path, item, False, reading)
        return (found.address, found.instance) if found else None

    variable, value = variables.name(WITH_SERVICES), variables.shared(WITH_SERVICES)
    return read_services(variable, value, Reach(vip, server), reading)


def _all_vips(variables: Variables, services: tuple[Service, ...], reading: Reading) -> tuple[Vip, ...]:
    vips = in_order(vips_of(services), read_vips(variables, reading))
    if services and not vips:
        message = "no service has a VIP: nothing would come to the directors"
        reading.report(variables.name("vips"), message, "list the VIPs that the firewall marks are for")
    return vips


def _networks(variables: Variables, reading: Reading) -> tuple[str, ...]:
    variable = variables.name("masquerade")
    items = reading.items(variable, variables.shared("masquerade"), "networks")
    return tuple(str(reading.take(path, network, item, "")) for path, item in items)


def _settings(variables: Variables, reading: Reading) -> dict[str, str]:
    variable, value = variables.name("kernel_settings"), variables.shared("kernel_settings")
    if not isinstance(value, Mapping):
        reading.report(variable, f"{shown(value)} is not a dictionary", "write {net.ipv4.vs.conntrack: 1}")
        return {}
    return {str(key): reading.take(f"{variable}.{key}", text, item, "") for key, item in value.items()}


def _of_each(
    variables: Variables, hosts: Iterable[str], setting: str, reader: Callable[[Any], Any], reading: Reading
) -> dict[str, Any]:
    """A setting that may differ from host to host; who has a bad value, or none where none is needed, is left out."""
    if setting not in variables.defaults:
        return {}
    seen = {host: variables.seen_by(host, setting) for host in hosts}
    optional = variables.defaults[setting] is None
    given = {host: value for host, value in seen.items() if not (optional and value in (None, ""))}
    found = {
        host: reading.take(variables.name(setting), reader, value, None, host=host) for host, value in given.items()
    }
    return {host: value for host, value in found.items() if value is not None}


def _options(
    variables: Variables, hosts: Iterable[str], setting: str, owner: Callable[[str], str], reading: Reading
) -> dict[str, Lines]:
    name = variables.name(setting)
    return {host: read_options(name, variables.seen_by(host, setting), owner, reading) for host in hosts}
