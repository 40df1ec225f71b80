# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a value is said: for the whole pair, for a host, for an instance, or for one host of an instance.

What most instances of a host have is said once; the others are exceptions. Nothing here knows a keyword: look next at
``recognition.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")
Options = Mapping[str, Any]


class UnfitError(Exception):
    """Why the topology cannot say what these configurations say."""


@dataclass
class Sayings:
    """Variables of a role, without its prefix. ``instances`` is what ``…_instances`` says of each."""

    of_host: dict[str, dict[str, Any]]
    instances: list[dict[str, Any]]
    shared: dict[str, Any] = field(default_factory=dict)

    def share(self, name: str, values: Mapping[str, Any]) -> None:
        """``values`` is by host."""
        first = next(iter(values.values()))
        if all(value == first for value in values.values()):
            self.shared[name] = first
            return
        for host, value in values.items():
            self.of_host[host][name] = value

    def say(self, name: str, values: Sequence[Mapping[str, Any]]) -> None:
        """``values`` is by host, for each instance."""
        usual = {host: most_usual([one[host] for one in values]) for host in values[0]}
        self.share(name, usual)
        for said, seen in zip(self.instances, values, strict=True):
            self.excepting(said, name, {host: value for host, value in seen.items() if value != usual[host]})

    def excepting(self, said: dict[str, Any], name: str, other: Mapping[str, Any]) -> None:
        """What an instance says itself, by host: once where all hosts say the same."""
        values = list(other.values())
        if len(values) == len(self.of_host) and all(value == values[0] for value in values):
            said[name] = values[0]
            return
        for host, value in other.items():
            said.setdefault("hosts", {}).setdefault(host, {})[name] = value

    def say_of_all(self, name: str, values: Sequence[Mapping[str, Any]]) -> None:
        """A value that an instance has on all hosts, or there is no saying it. It is not told: it may be a secret."""
        of_instances = [agreed(f"{name} of an instance", list(one.values())) for one in values]
        self.shared[name] = most_usual(of_instances)
        for said, value in zip(self.instances, of_instances, strict=True):
            if value != self.shared[name]:
                said[name] = value

    def pass_through(self, name: str, values: Sequence[Mapping[str, Options]]) -> None:
        """Dictionaries of keywords: what all instances of a host say is the host's, the rest is the instance's."""
        common = {host: in_all([one[host] for one in values]) for host in values[0]}
        self.share(name, common)
        for said, seen in zip(self.instances, values, strict=True):
            own = {host: without(given, common[host]) for host, given in seen.items()}
            everywhere = in_all(list(own.values()))
            if everywhere:
                said["options"] = everywhere
            for host, given in own.items():
                if left := without(given, everywhere):
                    said.setdefault("hosts", {}).setdefault(host, {})["options"] = left


def most_usual(values: Sequence[T]) -> T:
    """Of several that are equally usual, the first."""
    return max(values, key=values.count)


def agreed(what: str, values: Sequence[T]) -> T:
    require(all(value == values[0] for value in values), f"{what} is not the same everywhere")
    return values[0]


def require(condition: bool, reason: str) -> None:
    if not condition:
        raise UnfitError(reason)


def in_all(given: Sequence[Options]) -> dict[str, Any]:
    """What every one of them says, and alike."""
    return {key: value for key, value in given[0].items() if all(key in one and one[key] == value for one in given)}


def without(given: Options, keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key not in keys}
