# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Thousands of wrong configurations: each is read with findings, or refused with ConfigError; nothing else is raised.

``FUZZ_TEXTS`` says how many, ``FUZZ_SEED`` repeats a run: the seed is in the output of a failure.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random, SystemRandom

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vipd.config.check import check
from vipd.config.diagnostics import ConfigError, Severity
from vipd.config.parse import Parsed, load, parse
from vipd.config.render import render

from tests.fuzz.texts import KEYWORDS, LINES, SIGNS, WORDS, texts

TEXTS = int(os.environ.get("FUZZ_TEXTS", "4000"))
SEED = int(os.environ.get("FUZZ_SEED", SystemRandom().getrandbits(32)))
FEW = settings(max_examples=max(TEXTS // 10, 50), deadline=None, suppress_health_check=list(HealthCheck))
PIECES = st.sampled_from((*KEYWORDS, *LINES, *SIGNS, *WORDS)) | st.text(max_size=6)


def test_what_a_slip_of_the_pen_makes_of_a_configuration(tmp_path: Path) -> None:
    print(f"FUZZ_SEED={SEED} FUZZ_TEXTS={TEXTS}")
    outcomes = Counter(outcome(text, tmp_path) for text in islice(texts(Random(SEED)), TEXTS))
    print(dict(outcomes))
    assert min(outcomes[kind] for kind in ("good", "bad", "refused")) > 0


def outcome(text: str, directory: Path) -> str:
    try:
        parsed = parse(text, config_id="lb01")
        survives(parsed, text)
        return loaded(text.encode("utf-8", "surrogateescape"), directory)
    except Exception as error:
        raise AssertionError(f"FUZZ_SEED={SEED}: {text!r} raises {error!r}") from error


def survives(parsed: Parsed, text: str) -> None:
    """Findings are fit to be shown, and what has none that is an error is written as it was read."""
    found = [*parsed.diagnostics, *check(parsed.config, ["eth0", "eth1"])]
    for one in found:
        assert str(one).isprintable()
        assert 1 <= one.place.line <= text.count("\n") + 1
    if any(one.severity is Severity.ERROR for one in found):
        return
    assert parse(render(parsed.config)).config == parsed.config


def loaded(content: bytes, directory: Path) -> str:
    path = directory / "keepalived.conf"
    path.write_bytes(content)
    try:
        parsed = load(str(path), "lb01")
    except ConfigError:
        return "refused"
    return "bad" if parsed.errors else "good"


@FEW
@given(st.lists(PIECES, max_size=60).map(" ".join))
def test_any_heap_of_what_the_grammar_is_made_of(text: str) -> None:
    survives(parse(text, config_id="lb01"), text)


@FEW
@given(st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    assert loaded(content, tmp_path) in ("good", "bad", "refused")


@FEW
@given(st.lists(st.lists(PIECES, max_size=6).map(" ".join), min_size=1, max_size=4))
def test_files_that_include_each_other(tmp_path: Path, contents: list[str]) -> None:
    for number, content in enumerate(contents):
        included = f"include part{number + 1}\ninclude {{part*,part{number}}}"[: 60 if len(content) % 2 else 18]
        (tmp_path / f"part{number}").write_bytes(f"{content}\n{included}\n".encode("utf-8", "surrogateescape"))
    for number in range(len(contents)):
        content = (tmp_path / f"part{number}").read_bytes()
        assert loaded(content, tmp_path) in ("good", "bad", "refused")
