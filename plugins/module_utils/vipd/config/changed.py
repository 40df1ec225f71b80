# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which fields of two models differ, and how that is told to a person. A password is never shown.

``difference.py`` and ``lvs_difference.py`` say what a reload makes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Optional

_SECRET = {"auth_pass", "password"}


@dataclass(frozen=True)
class Difference:
    """``kind``: added, removed, renamed, changed, moved. ``subject``: the block or the VIP that it is about."""

    kind: str
    subject: str
    text: str
    moves_vip: bool = False
    needs_restart: bool = False

    def __str__(self) -> str:
        notes = [
            *(["a VIP may leave this node"] if self.moves_vip else []),
            *(["takes effect at the next start"] if self.needs_restart else []),
        ]
        return f"{self.text} ({'; '.join(notes)})" if notes else self.text

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "sentence": str(self)}


def named(keyword: str, before: Iterable[Any], after: Iterable[Any], moves_vip: bool = False) -> Iterator[Difference]:
    """Blocks that are who they are by their name."""
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    for name in sorted(old.keys() - new.keys()):
        yield Difference("removed", f"{keyword} {name}", f"{keyword} {name} is removed", moves_vip)
    for name in sorted(new.keys() - old.keys()):
        yield Difference("added", f"{keyword} {name}", f"{keyword} {name} is added", moves_vip)
    for name in sorted(old.keys() & new.keys()):
        for field, was, is_now in changed(old[name], new[name], {"name", "place"}):
            text = f"{keyword} {name}: {change(field, was, is_now)}"
            yield Difference("changed", f"{keyword} {name}", text, moves_vip)


def changed(before: Any, after: Any, apart: set[str]) -> Iterator[tuple[str, Any, Any]]:
    """The fields that differ, with both values."""
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.compare and field.name not in apart and old != new:
            yield field.name, old, new


def change(name: str, old: Any, new: Any) -> str:
    keyword = name[: -len("_s")] if name.endswith("_s") else name
    shown = None if name in _SECRET else (_shown(old), _shown(new))
    if shown is None or None in shown:
        return f"{keyword} is changed"
    return f"{keyword} {shown[0]} -> {shown[1]}"


def _shown(value: Any) -> Optional[str]:
    """None for what is no word."""
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return None if is_dataclass(value) or isinstance(value, tuple) else str(value)
