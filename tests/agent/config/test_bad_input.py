# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every case of transcripts/bad_input.txt is told the same again.

A case is a configuration, ``----`` and its diagnostics, up to an empty line; lines that begin with ``#`` before it
are remarks. After a change that is meant: ``REWRITE=1 pytest tests/agent/config/test_bad_input.py``, then read the
diff as prose.
"""

from __future__ import annotations

import os
from pathlib import Path

from vipd.config.parse import parse

TRANSCRIPT = Path(__file__).parent / "transcripts" / "bad_input.txt"


def test_bad_input() -> None:
    written = TRANSCRIPT.read_text()
    now = "\n\n".join(map(told, written.rstrip("\n").split("\n\n"))) + "\n"
    if os.environ.get("REWRITE"):
        TRANSCRIPT.write_text(now)
    assert now == written


def told(paragraph: str) -> str:
    """The paragraph as the parser tells it today."""
    text, line, _after = paragraph.partition("\n----")
    if not line:
        return paragraph
    return "\n".join((f"{text}{line}", *(str(found) for found in parse(text, file="f").diagnostics)))
