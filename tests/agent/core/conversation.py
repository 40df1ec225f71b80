# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node's core, driven by words: what a transcript under transcripts/ says happens, and what the core answers.

    config ...        the keepalived.conf that follows is loaded
    link eth0 up 10.0.0.5 fe80::5 10.0.0.9 | link eth0 down | link eth0 up -   with addresses, the primary ones first
    hear 10.0.0.6 100 [vrid=51] [password=1111] [interval=1] [version=2] [ttl=255] [to=224.0.0.18] [vips=10.0.0.3]
         [checksum=message_only] [on=eth0]
    hearing 50 10.0.0.6 100 ...   time passes, and every second of it that advert is heard
    script chk succeeds | script chk fails
    process nginx 2   so many run now
    file drain 5      says this number now
    removed eth0 10.0.0.3   by another program; or: removed route DESTINATION, removed rule RULE, as they are printed
    lost eth0 10.0.0.3      nobody meant that: it went with another one
    refused eth0 10.0.0.3   by the kernel, when it was to be put on
    deaf eth0/4 any/6       all places without a socket; nothing: there is none any more
    stall 3.5         time passes; what was due in it comes late, in one turn
    wait 3.5          time passes; every deadline in it is acted on
    yield [VI_1 ...] [for=60] [force]   an operator asks for it; none named: all instances
    yield end [VI_1 ...]
    maintenance on [force] | maintenance off
    stop
    explain           what vipctl would say

Every verb prints the effects in order, each with the time it came at.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Callable

from vipd.config.parse import parse
from vipd.core.effects import (
    AddAddresses,
    AddRoutes,
    AddRules,
    AnnounceAddresses,
    Effect,
    Log,
    RecordTransition,
    RemoveAddresses,
    RemoveRoutes,
    RemoveRules,
    RunNotify,
    SendAdvert,
)
from vipd.core.events import (
    AddressLost,
    AddressRefused,
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    FileRead,
    LinkChanged,
    MaintenanceChanged,
    ProcessesCounted,
    RouteRemoved,
    RuleRemoved,
    ScriptFinished,
    SocketsMissing,
    StopRequested,
    YieldEnded,
    YieldRequested,
)
from vipd.core.explain import explain
from vipd.core.router import Router
from vipd.wire.vrrp import AUTH_NONE, AUTH_PASS, Advert, Checksum, ReceivedAdvert

VIP = {4: "10.0.0.3", 6: "fe80::3"}
GROUP = {4: "224.0.0.18", 6: "ff02::12"}


class Conversation:
    """``say`` a verb, get the lines of the answer."""

    def __init__(self) -> None:
        self.router = Router()
        self.now = 0.0
        self._remembered: dict[ReceivedAdvert, ReceivedAdvert] = {}  # as the codec does: the same octets, one object
        self._verbs: dict[str, Callable[[str], list[str]]] = {
            "config": self._config,
            "link": self._link,
            "hear": self._hear,
            "hearing": self._hearing,
            "script": self._script,
            "process": self._process,
            "file": self._file,
            "removed": self._removed,
            "lost": self._lost,
            "refused": self._refused,
            "deaf": self._deaf,
            "stall": self._stall,
            "wait": self._wait,
            "yield": self._yield,
            "maintenance": self._maintenance,
            "stop": lambda _rest: self._happen(StopRequested()),
            "explain": self._explain,
        }

    def say(self, text: str) -> list[str]:
        verb, *rest = re.split(r"\s", text, maxsplit=1)
        return self._verbs[verb]("".join(rest)) or ["(nothing)"]

    def _happen(self, event: Event) -> list[str]:
        return [f"{self.now:7.3f} {line}" for line in map(told, self.router.handle(event, self.now)) if line]

    def _config(self, text: str) -> list[str]:
        parsed = parse(text)
        if parsed.errors:
            return [str(error) for error in parsed.errors]
        return self._happen(ConfigLoaded(parsed.config))

    def _link(self, words: str) -> list[str]:
        name, state, *rest = words.split()
        addresses = [ip_address(word) for word in rest if word != "-"]
        primary = next((one for one in addresses if isinstance(one, IPv4Address)), None)
        link_local = next((one for one in addresses if isinstance(one, IPv6Address) and one.is_link_local), None)
        return self._happen(LinkChanged(name, state == "up", primary, link_local, frozenset(addresses)))

    def _hear(self, words: str) -> list[str]:
        source, priority = words.split()[:2]
        given = dict(re.findall(r"(\w+)=(\S+)", words))
        interface = given.pop("on", "eth0")
        received = heard(source, int(priority), given)
        received = self._remembered.setdefault(received, received)
        return self._happen(AdvertReceived("" if interface == "any" else interface, received))

    def _hearing(self, words: str) -> list[str]:
        seconds, advert = words.split(maxsplit=1)
        return [line for _second in range(int(seconds)) for line in (*self._hear(advert), *self._wait("1"))]

    def _script(self, words: str) -> list[str]:
        name, verdict = words.split()
        return self._happen(ScriptFinished(name, verdict == "succeeds", verdict))

    def _process(self, words: str) -> list[str]:
        name, count = words.split()
        return self._happen(ProcessesCounted(name, int(count)))

    def _file(self, words: str) -> list[str]:
        name, value = words.split()
        return self._happen(FileRead(name, int(value)))

    def _removed(self, words: str) -> list[str]:
        where, what = words.split(maxsplit=1)
        config = self.router.loaded.config
        routes = [*config.static_routes, *(route for one in config.instances for route in one.virtual_routes)]
        rules = [*config.static_rules, *(rule for one in config.instances for rule in one.virtual_rules)]
        if where == "route":
            return self._happen(RouteRemoved(next(route for route in routes if str(route) == what)))
        if where == "rule":
            return self._happen(RuleRemoved(next(rule for rule in rules if str(rule) == what)))
        return self._happen(AddressRemoved(where, ip_address(what)))

    def _lost(self, words: str) -> list[str]:
        where, what = words.split()
        return self._happen(AddressLost(where, ip_address(what)))

    def _refused(self, words: str) -> list[str]:
        where, what = words.split()
        return self._happen(AddressRefused(where, ip_address(what), "Permission denied"))

    def _deaf(self, places: str) -> list[str]:
        """``eth0/4 any/6``: all places without a socket, none when empty."""
        named = (place.split("/") for place in places.split())
        return self._happen(
            SocketsMissing(frozenset(("" if name == "any" else name, int(family)) for name, family in named))
        )

    def _wait(self, seconds: str) -> list[str]:
        lines: list[str] = []
        end = self.now + float(seconds)
        while True:
            due = self.router.next_deadline()
            if due is None or due > end:
                self.now = end
                return lines
            self.now = max(due, self.now)
            lines += self._happen(DeadlineReached())

    def _stall(self, seconds: str) -> list[str]:
        self.now += float(seconds)
        return self._happen(DeadlineReached())

    def _yield(self, text: str) -> list[str]:
        words = text.split()
        if words[:1] == ["end"]:
            return self._happen(YieldEnded(tuple(words[1:])))
        seconds = next((float(word.removeprefix("for=")) for word in words if word.startswith("for=")), None)
        names = tuple(word for word in words if word != "force" and not word.startswith("for="))
        return self._happen(YieldRequested(names, seconds, "force" in words))

    def _maintenance(self, words: str) -> list[str]:
        return self._happen(MaintenanceChanged("on" in words.split(), "force" in words.split()))

    def _explain(self, _rest: str) -> list[str]:
        instances = self.router.snapshot(self.now)["instances"]
        return [line for one in instances for line in explain(one, instances)]


