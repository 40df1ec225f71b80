# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last events of a world, kept as they are and put into words only when somebody must read them."""

from __future__ import annotations

from collections import deque
from typing import Any

from vipd.core.effects import (
    AddAddresses,
    AnnounceAddresses,
    Effect,
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
    FileRead,
    LinkChanged,
    ProcessesCounted,
    RouteRemoved,
    ScriptFinished,
)

REMEMBERED = 4000
SHOWN_LINES = 40


class Transcript:
    def __init__(self) -> None:
        self._notes: deque[tuple[float, str, Event | str, list[Effect]]] = deque(maxlen=REMEMBERED)

    def note(self, now: float, node: str, event: Event | str, effects: list[Effect]) -> None:
        self._notes.append((now, node, event, effects))

    def text(self) -> str:
        """The last lines; runs of adverts that changed nothing become one."""
        lines: list[str] = []
        silent = 0
        for now, node, event, effects in self._notes:
            if _is_routine(event, effects):
                silent += 1
                continue
            if silent:
                lines.append(f"              ... {silent} routine adverts")
                silent = 0
            done = "; ".join(filter(None, map(_done, effects)))
            lines.append(f"{now:12.4f}  {node:<5} {_happened(event)}{' -> ' + done if done else ''}")
        return "\n".join(lines[-SHOWN_LINES:])


def _is_routine(event: Event | str, effects: list[Effect]) -> bool:
    if isinstance(event, AdvertReceived):
        return not effects and event.received.advert.priority != 0
    return isinstance(event, DeadlineReached) and all(isinstance(effect, SendAdvert) for effect in effects)


def _happened(event: Event | str) -> str:
    if isinstance(event, AdvertReceived):
        advert = event.received.advert
        return f"heard {event.received.source} vrid {advert.vrid} priority {advert.priority}"
    if isinstance(event, LinkChanged):
        return f"told {event.interface} {'up' if event.up else 'down'} {event.address or event.link_local}"
    if isinstance(event, (AddressRemoved, RouteRemoved, FileRead, ProcessesCounted)):
        return f"told {event}"
    if isinstance(event, ScriptFinished):
        return f"told script {'succeeds' if event.success else 'fails'}"
    if isinstance(event, ConfigLoaded):
        return "told config " + ", ".join(f"{one.name} {one.priority}" for one in event.config.instances)
    return event if isinstance(event, str) else type(event).__name__


def _done(effect: Effect) -> str:
    if isinstance(effect, SendAdvert):
        return f"advert {effect.advert.vrid}/{effect.advert.priority}"
    if isinstance(effect, RecordTransition):
        return f"{effect.instance} {effect.before} -> {effect.after} ({effect.reason})"
    if isinstance(effect, RunNotify):
        return f"notify {'' if effect.kind == 'INSTANCE' else 'group '}{effect.state}"
    verb = _VERBS.get(type(effect))
    if verb is None or not isinstance(effect, (AddAddresses, RemoveAddresses, AnnounceAddresses)):
        return ""
    return f"{verb} {' '.join(str(vip.address) for vip in effect.addresses)}" if effect.addresses else ""


_VERBS: dict[type[Any], str] = {AddAddresses: "add", RemoveAddresses: "remove", AnnounceAddresses: "announce"}
