# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/conformance.md, made of the tests beside this file: names say the section, docstrings the sentence.

``page`` is pure but for reading these files; ``make docs`` writes what it returns.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.agent.rfc.departures import DEPARTURES
from tests.agent.rfc.elsewhere import ELSEWHERE
from tests.interop.samples import section as samples

DIRECTORY = Path(__file__).resolve().parent
ROOT = DIRECTORY.parents[2]


@dataclass(frozen=True, eq=False)
class Rfc:
    """``titles`` is what it calls its sections; its tests are in the directory of its name."""

    number: int
    about: str
    titles: dict[str, str]

    @property
    def directory(self) -> Path:
        return DIRECTORY / f"rfc{self.number}"


_VERSION_3 = {
    "5.1.1": "IPv4 field descriptions",
    "5.1.2": "IPv6 field descriptions",
    "5.2": "VRRP field descriptions",
    "6.1": "Parameters per virtual router",
    "6.2": "Timers",
    "6.4.1": "Initialize",
    "6.4.2": "Backup",
    "6.4.3": "Master (RFC 9568: Active)",
    "7.1": "Receiving VRRP packets",
    "7.2": "Transmitting VRRP packets",
    "7.4": "IPv6 Interface Identifiers",
    "8.1": "IPv4",
    "8.2": "IPv6",
    "8.3": "IPvX",
}

RFCS = (
    Rfc(
        3768,
        "Version 2, over IPv4.",
        {
            "5.1": "VRRP packet format",
            "5.2": "IP field descriptions",
            "5.3": "VRRP field descriptions",
            "6.1": "Parameters per virtual router",
            "6.2": "Timers",
            "6.4.1": "Initialize",
            "6.4.2": "Backup",
            "6.4.3": "Master",
            "7.1": "Receiving VRRP packets",
            "7.2": "Transmitting VRRP packets",
        },
    ),
    Rfc(5798, "Version 3 as it was first written, where that differs from its successor.", _VERSION_3),
    Rfc(9568, "Version 3, over IPv4 and IPv6, with errata 7949, 8298, 8299, 8300 and 8301.", _VERSION_3),
)


@dataclass(frozen=True)
class Requirement:
    """One test: ``test_6_4_2_has_no_virtual_address`` is of section 6.4.2."""

    section: str
    sentence: str
    test: str


def requirements(rfc: Rfc) -> list[Requirement]:
    """In the RFC's order, within a section in that of the files."""
    found = [one for path in sorted(rfc.directory.glob("test_*.py")) for one in _tests(path)]
    return sorted(found, key=lambda one: [int(number) for number in one.section.split(".")])


def _tests(path: Path) -> Iterator[Requirement]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and (name := re.match(r"test_((?:\d+_)+)", node.name)):
            sentence = " ".join((ast.get_docstring(node) or "").split())
            yield Requirement(name[1].strip("_").replace("_", "."), sentence, node.name)


def exists(test: str) -> bool:
    """Whether ``file::test`` names a test of this project."""
    file, name = test.split("::")
    return f"\ndef {name}(" in (ROOT / file).read_text()


def page() -> str:
    tested = {rfc: requirements(rfc) for rfc in RFCS}
    rfcs = "\n".join(_rfc(rfc, found) for rfc, found in tested.items())
    departures = "\n".join(
        f"| {one.section} | {one.rfc} | {one.keepalived} | {one.frr or '-'} | {one.vipd} | {one.why} |"
        f" {_test(one.shown_by)} |"
        for one in DEPARTURES
    )
    elsewhere = "\n".join(f"| {one.section} | {one.requirement} | {_test(one.proved_by)} |" for one in ELSEWHERE)
    return f"""<!-- Made by `make docs` from tests/agent/rfc and tests/interop/samples.txt: change these, not this. -->

# What vipd does with the RFCs

vipd speaks VRRP versions 2 and 3. RFC 3768 and RFC 9568 are its law, and keepalived's behaviour where they leave
something open or the field has moved on. Each of the {sum(map(len, tested.values()))} requirements below is the
docstring of a test in `tests/agent/rfc/`, named after its section; where vipd departs from an RFC, it does so on
purpose, and the table of departures says why. RFC 9568 says Active and Backup where keepalived, this project and the
older RFCs say MASTER and BACKUP.

## Departures

keepalived is Debian 12's, version 2.2.7, and FRR is 8.4.4, both as seen on the wire. A section without a number before
it is RFC 3768's, and that of version 3 which says the same.

| section | the RFC | keepalived | FRR | vipd | why | shown by |
|---|---|---|---|---|---|---|
{departures}

{rfcs}
## Proved with a kernel and a wire

| section | what is proved | by |
|---|---|---|
{elsewhere}

## Not the agent's

Forwarding packets to the virtual MAC (6.4.2, 6.4.3), ICMP redirects (8.1), proxy ARP (8.1.3), Router Advertisements
(8.2.3), forwarding loops (8.3) and media other than Ethernet: vipd moves addresses between hosts and is no router.

The operator's: one owner a VRID, and priorities that differ (8.3.2); access to a node by an address of its own and not
by the virtual one (8.1.2).
{samples()}"""


def _rfc(rfc: Rfc, tested: list[Requirement]) -> str:
    found = {title: [one for one in tested if _title(rfc, one) == title] for title in rfc.titles}
    sections = "\n".join(_section(title, rfc, of_it) for title, of_it in found.items() if of_it)
    return f"## RFC {rfc.number}\n\n{rfc.about}\n\n{sections}"


def _title(rfc: Rfc, one: Requirement) -> str:
    return next(title for title in rfc.titles if one.section.startswith(title))


def _section(title: str, rfc: Rfc, of_it: list[Requirement]) -> str:
    rows = "\n".join(f"| {one.section} | {one.sentence} | `{one.test}` |" for one in of_it)
    return f"### {title} {rfc.titles[title]}\n\n| section | requirement | test |\n|---|---|---|\n{rows}\n"


def _test(name: str) -> str:
    file, _colons, function = name.partition("::")
    return f"`{function}` in `{file}`"
