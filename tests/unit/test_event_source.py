# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source for ansible-rulebook, with a program that writes what a journal might; and the rulebook."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.eda import EDA, Rulebook, source

OBSERVABILITY = EDA.parent.parent / "docs" / "observability.md"
FUTURE = time.time() + 3600  # later than the start of any source here

# Writes the lines of a file and ends, as a journalctl whose connection broke.
PRINT = "import sys; sys.stdout.write(open(sys.argv[1]).read())"


def line(seconds: float, **more: Any) -> str:
    said = {"time": FUTURE + seconds, "level": "info", "text": "(V) …", "event": "transition", "instance": "V"}
    return json.dumps({**said, "from": "BACKUP", "to": "MASTER", "priority": 100, "reason": "why", **more}) + "\n"


def args(journal: Path) -> dict[str, Any]:
    return {"hosts": ["lb01"], "command": [sys.executable, "-c", PRINT, str(journal)], "retry_s": 0.01}


def test_a_transition_is_an_event_of_its_host(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text(line(1))

    async def main() -> None:
        async with Rulebook(**args(journal)) as rulebook:
            assert await rulebook.next() == {
                "vipd": {
                    "host": "lb01",
                    "time": FUTURE + 1,
                    "instance": "V",
                    "from": "BACKUP",
                    "to": "MASTER",
                    "priority": 100,
                    "reason": "why",
                },
                "meta": {"hosts": "lb01"},
            }

    asyncio.run(main())


def test_all_other_lines_are_passed_over(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    others = ("", "plain text", "[" * 5000, "null", '{"event": "message"}', '{"event": "transition"}', "x" * 200_000)
    journal.write_text("\n".join(others) + "\n" + line(1))

    async def main() -> None:
        async with Rulebook(**args(journal)) as rulebook:
            assert (await rulebook.next())["vipd"]["time"] == FUTURE + 1

    asyncio.run(main())


def test_what_was_before_the_start_is_not_told(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text(line(-7200) + line(1))

    async def main() -> None:
        async with Rulebook(**args(journal)) as rulebook:
            assert (await rulebook.next())["vipd"]["time"] == FUTURE + 1

    asyncio.run(main())


def test_a_stream_that_ends_is_told_and_begun_again(tmp_path: Path) -> None:
    """What is read a second time is not told a second time."""
    journal = tmp_path / "journal"
    journal.write_text(line(1))

    async def main() -> None:
        async with Rulebook(**args(journal)) as rulebook:
            assert (await rulebook.next())["vipd"]["time"] == FUTURE + 1
            assert (await rulebook.next())["vipd"]["lost"] is True
            journal.write_text(line(1) + line(2, to="FAULT"))
            event = await rulebook.next()
            while "lost" in event["vipd"]:
                event = await rulebook.next()
            assert (event["vipd"]["time"], event["vipd"]["to"]) == (FUTURE + 2, "FAULT")

    asyncio.run(main())


def test_the_programs_of_all_hosts_end_with_the_source() -> None:
    """One has ended long before another lets go of its pipe; each is waited for, or the collector would tell of it."""
    follow = ["sh", "-c", "[ {host} = quick ] || (sleep 1 &); exec sleep 60"]

    async def main() -> None:
        async with Rulebook(hosts=["quick", "slow"], command=follow):
            await asyncio.sleep(0.3)

    asyncio.run(main())
    gc.collect()


def test_a_program_that_is_about_to_end_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has said all, and takes its time: nothing hurries it here. The collector would tell of one that was left."""
    monkeypatch.setattr(asyncio.subprocess.Process, "kill", lambda _process: None)

    async def main() -> None:
        async with Rulebook(hosts=["lb01"], command=["sh", "-c", "exec >&-; exec sleep 0.6"]):
            await asyncio.sleep(0.3)

    asyncio.run(main())
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(10)  # asyncio's, which waits for the program whatever we do
    gc.collect()


def test_a_pipe_that_somebody_else_holds_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ssh may, with a connection that it shares; the collector would tell of ours."""
    transitions = source()
    monkeypatch.setattr(transitions, "END_LIMIT_S", 0.1)
    follow = ["sh", "-c", "(sleep 1 &); exec sleep 60"]

    async def main() -> None:
        running = asyncio.create_task(transitions.main(asyncio.Queue(), {"hosts": ["lb01"], "command": follow}))
        await asyncio.sleep(0.3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(main())
    gc.collect()


def test_the_program_is_told_the_host_and_since_when(tmp_path: Path) -> None:
    program = "import sys, json; print(json.dumps({'event': 'transition', 'time': 9e9, 'words': sys.argv[1:]}))"

    async def main() -> None:
        command = [sys.executable, "-c", program, "{host}", "--since=@{since}"]
        async with Rulebook(hosts=["lb02"], command=command) as rulebook:
            host, since = (await rulebook.next())["vipd"]["words"]
            assert host == "lb02"
            assert abs(int(since.removeprefix("--since=@")) - time.time()) < 120

    asyncio.run(main())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "hosts is None; expected a list"),
        ({"hosts": "lb01"}, "hosts is 'lb01'; expected a list"),
        ({"hosts": ["lb01"], "command": "ssh"}, "command is 'ssh'; expected a list"),
        ({"hosts": ["lb01"], "host": "lb02"}, "and not host"),
    ],
)
def test_arguments_that_mean_nothing(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        asyncio.run(source().main(asyncio.Queue(), wrong))


def test_its_documentation_says_what_it_takes() -> None:
    module = source()
    documented = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert documented.keys() == module.OPTIONS
    assert documented["command"]["default"] == list(module.COMMAND)
    [example] = yaml.safe_load(module.EXAMPLES)
    assert example["lbha.pair.transitions"].keys() <= module.OPTIONS


def rulebooks() -> list[dict[str, Any]]:
    """The one that is shipped, and those that the documents show."""
    [shipped] = yaml.safe_load((EDA / "rulebooks" / "transitions.yml").read_text())
    blocks = re.findall(r"^```yaml\n(- name.*?)^```$", OBSERVABILITY.read_text(), re.MULTILINE | re.DOTALL)
    shown = [item for block in blocks for item in yaml.safe_load(block) if "sources" in item]
    assert shown
    return [shipped, *shown]


@pytest.mark.parametrize("ruleset", rulebooks(), ids=["shipped", "shown"])
def test_the_rulebooks_use_what_there_is(ruleset: dict[str, Any]) -> None:
    assert ruleset.keys() == {"name", "hosts", "sources", "rules"}
    [described] = ruleset["sources"]
    assert described["lbha.pair.transitions"].keys() <= source().OPTIONS
    for rule in ruleset["rules"]:
        assert rule.keys() <= {"name", "condition", "action", "throttle"}
        assert rule["condition"].startswith("event.vipd.")
        [action] = rule["action"]
        assert action in ("debug", "run_playbook")
        if action == "run_playbook":
            name = rule["action"][action]["name"].removeprefix("lbha.pair.")
            assert (EDA.parent.parent / "playbooks" / f"{name}.yml").exists()
