# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every transcript is played to a core and must read the same again.

A transcript is a text of verbs (see conversation.py), each followed by ``----`` and the answer, up to
an empty line. After a change that is meant: ``REWRITE=1 pytest tests/agent/core/test_transcripts.py``,
then read the diff as prose.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.agent.core.conversation import Conversation

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    written = path.read_text()
    played = play(written)
    if os.environ.get("REWRITE"):
        path.write_text(played)
    assert played == written


def play(text: str) -> str:
    """The transcript as the core answers it today."""
    conversation = Conversation()
    return "\n".join(answered(paragraph, conversation) for paragraph in text.rstrip("\n").split("\n\n"))


def answered(paragraph: str, conversation: Conversation) -> str:
    comments = [line for line in paragraph.split("\n") if line.startswith("# ")]
    lines = [line for line in paragraph.split("\n") if not line.startswith("# ")]
    if not lines:
        return "\n".join(comments) + "\n"
    said = "\n".join(lines).partition("\n----")[0]
    return "\n".join([*comments, said, "----", *conversation.say(said)]) + "\n"
