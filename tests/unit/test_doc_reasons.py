# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reasons that an operator reads in ``vipctl history`` are in docs/troubleshooting.md, with their causes.

What can be read there are the core's transcripts (tests/agent/core/transcripts/).
"""

from __future__ import annotations

import re

from tests.unit.test_docs import ROOT

TRANSITION = re.compile(r"^ *[\d.]+ \w+: (?:MASTER -> \w+|BACKUP -> MASTER), priority \d+: (.+)$", re.MULTILINE)
# Nobody wonders about these.
PLAIN = ("asked to stop", "this node owns the addresses", "turned off")


def reasons() -> set[str]:
    folder = ROOT / "tests" / "agent" / "core" / "transcripts"
    return {reason for path in folder.glob("*.txt") for reason in TRANSITION.findall(path.read_text())}


def explained() -> list[re.Pattern[str]]:
    """``… has higher priority …`` stands for anything in the place of the dots."""
    section = (ROOT / "docs" / "troubleshooting.md").read_text().partition("## A VIP moves\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [re.compile(re.escape(text).replace("…", ".+")) for row in rows for text in re.findall(r"`([^`]+)`", row)]


def test_every_reason_has_its_cause() -> None:
    assert len(reasons()) > 15
    known = explained()
    unknown = [one for one in reasons() if not one.startswith(PLAIN) and not any(text.search(one) for text in known)]
    assert unknown == []
