# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A node's core, driven by words: what a transcript under transcripts/ says happens, and what the core answers.

    config ...        the keepalived.conf that follows is loaded
    link eth0 up 10.0.0.5 | link eth0 down | link eth0 up -
    hear 10.0.0.6 100 [vrid=51] [password=1111] [interval=1] [version=2] [ttl=255] [to=224.0.0.18] [vips=10.0.0.3]
    script chk succeeds | script chk fails
    removed eth0 10.0.0.3   by another program
    wait 3.5          time passes; every deadline in it is acted on
    stop
    explain           what vipctl would say

Every verb prints the effects in order, each with the time it came at.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import Any, Callable

from vipd.config.parse import parse
from vipd.core.effects import (
    AddAddresses,
    AnnounceAddresses,
    Effect,
    Log,
    RecordTransition,
    RemoveAddresses,
    RunNotify,
    SendAdvert,
)
from vipd.core.events import (
    AddressRemoved,
    AdvertReceived,
    ConfigLoaded,
    DeadlineReached,
    Event,
    LinkChanged,
    ScriptFinished,
    StopRequested,
)
from vipd.core.explain import explain
from vipd.core.router import Router
from vipd.wire.vrrp import AUTH_NONE, AUTH_PASS, Advert, Checksum, ReceivedAdvert


class Conversation:
    """``say`` a verb, get the lines of the answer."""

    def __init__(self) -> None:
        self.router = Router()
        self.now = 0.0
        self._verbs: dict[str, Callable[[str], list[str]]] = {
            "config": self._config,
            "link": self._link,
            "hear": self._hear,
            "script": self._script,
            "removed": self._removed,
            "wait": self._wait,
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
        name, state, *address = words.split()
        own = IPv4Address(address[0]) if address and address[0] != "-" else None
        return self._happen(LinkChanged(name, state == "up", own))

    def _hear(self, words: str) -> list[str]:
        source, priority = words.split()[:2]
        given = dict(re.findall(r"(\w+)=(\S+)", words))
        return self._happen(AdvertReceived("eth0", heard(source, int(priority), given)))

    def _script(self, words: str) -> list[str]:
        name, verdict = words.split()
        return self._happen(ScriptFinished(name, verdict == "succeeds", verdict))

    def _removed(self, words: str) -> list[str]:
        interface, address = words.split()
        return self._happen(AddressRemoved(interface, IPv4Address(address)))

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

    def _explain(self, _rest: str) -> list[str]:
        return [line for one in self.router.snapshot(self.now)["instances"] for line in explain(one)]


def heard(source: str, priority: int, given: dict[str, str]) -> ReceivedAdvert:
    password = given.get("password")
    advert = Advert(
        version=int(given.get("version", 2)),
        vrid=int(given.get("vrid", 51)),
        priority=priority,
        advert_int_cs=100 * int(given.get("interval", 1)),
        addresses=tuple(map(IPv4Address, given.get("vips", "10.0.0.3").split(","))),
        auth_type=AUTH_PASS if password else AUTH_NONE,
        auth_data=(password or "").encode().ljust(8, b"\0"),
    )
    destination = IPv4Address(given.get("to", "224.0.0.18"))
    return ReceivedAdvert(IPv4Address(source), destination, int(given.get("ttl", 255)), advert, Checksum.MESSAGE_ONLY)


def told(effect: Effect) -> str:
    """One line for one effect; nothing for taking off no address."""
    line: str = _TOLD[type(effect)](effect)
    return line


def _sent(effect: SendAdvert) -> str:
    return f"send advert vrid {effect.advert.vrid} priority {effect.advert.priority} from {effect.source}"


def _transition(effect: RecordTransition) -> str:
    return f"{effect.instance}: {effect.before} -> {effect.after}, priority {effect.priority}: {effect.reason}"


def _vips(effect: AddAddresses | RemoveAddresses | AnnounceAddresses) -> str:
    return f"{' '.join(str(vip) for vip in effect.addresses)} on {effect.interface}"


_TOLD: dict[type, Callable[[Any], str]] = {
    SendAdvert: _sent,
    AddAddresses: lambda effect: f"add {_vips(effect)}",
    RemoveAddresses: lambda effect: f"remove {_vips(effect)}" if effect.addresses else "",
    AnnounceAddresses: lambda effect: f"announce {_vips(effect)}, {effect.repeat} times",
    RecordTransition: _transition,
    RunNotify: lambda effect: f"notify {effect.state}: {'; '.join(' '.join(one.argv) for one in effect.commands)}",
    Log: lambda effect: f"{effect.level}: {effect.text}",
}