def heard(source: str, priority: int, given: dict[str, str]) -> ReceivedAdvert:
    password, sender = given.get("password"), ip_address(source)
    version = int(given.get("version", 2 if sender.version == 4 else 3))
    advert = Advert(
        version=version,
        vrid=int(given.get("vrid", 51)),
        priority=priority,
        advert_int_cs=round(100 * float(given.get("interval", 1))),
        addresses=tuple(map(ip_address, given.get("vips", VIP[sender.version]).split(","))),
        auth_type=AUTH_PASS if password else AUTH_NONE,
        auth_data=(password or "").encode().ljust(8, b"\0"),
    )
    destination = ip_address(given.get("to", GROUP[sender.version]))
    form = Checksum(given.get("checksum", "message_only" if version == 2 else "pseudo_header"))
    return ReceivedAdvert(sender, destination, int(given.get("ttl", 255)), advert, form)


def told(effect: Effect) -> str:
    """One line for one effect; nothing for taking off no address."""
    line: str = _TOLD[type(effect)](effect)
    return line


def _sent(effect: SendAdvert) -> str:
    """What is usual is not said: version 2, by multicast, on eth0."""
    advert = effect.advert
    said = f"send advert vrid {advert.vrid} priority {advert.priority} from {effect.source}"
    if advert.version == 3:
        said += f", version 3, every {advert.advert_int_cs} cs"
    if not effect.destinations[0].is_multicast:
        said += f", to {' '.join(map(str, effect.destinations))}"
    if effect.checksum is not Checksum.PSEUDO_HEADER:
        said += f", checksum {effect.checksum}"
    return said if effect.interface == "eth0" else f"{said}, on {effect.interface or 'any interface'}"


def _transition(effect: RecordTransition) -> str:
    return f"{effect.instance}: {effect.before} -> {effect.after}, priority {effect.priority}: {effect.reason}"


def _vips(effect: AddAddresses | RemoveAddresses | AnnounceAddresses) -> str:
    return f"{' '.join(str(vip) for vip in effect.addresses)} on {effect.interface}"


def _notified(effect: RunNotify) -> str:
    whom = f"group {effect.instance} " if effect.kind == "GROUP" else ""
    also = [name for name in ("fifo", "mail") if getattr(effect, name)]
    commands = "; ".join(" ".join(one.argv) for one in effect.commands)
    return f"notify {whom}{effect.state}: {commands}{' (' + ', '.join(also) + ')' if also else ''}"


_TOLD: dict[type, Callable[[Any], str]] = {
    SendAdvert: _sent,
    AddAddresses: lambda effect: f"add {_vips(effect)}",
    RemoveAddresses: lambda effect: f"remove {_vips(effect)}" if effect.addresses else "",
    AnnounceAddresses: lambda effect: f"announce {_vips(effect)}, {effect.repeat} times",
    RecordTransition: _transition,
    AddRoutes: lambda effect: f"add routes {', '.join(map(str, effect.routes))}",
    RemoveRoutes: lambda effect: f"remove routes {', '.join(map(str, effect.routes))}" if effect.routes else "",
    AddRules: lambda effect: f"add rules {', '.join(map(str, effect.rules))}",
    RemoveRules: lambda effect: f"remove rules {', '.join(map(str, effect.rules))}" if effect.rules else "",
    RunNotify: _notified,
    Log: lambda effect: f"{effect.level}: {effect.text}",
}
