# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A configuration is judged in a process that ends with its work: the answer comes back, the parser does not."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from vipd.config.diagnostics import ConfigError
from vipd.config.model import Config
from vipd.runtime import loading, loading_beside
from vipd.runtime.loading import has_errors, judge
from vipd.runtime.loading_beside import judge_beside

TEXT = """vrrp_instance V {
    interface eth0
    virtual_router_id 51
    priority 100
    virtual_ipaddress {
        10.0.0.3
    }
}
"""


def written(directory: Path, text: str) -> str:
    path = directory / "keepalived.conf"
    path.write_text(text)
    return str(path)


def test_the_configuration_and_what_was_found_come_back(tmp_path: Path) -> None:
    config, findings = judge(written(tmp_path, TEXT), "lb01", ["eth0"])
    assert [instance.name for instance in config.instances] == ["V"]
    assert not has_errors(findings)


def test_errors_come_back(tmp_path: Path) -> None:
    _config, findings = judge(written(tmp_path, TEXT.replace("priority 100", "priority 300")), "lb01", ["eth0"])
    assert has_errors(findings)
    assert any("300" in str(finding) for finding in findings)


def test_an_unreadable_file_is_told_with_its_diagnostics(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="absent") as caught:
        judge(str(tmp_path / "absent"), "lb01", [])
    assert caught.value.diagnostics


def test_a_bug_in_it_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "read", lambda *_arguments: 1 / 0)
    with pytest.raises(RuntimeError, match="traceback"):
        judge(written(tmp_path, TEXT), "lb01", [])


def test_the_loop_turns_while_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading cannot end before the loop has done something else."""
    waiting, release = os.pipe()
    read = loading_beside.read
    monkeypatch.setattr(loading_beside, "read", lambda *arguments: (os.read(waiting, 1), read(*arguments))[1])

    async def main() -> tuple[Config, loading.Findings]:
        reading = asyncio.get_running_loop().create_task(judge_beside(written(tmp_path, TEXT), "lb01", ["eth0"]))
        await asyncio.sleep(0)
        os.write(release, b"x")
        return await asyncio.wait_for(reading, 20.0)

    config, findings = asyncio.run(main())
    os.close(waiting)
    os.close(release)
    assert [instance.name for instance in config.instances] == ["V"]
    assert not has_errors(findings)


def test_what_cannot_be_read_is_told_beside_the_rest_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="absent"):
        asyncio.run(judge_beside(str(tmp_path / "absent"), "lb01", []))


def test_the_parser_stays_out_of_the_process_that_asks(tmp_path: Path) -> None:
    program = """if True:
        import sys, vipd.start
        from vipd.runtime.loading import judge
        judge(sys.argv[1], "lb01", [])
        print(*{"vipd.config.parse", "vipd.config.keywords", "vipd.config.check"} & sys.modules.keys())
    """
    done = subprocess.run(
        [sys.executable, "-c", program, written(tmp_path, TEXT)],
        cwd=Path(loading.__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""
