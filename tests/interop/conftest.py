# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells the stories side by side: whole seconds pass in each, and the machine is idle in most of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.interop.pair import Nodes, Record, Story
from tests.netns.segment import Segment

AT_ONCE = 12  # segments: more would make a small machine late

Told = Callable[[Story, str], Record]


@pytest.fixture(autouse=True, scope="session")
def root() -> None:
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")


@pytest.fixture(scope="session")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The record of a story with a mix. All that the selected tests will ask for begins with the first question."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs: dict[tuple[str, str], Future[Record]] = {
            (story.name, mix): pool.submit(tell, story, mix, tmp_path_factory.mktemp(f"{story}-{mix}"))
            for story, mix in dict.fromkeys(_questions(request.session.items))
        }
        yield lambda story, mix: runs[story.name, mix].result()
        for run in runs.values():
            run.cancel()


def _questions(items: list[pytest.Item]) -> Iterator[tuple[Story, str]]:
    for item in items:
        if isinstance(item, pytest.Function) and "told" in item.fixturenames:
            story, mix = item.callspec.params["story"], item.callspec.params.get("mix")
            if isinstance(story, Story):
                yield from ((story, one) for one in (story.reference, mix) if isinstance(one, str))


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
