# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One HTML page with inline SVG: elements, a time axis, bars, a ruler. Pure, no script, nothing fetched from anywhere.

The status page (``status_page.py``) and the drill's report (tests/lab/timeline.py) are drawn with it. Pages are
well-formed XML, so that a test can read them. The style that they share is ``page.css``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

STYLE = Path(__file__).with_name("page.css")

Span = tuple[float, float]  # from, to: seconds


@dataclass(frozen=True)
class Axis:
    """Maps seconds to x; labels count from ``zero_s``."""

    start_s: float
    end_s: float
    zero_s: float
    left: float
    right: float

    def x(self, at_s: float) -> float:
        inside_s = min(max(at_s, self.start_s), self.end_s)
        return round(self.left + (inside_s - self.start_s) / (self.end_s - self.start_s) * (self.right - self.left), 1)

    def shows(self, at_s: float) -> bool:
        return self.start_s <= at_s <= self.end_s


def tag(element: str, /, *content: str, **attributes: object) -> str:
    """``content`` is markup already; attribute values are escaped; ``class_`` is class, ``text_anchor`` text-anchor."""
    written = "".join(f' {key.strip("_").replace("_", "-")}="{plain(value)}"' for key, value in attributes.items())
    return f"<{element}{written}>{''.join(content)}</{element}>" if content else f"<{element}{written}/>"


def plain(value: object) -> str:
    """Text as markup. A brace never stays one: no template engine finds anything in a page."""
    return escape(str(value)).replace("{", "&#123;").replace("}", "&#125;")


def text(x: float, y: float, content: str, class_: str = "", anchor: str = "start") -> str:
    return tag("text", plain(content), x=x, y=y, class_=class_, text_anchor=anchor)


def stretch(axis: Axis, span: Span, y: float, height: float, class_: str, *, note: str = "", least: float = 0.0) -> str:
    """``note`` is shown when the pointer rests on it; ``least`` is how wide it is at least."""
    left, right = axis.x(span[0]), axis.x(span[1])
    parts = [tag("title", plain(note))] if note else []
    return tag("rect", *parts, x=left, y=y, width=round(max(right - left, least), 1), height=height, class_=class_)


def ruler(axis: Axis, y: float, step_s: float, label: Callable[[float], str], unit: str) -> list[str]:
    """``label`` takes seconds from the axis' zero."""
    first = math.ceil((axis.start_s - axis.zero_s) / step_s - 1e-9)
    last = math.floor((axis.end_s - axis.zero_s) / step_s + 1e-9)
    parts = [tag("path", d=f"M{axis.left} {y}H{axis.right}", class_="ruler")]
    for number in range(first, last + 1):
        x = axis.x(axis.zero_s + number * step_s)
        parts.append(tag("path", d=f"M{x} {y}v4", class_="ruler"))
        parts.append(text(x, y + 16, label(number * step_s).replace("-", "−"), "tick", "middle"))
    return [*parts, text(axis.right, y + 30, unit, "tick", "end")] if unit else parts


def drawing(width: float, height: float, name: str, parts: Iterable[str]) -> str:
    title = tag("title", plain(name))
    return tag("svg", title, *parts, viewBox=f"0 0 {width} {height}", width=width, height=height, role="img")


def document(title: str, body: Iterable[str], style: str = "") -> str:
    """``style`` comes after the shared one."""
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", plain(title)),
        tag("style", STYLE.read_text(encoding="utf-8"), style),
    )
    return "<!DOCTYPE html>\n" + tag("html", tag("head", *head), tag("body", tag("main", *body)), lang="en") + "\n"
