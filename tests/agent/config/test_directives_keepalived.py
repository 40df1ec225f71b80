# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived 2.2 makes the same lines of a text as test_directives.py says: it names the first word of each.

No keyword of these texts is one of keepalived's, so it complains of all of them. Needs root and keepalived.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from vipd.config.lexer import split_braces
from vipd.config.words import split_words

from tests.agent.config.test_directives import LINES
from tests.agent.config.test_files import NOT_INCLUDED, fragments

__all__ = ["fragments"]

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("keepalived") is None, reason="needs root and keepalived"
)

# What keepalived 2.2.7 makes something else of, and why vipd does not.
DEVIATIONS = {
    "a ${_RANDOM 7 7} b${_RANDOM 32767}": "2.2.7 leaves the end of a reference with arguments behind",
    "$a=before\n~SEQ(a,1,2) x$a\n$a": "what a repetition counts is defined no longer than that",
}
_UNKNOWN = re.compile(r"\(Line \d+\) Unknown keyword '(.*)'")


def judged(text: str, path: Path) -> subprocess.CompletedProcess[str]:
    path.write_bytes(f"{text}\n".encode())
    command = ["unshare", "--net", "keepalived", "-t", "-f", str(path), "-i", "lb01"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def keywords(text: str, directory: Path) -> list[str]:
    """What keepalived does not know, as its first reading says it; it reads once for each of its processes."""
    path = directory / "keepalived.conf"
    done = judged(text, path)
    first_reading = (done.stdout + done.stderr).partition(f"({path}: ")[0]
    return _UNKNOWN.findall(first_reading)


@pytest.mark.parametrize(("text", "kept"), LINES)
def test_keepalived_reads_the_same(tmp_path: Path, text: str, kept: list[str]) -> None:
    ours = [split_words(piece)[0] for line in kept for _start, piece in split_braces(line)]
    same = keywords(text, tmp_path) == ours
    assert same is (text not in DEVIATIONS), keywords(text, tmp_path)


@pytest.mark.parametrize(("line", "error"), NOT_INCLUDED)
def test_keepalived_minds_the_same_includes(fragments: Path, line: str, error: bool) -> None:
    assert bool(judged(line, fragments / "main").returncode) is error
