# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each row of samples.txt is true: run with ``REWRITE=1`` to write them anew, and read the diff."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from vipd.checks.security import unrunnable
from vipd.config.check import check
from vipd.config.diagnostics import Diagnostic, Severity
from vipd.config.parse import Parsed, load, parse
from vipd.config.render import render
from vipd.ctl_check import status_as_keepalived

from tests.agent.config.test_keepalived import LINKS, judged
from tests.interop.samples import CONFIG_ID, ROWS, SAMPLES, UNLIKE, Row, files, rows
from tests.interop.test_same_values import compared

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("keepalived") is None or not SAMPLES.is_dir(),
    reason="needs root, keepalived and its samples",
)

FILES = files()
AT_ONCE = 6
NO_DUMP = ("manual/global_lvs",)  # keepalived waits for an IPVS there
KNOWN = {one.name: one for one in rows()} if ROWS.exists() else {}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Row]]]:
    """Several at once: a daemon that starts, dumps and ends waits more than it works."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(found_now, name, tmp_path_factory.mktemp("sample")) for name in FILES}


@pytest.mark.parametrize("name", FILES)
def test_a_row_is_true(name: str, found: dict[str, Future[Row]]) -> None:
    now = found[name].result()
    if os.environ.get("REWRITE"):
        KNOWN[name] = now
        ROWS.write_text("".join(f"{KNOWN[one]}\n" for one in FILES if one in KNOWN))
    assert now == KNOWN[name]


def found_now(name: str, directory: Path) -> Row:
    path = FILES[name]
    parsed = load(str(path), CONFIG_ID)
    everything = (*parsed.diagnostics, *check(parsed.config, LINKS), *unrunnable(parsed.config))
    keepalived = status(judged(path.read_text(), directory, CONFIG_ID))
    if name not in UNLIKE:
        assert status_as_keepalived(everything, parsed.config) == keepalived
    if not parsed.errors:
        assert parse(render(parsed.config)).config == parsed.config
    alike = compared(path, directory, CONFIG_ID) if parsed.config.instances and name not in NO_DUMP else 0
    return Row(name, keepalived, own_status(parsed), alike, remark(everything, keepalived))


def test_every_file_has_a_row() -> None:
    assert set(FILES) == set(KNOWN)
    assert set(UNLIKE) <= set(FILES)


def status(said: str) -> int:
    found = re.search(r"exit status (\d+)", said)
    return int(found[1]) if found else 0


def own_status(parsed: Parsed) -> int:
    """Of ``vipctl check``, which does not look at this node."""
    found = (*parsed.diagnostics, *check(parsed.config))
    return 5 if any(one.severity is Severity.ERROR for one in found) else 0


def remark(found: tuple[Diagnostic, ...], keepalived: int) -> str:
    """The first thing that both say; else the first error that is vipd's alone."""
    both = [one for one in found if not one.ours] if keepalived else []
    alone = [one for one in found if one.ours and one.severity is Severity.ERROR and "cannot run" not in one.message]
    if both:
        return f"both: {in_short(both[0])}"
    return f"vipd alone: {in_short(alone[0])}" if alone else ""


def in_short(one: Diagnostic) -> str:
    """Without the path of the file."""
    return re.sub(r"/\S*/", "", f"line {one.place.line}: {one.message}")
