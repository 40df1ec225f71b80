# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every configuration that others published, in vipd and in keepalived: docs/conformance.md shows samples.txt.

One row a file: what ``keepalived -t`` and ``vipctl check`` exit with, how many instances came to the same values in
keepalived's own dump, and what the first finding is where one of them has any. test_samples.py proves each row;
``REWRITE=1`` there (root, keepalived) writes the rows anew. ``section`` is pure but for reading them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).resolve().parents[1] / "data"
SAMPLES = Path("/usr/share/doc/keepalived/samples")
ROWS = Path(__file__).with_name("samples.txt")
CONFIG_ID = "main"  # one that the manual's examples speak of

ORIGINS = {
    "samples": "What Debian's keepalived 2.2.7 ships in `/usr/share/doc/keepalived/samples`",
    "manual": "What keepalived's manual page shows, keyword by keyword, with values of ours (`tests/data/manual`)",
    "rendered": "What Ansible roles make of their own test variables (`tests/data/rendered`)",
    "roles": "Configurations of the shapes that more roles write (`tests/data/roles`)",
    "seeds": "Tutorials (`tests/data/seeds`)",
}

# Where ``vipctl check --as keepalived`` does not exit as keepalived does.
UNLIKE = {"manual/global_iptables": "Debian's keepalived is built without iptables and knows half of these keywords"}


class Row(NamedTuple):
    """``compared``: instances whose values were found alike; ``remark``: what is wrong with it, to whom."""

    name: str
    keepalived: int
    vipd: int
    compared: int
    remark: str

    def __str__(self) -> str:
        return " | ".join(map(str, self)).rstrip()


def row(line: str) -> Row:
    name, keepalived, vipd, compared, remark = line.split(" | ", 4)
    return Row(name, int(keepalived), int(vipd), int(compared), remark.strip())


def rows() -> list[Row]:
    return [row(f"{line} ") for line in ROWS.read_text().splitlines()]


def files() -> dict[str, Path]:
    """By the row's name: where it comes from, and what it is called there."""
    ours = {f"{path.parent.name}/{path.stem}": path for path in sorted(DATA.glob("*/*.conf"))}
    theirs = {f"samples/{path.name[len('keepalived.conf.') :]}": path for path in sorted(SAMPLES.glob("keepalived.*"))}
    return {**theirs, **ours}


def section() -> str:
    known = rows()
    parts = [
        _part(title, [one for one in known if one.name.startswith(f"{origin}/")]) for origin, title in ORIGINS.items()
    ]
    return f"""
# What vipd makes of configurations that others published

{len(known)} files, read by vipd and by Debian's keepalived on a node that has the interfaces they name and none of
their programs. `tests/interop/test_samples.py` proves every row: the exit statuses of `keepalived -t` (0, 5 for any
remark, 6 for scripts without script security) and of `vipctl check` (0, 5 for an error); that
`vipctl check --as keepalived` exits as keepalived does, unless the row says why not; that what was read is the same
once it is rendered and read again; and the values of so many instances, one by one, beside keepalived's own dump
(`-d`). What virtual servers come to is compared in the kernel's table, by `tests/lvs`.

{"".join(parts)}"""


def _part(title: str, found: list[Row]) -> str:
    lines = "".join(
        f"| `{one.name.partition('/')[2]}` | {one.keepalived} | {one.vipd} | {one.compared or '-'} | {_told(one)} |\n"
        for one in found
    )
    head = "| file | keepalived -t | vipctl check | instances alike | what is said |\n|---|---|---|---|---|\n"
    return f"## {title}\n\n{head}{lines}\n"


def _told(one: Row) -> str:
    return "; ".join(filter(None, (one.remark.replace("|", "\\\\|"), UNLIKE.get(one.name, ""))))
