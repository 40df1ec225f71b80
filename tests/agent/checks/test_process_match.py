# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which process matches a vrrp_track_process. Source: keepalived.conf(5), vrrp_track_process."""

from __future__ import annotations

import os
import subprocess

import pytest
from vipd.checks.process_match import Running, look, matches
from vipd.config.model import VrrpTrackProcess

HAPROXY = Running("haproxy", ("/usr/sbin/haproxy", "-Ws", "-f", "/etc/haproxy.cfg"))
BARE = Running("sshd", ("/usr/sbin/sshd",))


@pytest.mark.parametrize(
    ("words", "options", "expected"),
    [
        ("haproxy", {}, True),
        ("hapro", {}, False),
        ("/usr/sbin/haproxy", {}, True),
        ("haproxy", {"full_command": True}, False),
        ("/usr/sbin/haproxy", {"full_command": True}, True),
        ("/usr/sbin/haproxy -Ws", {}, False),
        ("/usr/sbin/haproxy -Ws -f /etc/haproxy.cfg", {}, True),
        ("/usr/sbin/haproxy -Ws -f /etc/haproxy.cfg", {"param_match": "exact"}, True),
        ("/usr/sbin/haproxy -Ws", {"param_match": "exact"}, False),
        ("/usr/sbin/haproxy -Ws -f", {"param_match": "partial"}, True),
        ("/usr/sbin/haproxy -W", {"param_match": "partial"}, False),
        ("/usr/sbin/haproxy -W", {"param_match": "initial"}, True),
        ("/usr/sbin/haproxy -Ws -f /etc/", {"param_match": "initial"}, True),
        ("/usr/sbin/haproxy -Ws -g /etc/", {"param_match": "initial"}, False),
        ("/usr/sbin/haproxy -Ws -f /etc/haproxy.cfg -x", {"param_match": "initial"}, False),
        ("/usr/sbin/haproxy", {"param_match": "initial"}, False),
        ("/usr/sbin/haproxy", {"param_match": "partial"}, False),
    ],
)
def test_by_name_and_by_parameters(words: str, options: dict[str, object], expected: bool) -> None:
    assert matches(VrrpTrackProcess("p", tuple(words.split()), **options), HAPROXY) is expected  # type: ignore[arg-type]


def test_param_match_without_parameters_means_that_there_are_none() -> None:
    assert matches(VrrpTrackProcess("p", ("/usr/sbin/sshd",), param_match="initial"), BARE)


def test_a_long_name_is_compared_as_far_as_the_kernel_keeps_it() -> None:
    assert matches(VrrpTrackProcess("p", ("a-very-long-program-name",)), Running("a-very-long-pro", ("x",)))


def test_a_process_as_proc_shows_it() -> None:
    ours = look(os.getpid())
    assert ours is not None
    assert ours.argv[1:]
    assert ours.comm


def test_what_is_gone_or_a_zombie_is_nobody() -> None:
    with subprocess.Popen(["/bin/sleep", "0"]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert look(process.pid) is None
    assert look(process.pid) is None
