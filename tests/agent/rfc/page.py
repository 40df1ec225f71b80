# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/conformance.md, made of the tests in this directory: their names say the section, their docstrings the sentence.

``page`` is pure but for reading these files; ``make docs`` writes what it returns.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.agent.rfc.departures import DEPARTURES, ELSEWHERE, HERE

DIRECTORY = Path(__file__).resolve().parent
ROOT = DIRECTORY.parents[2]

# What RFC 3768 calls its sections.
TITLES = {
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
}


@dataclass(frozen=True)
class Requirement:
    """One test: ``test_6_4_2_has_no_virtual_address`` is of section 6.4.2."""

    section: str
    sentence: str
    test: str

    @property
    def title(self) -> str:
        return next(title for title in TITLES if self.section.startswith(title))


def requirements() -> list[Requirement]:
    """In the RFC's order, within a section in that of the files."""
    found = [one for path in sorted(DIRECTORY.glob("test_*.py")) if path != ROOT / HERE for one in _tests(path)]
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
    tested = requirements()
    sections = "\n".join(_section(title, [one for one in tested if one.title == title]) for title in TITLES)
    departures = "\n".join(
        f"| {one.section} | {one.rfc} | {one.keepalived} | {one.vipd} | {one.why} | {_test(one.shown_by)} |"
        for one in DEPARTURES
    )
    elsewhere = "\n".join(f"| {one.section} | {one.requirement} | {_test(one.proved_by)} |" for one in ELSEWHERE)
    return f"""<!-- Made by `make docs` from tests/agent/rfc: change that, not this. -->

# What vipd does with RFC 3768

vipd speaks VRRP version 2. RFC 3768 is its law, and keepalived's behaviour where the RFC leaves something open or the
field has moved on. Each of the {len(tested)} requirements below is the docstring of a test in `tests/agent/rfc/`, named
after its section; where vipd departs from the RFC, it does so on purpose, and the table of departures says why.

## Departures

keepalived is Debian 12's, version 2.2.7, as seen on the wire.

| section | RFC 3768 | keepalived | vipd | why | shown by |
|---|---|---|---|---|---|
{departures}

## Requirements

{sections}
## Proved with a kernel and a wire

| section | what is proved | by |
|---|---|---|
{elsewhere}

## Not the agent's

Forwarding packets to the virtual MAC (6.4.2, 6.4.3), ICMP redirects (8.1), proxy ARP (8.3), forwarding loops (8.4) and
media other than Ethernet (9): vipd moves addresses between hosts and is no router.
"""


def _section(title: str, of_it: list[Requirement]) -> str:
    rows = "\n".join(f"| {one.section} | {one.sentence} | `{one.test}` |" for one in of_it)
    return f"### {title} {TITLES[title]}\n\n| section | requirement | test |\n|---|---|---|\n{rows}\n"


def _test(name: str) -> str:
    file, _colons, function = name.partition("::")
    return f"`{function}` in `{file}`"
