# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may follow the keywords of ``global_defs`` that are about LVS.

Each class reads a statement and writes it again, like those of ``values.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .address_values import address_of, interface_name
from .diagnostics import Findings
from .lexer import Statement
from .lvs import SyncDaemon, Timeouts
from .number_values import Integer
from .service_values import PORT, TIMEOUT_MAX_S, first_word, one_of
from .values import BadValueError, extra
from .words import word

_TIMEOUTS = dict.fromkeys(("tcp", "tcpfin", "udp"), Integer(0, TIMEOUT_MAX_S))
_SYNC_NUMBERS = {
    "id": Integer(0, 255),
    "maxlen": Integer(1, 65507),
    "port": PORT,
    "ttl": Integer(1, 255),
}


@dataclass(frozen=True)
class TimeoutsLine:
    """``[tcp S] [tcpfin S] [udp S]``."""

    def read(self, statement: Statement, findings: Findings) -> Timeouts:
        given = _options(statement.arguments, _TIMEOUTS)
        if not given:
            raise BadValueError("has no value, expected tcp, tcpfin or udp and seconds")
        return Timeouts(given.get("tcp"), given.get("tcpfin"), given.get("udp"))

    def write(self, value: Timeouts) -> str:
        named = {"tcp": value.tcp_s, "tcpfin": value.tcpfin_s, "udp": value.udp_s}
        return " ".join(f"{name} {seconds}" for name, seconds in named.items() if seconds is not None)


@dataclass(frozen=True)
class SyncDaemonLine:
    """``IF [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]``."""

    def read(self, statement: Statement, findings: Findings) -> SyncDaemon:
        interface, *words = (first_word(statement, "an interface"), *statement.arguments[1:])
        instance, group = None, None
        if words and words[0] == "inst":
            del words[0]
        if words and words[0] not in (*_SYNC_NUMBERS, "group"):
            instance = words.pop(0)
        if "group" in words:
            at = words.index("group")
            group = address_of(words[at + 1] if at + 1 < len(words) else "")
            del words[at : at + 2]
        return SyncDaemon(interface_name(interface), instance, **_options(words, _SYNC_NUMBERS), group=group)

    def write(self, value: SyncDaemon) -> str:
        words = [word(value.interface)]
        if value.instance is not None:
            words += ["inst", word(value.instance)]
        for name in (*_SYNC_NUMBERS, "group"):
            if getattr(value, name) is not None:
                words += [name, str(getattr(value, name))]
        return " ".join(words)


@dataclass(frozen=True)
class FlushOnStop:
    """``[VS]``."""

    def read(self, statement: Statement, findings: Findings) -> str:
        extra(statement, 1, findings)
        return one_of(statement.arguments[0] if statement.arguments else "all", ("all", "VS"), "the value")

    def write(self, value: str) -> str:
        return "" if value == "all" else value


def _options(words: Iterable[str], numbers: dict[str, Integer]) -> dict[str, int]:
    found: dict[str, int] = {}
    rest = iter(words)
    for name in rest:
        number = numbers[one_of(name, tuple(numbers), "an option")]
        found[name] = number.parse(next(rest, ""))
    return found
