# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the variables of a topology role say about a pair, as typed values.

The tables of variables and their defaults are here; the roles' defaults and argument specifications are compared with
them by a test. Only single values are judged here: look next at ``plan.py``, which judges the pair as a whole, and at
``settings.py`` for the readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.model import (
    Address,
    Command,
    TrackInterface,
    VirtualAddress,
    VrrpScript,
)
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.values import COUNT_MAX, SECONDS_MAX
from ansible_collections.lbha.pair.plugins.plugin_utils.address_words import with_words
from ansible_collections.lbha.pair.plugins.plugin_utils.directing import Network
from ansible_collections.lbha.pair.plugins.plugin_utils.instances import (
    ADVERT_INT_MAX_S,
    ADVERT_INT_MIN_S,
    NOTIFY_KEYS,
    PRIORITY_MAX,
    Said,
    SyncGroup,
    read_instances,
    read_notify,
    read_sync_groups,
    read_user,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.options import Lines, read_options
from ansible_collections.lbha.pair.plugins.plugin_utils.settings import (
    Reading,
    boolean,
    broadcast,
    command,
    integer,
    interface_name,
    label,
    network,
    password,
    seconds,
    shown,
    symbol,
    text,
    virtual_address,
)
from ansible_collections.lbha.pair.plugins.plugin_utils.speaking import UNICAST, Sources, read_sources
from ansible_collections.lbha.pair.plugins.plugin_utils.tracks import read_track_interfaces, weight
from ansible_collections.lbha.pair.plugins.plugin_utils.virtual_servers import (
    Reach,
    ServerHost,
    Service,
    read_services,
)

T = TypeVar("T")

# What a role's variables are called behind its prefix, and what they are when nobody says anything.
COMMON: Mapping[str, Any] = {
    "state": "present",
    "hosts": [],
    "vips": [],
    "interface": "eth0",
    "virtual_router_id": 51,
    "reserved_virtual_router_ids": [],
    "advert_int_s": 1,
    "password": "",
    "password_file": "",
    "nopreempt": False,
    "checks": [],
    "track_interfaces": [],
    "notify": {},
    "script_user": "root",
    "instances": [],
    "sync_groups": [],
    "instance_options": {},
    "global_options": {},
    "raw": "",
}
TOPOLOGIES: Mapping[str, Mapping[str, Any]] = {
    "single_master": {**COMMON, "preferred": "", "priority": None},
    "dual_master": COMMON,
    "lvs_director": {
        **COMMON,
        "preferred": "",
        "priority": None,
        "services": [],
        "sync_daemon": False,
        "masquerade": [],
        "kernel_settings": {},
    },
}
# A topology with services has their VIPs; its "vips" are more of them, a gateway of real servers' for example.
WITH_SERVICES = "services"
ANSIBLE_HOST = "ansible_host"
# The rest has one value for the whole pair.
OF_ONE_HOST = frozenset(
    (
        *("interface", "priority", "state", "nopreempt", "checks", "track_interfaces", "notify"),
        *("instance_options", "global_options", "raw"),
    )
)
SECRET = frozenset({"password", "instances"})  # or they hold one

VIP_KEYS = ("address", "dev", "label", "broadcast", "scope", "options", "instance")
CHECK_KEYS = (
    *("name", "command", "user", "group"),
    *("interval_s", "timeout_s", "fall", "rise", "weight", "reverse", "init_fail"),
)
_count = integer(1, COUNT_MAX)
_duration = seconds(0.001, SECONDS_MAX)
# Keywords that have a variable of their own: the first of these that the topology has.
DERIVED_KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "state": ("preferred", "vips"),
    "interface": ("interface",),
    "virtual_router_id": ("virtual_router_id",),
    "priority": ("priority", "vips"),
    "advert_int": ("advert_int_s",),
    "authentication": ("password",),
    "virtual_ipaddress": ("vips",),
    "nopreempt": ("nopreempt",),
    "track_script": ("checks",),
    "track_interface": ("track_interfaces",),
    **dict.fromkeys(NOTIFY_KEYS, ("notify",)),
}


