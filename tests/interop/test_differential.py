# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of some hundred slips of the pen vipd and keepalived refuse the same, but for what a rule explains.

The rules are in differential.py. ``DIFFERENTIAL_TEXTS`` says how many, ``DIFFERENTIAL_SEED`` which: always the same,
so that a failure is about a change; other seeds are for differential.py by hand.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest

from tests.interop.differential import judgements

TEXTS = int(os.environ.get("DIFFERENTIAL_TEXTS", "300"))
SEED = int(os.environ.get("DIFFERENTIAL_SEED", "227"))

pytestmark = pytest.mark.skipif(shutil.which("keepalived") is None, reason="needs keepalived")


def test_they_refuse_the_same() -> None:
    print(f"DIFFERENTIAL_TEXTS={TEXTS} DIFFERENTIAL_SEED={SEED}")
    kinds: Counter[str] = Counter()
    for judgement in judgements(TEXTS, SEED, "differential"):
        kinds[judgement.kind] += 1
        assert not judgement.unexplained, f"DIFFERENTIAL_SEED={SEED}: {judgement.unexplained}\n{judgement.text}"
    print(dict(kinds))
    assert kinds["both accept"] > TEXTS // 50
    assert kinds["both refuse"] > TEXTS // 4
