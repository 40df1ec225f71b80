# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of virtual_rules and static_rules: ip-rule(8)'s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Optional

from .diagnostics import Findings
from .ip_words import IpWords, prefix, unknown
from .lexer import Statement
from .network import Rule
from .values import BadValueError
from .words import word

ACTIONS = ("nop", "blackhole", "prohibit", "unreachable")
SELECTORS = (
    *("tos", "fwmark", "iif", "oif", "uidrange", "ipproto", "sport", "dport", "tunnel-id", "protocol", "realms"),
    *("suppress_prefixlength", "suppress_ifgroup", "l3mdev"),
)
WITHOUT_VALUE = ("l3mdev",)

_SYNONYMS = {
    "dsfield": "tos",
    "dev": "iif",
    "ip_proto": "ipproto",
    "priority": "preference",
    "pref": "preference",
    "order": "preference",
    "lookup": "table",
    "sup_pl": "suppress_prefixlength",
    "sup_group": "suppress_ifgroup",
}
_FAMILIES = {"inet": 4, "inet6": 6}
_SIDES = {"from": "source", "to": "destination"}
_KNOWN = (*_FAMILIES, *_SIDES, *SELECTORS, *ACTIONS, *_SYNONYMS, "not", "preference", "table", "goto", "no_track")


@dataclass
class _Reading:
    """What the words of one rule came to so far."""

    words: IpWords
    found: dict[str, Any] = field(default_factory=dict)
    selectors: list[tuple[str, str]] = field(default_factory=list)
    family: Optional[int] = None

    def set(self, name: str, value: Any) -> None:
        if name in self.found:
            raise BadValueError(f"{name} is given twice")
        self.found[name] = value


@dataclass(frozen=True)
class RuleLine:
    """``[not] [from A] [to A] [fwmark M] [iif IF] … [table T|goto N|nop] [preference N] [no_track] …``."""

    static: bool = False

    def read(self, statement: Statement, findings: Findings) -> Rule:
        reading = _Reading(IpWords(statement.words))
        for given in reading.words:
            if given == "ip_proto":
                findings.warning(statement.place, "keepalived 2.2 knows no ip_proto in a rule", "write ipproto")
            _option(_SYNONYMS.get(given, given), reading)
        found = reading.found
        if found.get("track_group") and not self.static:
            raise BadValueError("track_group is for static rules")
        if "table" in found and "action" in found:
            raise BadValueError(f"a rule has one action, found table and {found['action']}")
        lookup = found.get("action", "lookup") == "lookup" and "l3mdev" not in dict(reading.selectors)
        if lookup and "table" not in found:
            raise BadValueError(
                "a rule has no action, expected table T, goto N, nop, blackhole, prohibit or unreachable"
            )
        selectors = tuple(reading.selectors)
        return Rule(family=reading.family or 4, selectors=selectors, place=statement.place, **found)

    def write(self, value: Rule) -> str:
        return " ".join(_words(value))


def _option(name: str, reading: _Reading) -> None:
    words = reading.words
    if name in _FAMILIES:
        _family(_FAMILIES[name], reading)
    elif name in _SIDES:
        _side(_SIDES[name], words.take(name), reading)
    elif name in SELECTORS:
        reading.selectors.append((name, _selected(name, words)))
    elif name in ACTIONS:
        reading.set("action", name)
    elif name == "goto":
        reading.set("action", "goto")
        reading.set("goto", words.number(name))
    elif name == "preference":
        reading.set(name, words.number(name))
    elif name == "table":
        reading.set(name, words.symbol(name))
    elif name == "not":
        reading.set("inverted", True)
    elif name == "no_track":
        reading.set(name, True)
    elif name == "track_group":
        reading.set(name, words.take(name))
    else:
        raise unknown(name, (*_KNOWN, "track_group"))


def _selected(name: str, words: IpWords) -> str:
    """A single port is a range of one, the only form that keepalived 2.2 reads."""
    if name in WITHOUT_VALUE:
        return ""
    value = words.take(name)
    return f"{value}-{value}" if name in ("sport", "dport") and "-" not in value else value


def _family(family: int, reading: _Reading) -> None:
    if reading.family not in (None, family):
        raise BadValueError("a rule has one family, found both")
    reading.family = family


def _side(side: str, text: str, reading: _Reading) -> None:
    if text in ("all", "any", "default"):
        return
    network, family = prefix(text)
    _family(family, reading)
    reading.set(side, network)


def _words(rule: Rule) -> Iterator[str]:
    if rule.inverted:
        yield "not"
    sides = (("from", rule.source), ("to", rule.destination))
    yield from (f"{name} {value}" for name, value in sides if value is not None)
    yield from (f"{name} {value}".rstrip() for name, value in rule.selectors)
    last = (("table", rule.table), ("goto", rule.goto), ("preference", rule.preference))
    if rule.action in ACTIONS:
        yield rule.action
    yield from (f"{name} {value}" for name, value in last if value is not None)
    if rule.family == 6 and rule.source is None and rule.destination is None:
        yield "inet6"  # not as the first word: keepalived 2.2 reads over the one that follows it
    if rule.no_track:
        yield "no_track"
    if rule.track_group is not None:
        yield f"track_group {word(rule.track_group)}"
