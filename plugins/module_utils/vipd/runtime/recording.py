# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happened to a core, as lines of JSON: written while it runs, and read again to run another core on it.

A line is ``{"at": SECONDS, "event": {"is": "AdvertReceived", ...}}``: a dataclass is an object that names its class and
the fields that are not as by default, a tuple is a list, bytes are hexadecimal. Pure: no files, no clock.

No secret gets in: a password becomes a word that says nothing, and the same password the same word, so that whoever
proved a password in the recording still proves it in the replay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Callable

from ..config import commands, model, network, place, tracked
from ..config.lvs_settings import NO_LVS, UNCHANGED
from ..core import events
from ..core.events import AdvertReceived, ConfigLoaded, Event, LinkChanged, MaintenanceChanged, StopRequested
from ..wire import vrrp
from ..wire.vrrp import AUTH_DATA_LENGTH, Checksum

# A segment has few passwords; somebody who guesses at ours sends many.
_REMEMBERED_SECRETS = 100
_MASK_PREFIX = "secret"
_OTHER_SECRET = b"secret??"
_NO_SECRET = bytes(AUTH_DATA_LENGTH)


class RecordingError(ValueError):
    """A line that is none of ours; the message says what is wrong with it."""


class Recorder:
    """Encodes events in their order; remembers the word for each password, and what a new file begins with."""

    def __init__(self) -> None:
        self._masks: dict[bytes, bytes] = {}
        self._config: list[Event] = []
        self._maintenance: list[Event] = []
        self._links: dict[str, Event] = {}

    def line(self, at: float, event: Event) -> str:
        """One line, without its end."""
        masked = self._masked(event)
        if isinstance(masked, ConfigLoaded):
            self._config = [masked]
        elif isinstance(masked, LinkChanged):
            self._links[masked.interface] = masked
        elif isinstance(masked, MaintenanceChanged):
            self._maintenance = [masked]
        return _line(at, masked)

    def beginning(self, at: float) -> list[str]:
        """What another core must know first, when the lines before this are thrown away."""
        return [_line(at, event) for event in (*self._maintenance, *self._links.values(), *self._config)]

    def _masked(self, event: Event) -> Event:
        if isinstance(event, ConfigLoaded):
            instances = tuple(self._without_password(instance) for instance in event.config.instances)
            node = replace(event.config.global_defs, lvs=UNCHANGED)
            return ConfigLoaded(replace(event.config, global_defs=node, instances=instances, lvs=NO_LVS))
        if isinstance(event, AdvertReceived) and event.received.advert.auth_data != _NO_SECRET:
            advert = event.received.advert
            advert = replace(advert, auth_data=self._mask(advert.auth_data))
            return replace(event, received=replace(event.received, advert=advert))
        return event

    def _without_password(self, instance: model.VrrpInstance) -> model.VrrpInstance:
        if instance.auth_pass is None:
            return instance
        octets = instance.auth_pass.encode("utf-8", "surrogateescape")[:AUTH_DATA_LENGTH]
        return replace(instance, auth_pass=self._mask(octets.ljust(AUTH_DATA_LENGTH, b"\0")).rstrip(b"\0").decode())

    def _mask(self, octets: bytes) -> bytes:
        if octets not in self._masks and len(self._masks) >= _REMEMBERED_SECRETS:
            return _OTHER_SECRET
        word = f"{_MASK_PREFIX}{len(self._masks)}"
        return self._masks.setdefault(octets, word.encode().ljust(AUTH_DATA_LENGTH, b"\0"))


def read(line: str) -> tuple[float, Event]:
    """The inverse of :meth:`Recorder.line`, but for what was masked. Raises RecordingError."""
    try:
        row = json.loads(line)
        at, event = float(row["at"]), _decode(row["event"])
    except (ValueError, KeyError, TypeError) as error:
        raise RecordingError(f"{error}") from None
    if type(event) not in _EVENTS:
        raise RecordingError(f"{type(event).__name__} is no event")
    return at, event


def _line(at: float, event: Event) -> str:
    return json.dumps({"at": round(at, 6), "event": _encode(event)}, separators=(",", ":"))


def _encode(value: Any) -> Any:
    for kind, name, text in _WRITTEN:
        if isinstance(value, kind):
            return {name: text(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return {"is": type(value).__name__, **{name: _encode(item) for name, item in _given(value)}}


def _given(value: Any) -> Iterator[tuple[str, Any]]:
    """Fields that are not as by default; places in files say nothing to a core."""
    for field in fields(value):
        item = getattr(value, field.name)
        if not isinstance(item, place.Place) and item != _default(field):
            yield field.name, item


def _default(field: Field[Any]) -> Any:
    return field.default if field.default is not MISSING else MISSING


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decode(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "is" in value:
        return _KINDS[value["is"]](**{name: _decode(item) for name, item in value.items() if name != "is"})
    ((name, text),) = value.items()
    return _READ[name](text)


def _dataclasses(*modules: Any) -> Iterator[tuple[str, type]]:
    for module in modules:
        for name, kind in vars(module).items():
            if isinstance(kind, type) and is_dataclass(kind):
                yield name, kind


_WRITTEN: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
    (Checksum, "checksum", lambda value: value.value),
    (bytes, "hex", lambda value: value.hex()),
    ((IPv4Address, IPv6Address), "ip", str),
    (frozenset, "set", lambda value: [_encode(item) for item in sorted(value, key=str)]),
)
_READ: dict[str, Callable[[Any], Any]] = {
    "checksum": Checksum,
    "hex": bytes.fromhex,
    "ip": ip_address,
    "set": lambda items: frozenset(_decode(item) for item in items),
}
_KINDS: dict[str, Any] = dict(_dataclasses(commands, network, tracked, model, vrrp, events))
_EVENTS = tuple(kind for _name, kind in _dataclasses(events) if kind.__module__ == StopRequested.__module__)