@dataclass(frozen=True)
class Member:
    """A host as the inventory describes it. ``interfaces`` None: its facts are not known."""

    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    own_addresses: Mapping[Address, str] = field(default_factory=dict)  # and the interface, or ANSIBLE_HOST
    interfaces: tuple[str, ...] | None = None
    networks: tuple[Network, ...] = ()
    provider: str = "vipd"
    unicast: Any = None  # as the inventory says it of this host
    unicast_address: Any = None

    def reached_at(self) -> tuple[Address, ...]:
        return tuple(address for address, origin in self.own_addresses.items() if origin == ANSIBLE_HOST)


@dataclass(frozen=True)
class Outside:
    """What is not a variable of the role: real servers' hosts, passwords kept in files, how adverts travel."""

    server: Callable[[str], ServerHost | None]
    kept_password: Callable[[str], str]
    unicast: Any


@dataclass(frozen=True)
class Vip:
    """``place`` is the path of the variable that asked for it, ``of_preferred`` of the one that prefers a host."""

    place: str
    address: VirtualAddress
    preferred: str
    of_preferred: str
    instance: str = ""


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


class Variables:
    """The role's variables as each host sees them.

    What a play or a role's parameters say holds for all hosts; what stands in the inventory may differ from host to
    host. The inventory's own value of the asking host tells the two apart.
    """

    def __init__(self, topology: str, given: Mapping[str, Any], asking: str, members: Mapping[str, Member]) -> None:
        self.topology = topology
        self.defaults = TOPOLOGIES[topology]
        self.given = given
        self.asking = asking
        self.members = members

    def name(self, setting: str) -> str:
        return f"{self.topology}_{setting}"

    def owner(self, keyword: str) -> str:
        """The variable that says a keyword of a vrrp_instance; empty for one that has none."""
        settings = (setting for setting in DERIVED_KEYWORDS.get(keyword, ()) if setting in self.defaults)
        return next((self.name(setting) for setting in settings), "")

    def shared(self, setting: str) -> Any:
        return self.given.get(self.name(setting), self.defaults[setting])

    def seen_by(self, host: str, setting: str) -> Any:
        mine = self.shared(setting)
        if host == self.asking or self._of_the_play(setting, mine) or host not in self.members:
            return mine
        return self.members[host].variables.get(self.name(setting), self.defaults[setting])

    def _of_the_play(self, setting: str, mine: Any) -> bool:
        asking, name = self.members.get(self.asking), self.name(setting)
        inventoried = asking is not None and name in asking.variables and asking.variables[name] == mine
        return not inventoried and mine != self.defaults[setting]

    def provider(self, host: str) -> str:
        member = self.members.get(host)
        return member.provider if member else "vipd"

    def report_unknown(self, reading: Reading) -> None:
        known = [self.name(setting) for setting in self.defaults]
        for name in self.given:
            if name not in known:
                reading.unknown(name, name, known)
        for member in self.members.values():
            for name in member.variables:
                if name not in known and name not in self.given:
                    reading.unknown(name, name, known, member.name)

    def report_disagreement(self, reading: Reading) -> None:
        for setting in (name for name in self.defaults if name not in OF_ONE_HOST):
            for host in self.members:
                if self.seen_by(host, setting) != self.shared(setting):
                    self._disagree(setting, host, reading)

    def _disagree(self, setting: str, host: str, reading: Reading) -> None:
        values = f": {shown(self.seen_by(host, setting))} and {shown(self.shared(setting))}"
        message = f"{host} and {self.asking} disagree{'' if setting in SECRET else values}"
        reading.report(self.name(setting), message, "set it once for the whole pair, in group_vars")


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
        scripts=each("checks", _checks),
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
        found = _vip(path, item, False, reading)
        return (found.address, found.instance) if found else None

    variable, value = variables.name(WITH_SERVICES), variables.shared(WITH_SERVICES)
    return read_services(variable, value, Reach(vip, server), reading)


def _all_vips(variables: Variables, services: tuple[Service, ...], reading: Reading) -> tuple[Vip, ...]:
    vips = (*_vips_of(services), *_vips(variables, reading))
    if services and not vips:
        message = "no service has a VIP: nothing would come to the directors"
        reading.report(variables.name("vips"), message, "list the VIPs that the firewall marks are for")
    return vips


