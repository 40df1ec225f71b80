# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The patterns of ``include``: alternatives in braces, as in csh, and wildcards.

Only text; ``files.py`` looks for the files.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from itertools import islice

ALTERNATIVES_MAX = 256  # of one pattern: what braces multiply

_WILDCARD = re.compile(r"[*?]|\[.+\]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BRACE = re.compile(r"\\.|\{\}|[{},]", re.DOTALL)


def wild(pattern: str) -> bool:
    """Whether it may stand for any number of files."""
    return bool(_WILDCARD.search(_ESCAPE.sub("", pattern)))


def unescaped(pattern: str) -> str:
    """For ``glob``, which knows no backslash."""
    return _ESCAPE.sub(lambda match: glob.escape(match[1]), pattern)


def alternatives(pattern: str) -> list[str]:
    """What ``{a,b}`` stands for, in order. Raises ValueError where that is more than ALTERNATIVES_MAX."""
    found = list(islice(_expanded(pattern), ALTERNATIVES_MAX + 1))
    if len(found) > ALTERNATIVES_MAX:
        raise ValueError(f"stands for more than {ALTERNATIVES_MAX} names")
    return found


def _expanded(pattern: str) -> Iterator[str]:
    """A brace that nothing closes is a character like any other, and so is ``{}``."""
    commas: list[int] = []
    opened, depth = -1, 0
    for match in _BRACE.finditer(pattern):
        if match[0] == "{":
            opened, depth = (match.start() if depth == 0 else opened), depth + 1
        elif match[0] == "," and depth == 1:
            commas.append(match.start())
        elif match[0] == "}" and depth:
            depth -= 1
            if depth == 0:
                edges = [opened, *commas, match.start()]
                for start, end in zip(edges, edges[1:]):
                    yield from _expanded(f"{pattern[:opened]}{pattern[start + 1 : end]}{pattern[match.end() :]}")
                return
    yield pattern
