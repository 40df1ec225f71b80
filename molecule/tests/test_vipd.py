# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is particular to hosts that run vipd."""

from __future__ import annotations

import json

from testinfra.host import Host


def test_the_agent_says_what_the_kernel_shows(pair: dict[str, Host], expected: dict[str, str]) -> None:
    for name, host in pair.items():
        status = json.loads(host.check_output("vipctl status --format json"))
        claimed = {
            vip.partition("/")[0] for one in status["instances"] if one["state"] == "MASTER" for vip in one["vips"]
        }
        assert claimed == {vip for vip, holder in expected.items() if holder == name}


def test_the_agent_runs_as_nobody_in_particular(pair: dict[str, Host]) -> None:
    for host in pair.values():
        service = host.service("vipd")
        assert service.is_running
        assert service.is_enabled
        assert {process.user for process in host.process.filter(comm="vipd")} == {"vipd"}


def test_only_the_agent_can_read_its_configuration(pair: dict[str, Host]) -> None:
    for host in pair.values():
        config = host.file("/etc/vipd/keepalived.conf")
        assert (config.user, config.group, config.mode) == ("root", "vipd", 0o640)


def test_keepalived_accepts_the_same_configuration(pair: dict[str, Host]) -> None:
    for host in pair.values():
        done = host.run("keepalived -t -f /etc/vipd/keepalived.conf")
        assert done.rc == 0, done.stderr