def _vips_of(services: Iterable[Service]) -> tuple[Vip, ...]:
    """Several services may have one VIP."""
    found: dict[Address, Vip] = {}
    for service in services:
        if service.vip is not None:
            place = service.place
            vip = Vip(f"{place}.vip", service.vip, service.preferred, f"{place}.preferred", service.instance)
            found.setdefault(service.vip.address, vip)
    return tuple(found.values())


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


def _vips(variables: Variables, reading: Reading) -> tuple[Vip, ...]:
    variable, value = variables.name("vips"), variables.shared("vips")
    preferring = "preferred" not in variables.defaults  # then each VIP may name its host
    if value in ([], (), None, "") and WITH_SERVICES in variables.defaults:
        return ()
    if value in ([], (), None, ""):
        example = "{address: 10.0.0.3/24, preferred: lb01}" if preferring else "10.0.0.3/24"
        reading.report(variable, "names no virtual IP", f"list at least one, for example [{example}]")
        return ()
    found = [_vip(path, item, preferring, reading) for path, item in reading.items(variable, value, "virtual IPs")]
    return tuple(vip for vip in found if vip is not None)


def _vip(path: str, item: Any, preferring: bool, reading: Reading) -> Vip | None:
    keys = (*VIP_KEYS, "preferred") if preferring else VIP_KEYS
    whole = isinstance(item, Mapping)
    given = reading.mapping(path, item if whole else {"address": item}, keys, "address/prefix or a dictionary")

    def take(key: str, reader: Callable[[Any], Any]) -> Any:
        return reading.take(f"{path}.{key}", reader, given[key], None) if given.get(key) is not None else None

    preferred = take("preferred", text) or ""
    found = reading.take(f"{path}.address" if whole else path, virtual_address, given.get("address"), None)
    options = {
        "dev": take("dev", _device),
        "label": take("label", label),
        "broadcast": take("broadcast", broadcast),
        "scope": take("scope", symbol),
    }
    if found is None:
        return None
    for key in ("label", "broadcast"):
        if found.version == 6 and options[key]:
            reading.report(f"{path}.{key}", f"{found.ip} can have none", "remove it: only IPv4 addresses have one")
    address = VirtualAddress(found.ip, found.network.prefixlen, **options)
    return Vip(
        place=path,
        address=take("options", with_words(address)) or address,
        preferred=preferred,
        of_preferred=f"{path}.preferred",
        instance=take("instance", symbol) or "",
    )


def _device(value: Any) -> str:
    """Empty: the line names no device, and the agent takes the instance's."""
    return "" if value == "" else interface_name(value)


def _checks(variable: str, value: Any, reading: Reading) -> tuple[VrrpScript, ...]:
    scripts = [_check(path, item, reading) for path, item in reading.items(variable, value, "checks")]
    names = [script.name for script in scripts]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        reading.report(variable, f"two checks are called {name}", "give each a name of its own")
    return tuple(scripts)


def _check(path: str, item: Any, reading: Reading) -> VrrpScript:
    given = reading.mapping(path, item, CHECK_KEYS, "a dictionary with name and command")

    def take(key: str, reader: Callable[[Any], Any], instead: Any) -> Any:
        return reading.take(f"{path}.{key}", reader, given[key], instead) if key in given else instead

    for key in ("name", "command"):
        if isinstance(item, Mapping) and key not in given:
            reading.report(f"{path}.{key}", "is missing", f"give the check a {key}")
    return VrrpScript(
        name=take("name", symbol, ""),
        command=Command(take("command", command, ()), read_user(path, given, reading)),
        interval_s=take("interval_s", _duration, 1.0),
        timeout_s=take("timeout_s", _duration, None),
        weight=take("weight", weight, 0),
        reverse=take("reverse", boolean, False),
        rise=take("rise", _count, 1),
        fall=take("fall", _count, 1),
        init_fail=take("init_fail", boolean, False),
    )


def _options(
    variables: Variables, hosts: Iterable[str], setting: str, owner: Callable[[str], str], reading: Reading
) -> dict[str, Lines]:
    name = variables.name(setting)
    return {host: read_options(name, variables.seen_by(host, setting), owner, reading) for host in hosts}
