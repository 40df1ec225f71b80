# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client, a director and two real servers on one switch; see ``topology.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lvs.kernel import has_ipvs
from tests.lvs.topology import Topology


@pytest.fixture(autouse=True, scope="session")
def kernel() -> None:
    if not has_ipvs():
        pytest.skip("this kernel has no IPVS; python -m tests.lvs brings one")


@pytest.fixture
def topology(tmp_path: Path) -> Iterator[Topology]:
    with Topology(tmp_path) as built:
        yield built
    print(built.logs())  # pytest shows it when the test failed
