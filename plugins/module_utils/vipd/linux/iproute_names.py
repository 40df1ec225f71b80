# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names that iproute2 gives to numbers: routing tables, protocols, scopes, TOS values. For the worker process.

Some are the kernel's own; the rest are in /etc/iproute2, and a distribution or a site may add to them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import lru_cache

_DIRECTORIES = ("/usr/share/iproute2", "/etc/iproute2")

_OWN: dict[str, dict[str, int]] = {
    "rt_tables": {"default": 253, "main": 254, "local": 255, "unspec": 0},
    "rt_protos": {"redirect": 1, "kernel": 2, "boot": 3, "static": 4, "keepalived": 18},
    "rt_scopes": {"global": 0, "universe": 0, "site": 200, "link": 253, "host": 254, "nowhere": 255},
    "rt_dsfield": {},
    "rt_realms": {},
    "group": {"default": 0},
}


class UnknownNameError(ValueError):
    """The message says which name, and where it was looked for."""


def number(kind: str, text: str) -> int:
    """``kind`` is the name of iproute2's file; ``text`` is a name, or a number. Raises UnknownNameError."""
    with contextlib.suppress(ValueError):
        return int(text, 0)
    names = _names(kind)
    if text not in names:
        raise UnknownNameError(f"{text!r} is no number and no name in /etc/iproute2/{kind}")
    return names[text]


@lru_cache(maxsize=len(_OWN))
def _names(kind: str) -> dict[str, int]:
    names = dict(_OWN[kind])
    for directory in _DIRECTORIES:
        for line in _lines(f"{directory}/{kind}"):
            value, *rest = line.partition("#")[0].split() or [""]
            with contextlib.suppress(ValueError, IndexError):
                names[rest[0]] = int(value, 0)
    return names


def _lines(path: str) -> Iterator[str]:
    """None of a file that is not there."""
    with contextlib.suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
        yield from file
