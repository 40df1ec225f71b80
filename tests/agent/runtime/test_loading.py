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
from vipd.runtime import errand, loading, loading_beside
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
        reading = asyncio.get_running_loop().create_task(
            judge_beside(written(tmp_path, TEXT), "lb01", ["eth0"], Config())
        )
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
        asyncio.run(judge_beside(str(tmp_path / "absent"), "lb01", [], Config()))


def service(last: int, *weights: int) -> str:
    """A virtual server 10.0.0.LAST, with a real server of each weight."""
    servers = "".join(f"real_server 10.1.{last}.{place} 80 {{\nweight {one}\n}}\n" for place, one in enumerate(weights))
    return f"virtual_server 10.0.0.{last} 80 {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n{servers}}}\n"


@pytest.mark.parametrize(
    "text",
    [
        service(1, 1, 2) + service(2, 7) + service(3, 4),  # one changed
        service(3, 4) + service(9, 1) + service(1, 1, 2),  # another order, one new, one gone
        service(1, 1, 2) + service(1, 1, 2) + service(2, 3),  # twice the same
        service(1, 1, 2) + service(2, 3).replace("TCP", "UDP") + service(2, 3),  # of one address, two
        "",
        TEXT,
    ],
)
def test_beside_what_runs_comes_what_the_file_says(text: str, tmp_path: Path) -> None:
    running, _findings = judge(written(tmp_path, service(1, 1, 2) + service(2, 3) + service(3, 4)), "", ["eth0"])
    expected, findings = judge(written(tmp_path, text), "", ["eth0"])
    found, told = asyncio.run(judge_beside(written(tmp_path, text), "", ["eth0"], running))
    assert (found, told) == (expected, findings)


def test_what_stays_as_it_is_is_not_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the answer nor in the process that asked: of thousands of virtual servers most stay."""
    running, _findings = judge(written(tmp_path, service(1, *[1] * 100) + service(2, 3)), "", [])
    sizes: list[int] = []
    answered = errand.answered
    monkeypatch.setattr(errand, "answered", lambda *what: (sizes.append(len(what[1])), answered(*what))[1])
    texts = [f"# one line more\n{service(2, other)}{service(1, *[1] * 100)}" for other in (4, 3)]
    changed, same = (asyncio.run(judge_beside(written(tmp_path, text), "", [], running))[0] for text in texts)
    one, two = running.lvs.virtual_servers
    assert changed.lvs.virtual_servers[1] is one
    assert [server is old for server, old in zip(same.lvs.virtual_servers, (two, one))] == [True, True]
    assert sizes[1] < sizes[0] < len(loading.packed(running)) / 2


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
