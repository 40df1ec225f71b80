# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two hosts and a cable: ``left`` is 10.0.0.1/24, ``right`` is 10.0.0.2/24, both at eth0."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.namespace import Namespace, connect
from tests.netns.segment import Segment


@pytest.fixture(autouse=True, scope="session")
def root() -> None:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")


@pytest.fixture
def pair() -> Iterator[tuple[Namespace, Namespace]]:
    with Namespace("left") as left, Namespace("right") as right:
        connect(left, right)
        left.ip("address add 10.0.0.1/24 dev eth0")
        right.ip("address add 10.0.0.2/24 dev eth0")
        yield left, right


@pytest.fixture
def left(pair: tuple[Namespace, Namespace]) -> Namespace:
    return pair[0]


@pytest.fixture
def right(pair: tuple[Namespace, Namespace]) -> Namespace:
    return pair[1]


@pytest.fixture
def segment(tmp_path: Path) -> Iterator[Segment]:
    """Two hosts on a switch, ``a`` and ``b``, for daemons."""
    with Segment(tmp_path, "a", "b") as two_hosts:
        yield two_hosts
    print(two_hosts.logs())  # pytest shows it when the test failed
