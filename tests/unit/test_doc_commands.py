# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every command line that the documents show is one: our programs take it, the playbook and its variables exist.

The README's five minutes are run as they stand by tests/package/test_stranger.py.
"""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from vipd import cli, ctl

from tests.unit.test_docs import DOCUMENTS, ROLES, ROOT, blocks, options

EMBEDDED = re.compile(r"^cat > \S+ <<'EOF'\n.*?^EOF\n", re.MULTILINE | re.DOTALL)
REDIRECTED = re.compile(r" > \S+$")
PARSERS: dict[str, Callable[[], ArgumentParser]] = {"vipctl": ctl._parser, "vipd": cli._parser}
# What they are asked for here is theirs to know.
OTHERS = {
    *("ansible", "ansible-builder", "ansible-galaxy", "ansible-rulebook", "make", "python3"),
    *(".", "curl", "ip", "journalctl", "ln", "ssh", "systemctl"),
}


def commands(document: Path) -> Iterator[str]:
    for text in blocks(document, "sh"):
        lines = EMBEDDED.sub("", text).splitlines()
        yield from (line for whole in lines for line in whole.partition(" #")[0].split(" && ") if line.strip())


SHOWN = [(document.name, command.strip()) for document in DOCUMENTS for command in commands(document)]


def of(*programs: str) -> list[str]:
    return sorted({command for _document, command in SHOWN if command.split()[0] in programs})


def test_every_program_is_known() -> None:
    programs = {command.split()[0] for _document, command in SHOWN}
    assert programs - PARSERS.keys() - {"ansible-playbook"} <= OTHERS


@pytest.mark.parametrize("command", of(*PARSERS))
def test_our_programs_take_it(command: str) -> None:
    program, *words = shlex.split(REDIRECTED.sub("", command))
    PARSERS[program]().parse_args(words)


@pytest.mark.parametrize("command", of("ansible"))
def test_our_programs_take_it_through_ansible(command: str) -> None:
    words = shlex.split(command)
    program, *asked = shlex.split(words[words.index("-a") + 1])
    PARSERS[program]().parse_args(asked)


@pytest.mark.parametrize("command", of("ansible-playbook"))
def test_the_playbook_is_there_and_reads_its_variables(command: str) -> None:
    words = shlex.split(command)
    (playbook,) = [word for word in words if word.startswith("lbha.pair.")]
    path = ROOT / "playbooks" / f"{playbook.removeprefix('lbha.pair.')}.yml"
    assert yaml.safe_load(path.read_text())
    given = {after.partition("=")[0] for word, after in pairwise(words) if word == "-e"}
    shared = [*(ROOT / "playbooks").glob("tasks/*.yml"), *(ROOT / "playbooks").glob("vars/*.yml")]
    read = set(re.findall(r"\w+", "".join(one.read_text() for one in (path, *shared))))
    assert given <= read | set().union(*map(options, ROLES))


@pytest.mark.parametrize("command", of("ansible-rulebook"))
def test_the_rulebook_is_there(command: str) -> None:
    (rulebook,) = [word for word in shlex.split(command) if word.startswith("lbha.pair.")]
    assert (ROOT / "extensions" / "eda" / "rulebooks" / f"{rulebook.removeprefix('lbha.pair.')}.yml").exists()


def test_every_command_of_vipctl_is_explained() -> None:
    (commands_of,) = [one for one in ctl._parser()._actions if isinstance(one.choices, dict)]
    page = (ROOT / "docs" / "vipd.md").read_text()
    assert [name for name in commands_of.choices or () if f"| `vipctl {name}" not in page] == []
