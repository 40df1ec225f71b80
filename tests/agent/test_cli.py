# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: what a daemon's flags make of its director's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from vipd import cli
from vipd.runtime.options import Options


def options(*arguments: str) -> Options:
    return cli._options(cli._parser().parse_args(arguments))


@pytest.mark.parametrize("more", [(), ("-l", "-S", "local3"), ("-I",), ("-c", "/run/x.pid", "-i", "lb 01")])
def test_the_director_is_started_as_its_daemon_was(more: tuple[str, ...], tmp_path: Path) -> None:
    daemon = options("-n", "-f", str(tmp_path / "a b.conf"), "--runtime-directory", str(tmp_path), *more)
    command = daemon.director_command
    flags = command[command.index("-C") :]
    director = options(*flags)
    assert cli._parser().parse_args(flags).check
    assert director == replace(daemon, supervised=True)


def test_which_half_runs() -> None:
    assert options("-P").vrrp_only
    assert not options("-C").vrrp_only
    assert not options("-P", "-C").vrrp_only
