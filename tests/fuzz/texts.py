# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configurations that are nearly right: published ones, and what a slip of the pen or a bad merge makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from vipd.config.keywords.root import ROOT
from vipd.config.table import Block

SEEDS = Path(__file__).parents[1] / "data" / "seeds"
SAMPLES = Path("/usr/share/doc/keepalived/samples")  # keepalived's own, where it is installed
MUTATIONS_MAX = 4  # more leave nothing of a configuration

SIGNS = (
    "{",
    "}",
    "}\n}",
    '"',
    "'",
    "\\",
    "\\\n",
    "#",
    "!",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\0",
    "\x0c",
    "é",
    "\ufeff",
    "$",
    "@",
    "~",
)
WORDS = (
    "on",
    "off",
    "0",
    "1",
    "-1",
    "255",
    "256",
    "1.5",
    "99999999999",
    "eth0",
    "eth9",
    "10.0.0.3/24",
    "fe80::1",
    "weight",
    "reverse",
)
LINES = (
    "$X=10.0.0.9",
    "$X=one \\",
    "${X}",
    "$X",
    "@lb01 priority 99",
    "@^lb01 vrrp_instance VI_9 {",
    "~SEQ(n,1,3) 10.9.0.$n",
    "~LST({a,b},{1,2},{3,4}) 10.$a.0.$b",
    "include nothing-*.conf",
    "include_check",
    "# " + "x" * 1020,
    "x" * 1100,
    "${_PWD} ${_INSTANCE} ${_RANDOM} ${_HASH}${_BANG}",
)


def originals() -> list[str]:
    paths = [*sorted(SEEDS.glob("*.conf")), *sorted(SAMPLES.glob("keepalived.conf.*"))]
    return [path.read_text(encoding="utf-8", errors="surrogateescape") for path in paths]


def keywords(block: Block = ROOT) -> Iterator[str]:
    """Every keyword of the table, in no block in particular."""
    for keyword in block.keywords:
        yield keyword.name
        if isinstance(keyword.value, Block):
            yield from keywords(keyword.value)


KEYWORDS = sorted(set(keywords()))


def texts(random: Random) -> Iterator[str]:
    """Without end; the same for the same ``random``."""
    sources = originals()
    while True:
        text = random.choice(sources)
        for _mutation in range(random.randint(1, MUTATIONS_MAX)):
            text = random.choice(MUTATIONS)(text, random)
        yield text


def _without_a_character(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + text[at + 1 :]


def _without_a_brace(text: str, random: Random) -> str:
    braces = [match.start() for match in re.finditer("[{}]", text)] or [len(text)]
    at = random.choice(braces)
    return text[:at] + text[at + 1 :]


def _with_a_sign(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    return text[:at] + random.choice(SIGNS) + text[at:]


def _with_a_line(text: str, random: Random) -> str:
    lines = text.split("\n")
    lines.insert(random.randrange(len(lines) + 1), random.choice((*LINES, random.choice(KEYWORDS))))
    return "\n".join(lines)


def _without_a_line(text: str, random: Random) -> str:
    lines = text.split("\n")
    del lines[random.randrange(len(lines))]
    return "\n".join(lines)


def _with_a_line_elsewhere(text: str, random: Random) -> str:
    lines = text.split("\n")
    line = lines.pop(random.randrange(len(lines)))
    lines.insert(random.randrange(len(lines) + 1), line)
    return "\n".join(lines)


def _with_a_line_twice(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    return "\n".join([*lines[: at + 1], *lines[at:]])


def _with_another_word(text: str, random: Random) -> str:
    words = [match.span() for match in re.finditer(r"[^\s{}]+", text)] or [(0, 0)]
    start, end = random.choice(words)
    return text[:start] + random.choice((*WORDS, random.choice(KEYWORDS), text[start:end].swapcase())) + text[end:]


def _with_lines_joined(text: str, random: Random) -> str:
    breaks = [match.start() for match in re.finditer("\n", text)] or [len(text)]
    at = random.choice(breaks)
    return text[:at] + " " + text[at + 1 :]


def _cut_off(text: str, random: Random) -> str:
    return text[: random.randrange(len(text) + 1)]


MUTATIONS: tuple[Callable[[str, Random], str], ...] = (
    _without_a_character,
    _without_a_brace,
    _with_a_sign,
    _with_a_line,
    _without_a_line,
    _with_a_line_elsewhere,
    _with_a_line_twice,
    _with_another_word,
    _with_another_word,
    _with_lines_joined,
    _cut_off,
)
