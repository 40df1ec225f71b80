# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the stories side by side: whole seconds pass in each, and the machine is idle in most of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.interop.lives import Life
from tests.interop.pair import Nodes, Record, Story
from tests.netns.segment import Segment

AT_ONCE = 12  # segments: more would make a small machine late

Futures = dict[str, Future[Any]]
Told = Callable[[Story, str], Record]
Lived = Callable[[Life], None]


@pytest.fixture(autouse=True, scope="session")
def root() -> None:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")


@pytest.fixture(scope="session")
def begun(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Futures]:
    """All that the selected tests will ask for, by name, begun with the first question."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = {
            name: pool.submit(run, tmp_path_factory.mktemp(name))
            for name, run in dict(_runs(request.session.items)).items()
        }
        yield runs
        for future in runs.values():
            future.cancel()


@pytest.fixture(scope="session")
def told(begun: Futures) -> Told:
    """The record of a story with a mix."""
    return lambda story, mix: begun[f"{story}-{mix}"].result()


@pytest.fixture(scope="session")
def lived(begun: Futures) -> Lived:
    """Raises what went wrong in a life."""
    return lambda life: begun[str(life)].result()


def _runs(items: list[pytest.Item]) -> Iterator[tuple[str, Callable[[Path], Any]]]:
    for item in items:
        if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
            continue
        parameters = item.callspec.params
        story, life = parameters.get("story"), parameters.get("life")
        if isinstance(life, Life):
            yield str(life), life.live
        if isinstance(story, Story):
            for one in sorted({story.reference, str(parameters.get("mix", story.reference))}):
                yield f"{story}-{one}", partial(tell, story, one)


def tell(story: Story, mix: str, directory: Path) -> Record:
    with Segment(directory, *"abc"[: len(mix)]) as segment:
        nodes = Nodes(segment, mix, directory)
        try:
            story.tell(nodes)
        except AssertionError as error:
            error.add_note(segment.logs())
            raise
        nodes.record.logs = segment.logs()
        return nodes.record
