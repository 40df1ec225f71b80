# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is particular to hosts with ``vipd_provider: keepalived``: the same configuration, and nothing of vipd."""

from __future__ import annotations

from testinfra.host import Host


def test_keepalived_runs_the_configuration_of_the_pair(pair: dict[str, Host]) -> None:
    for host in pair.values():
        service = host.service("keepalived")
        assert service.is_running
        assert service.is_enabled
        config = host.file("/etc/keepalived/keepalived.conf")
        assert (config.user, config.mode) == ("root", 0o640)
        assert host.run("keepalived -t").rc == 0


def test_nothing_of_vipd_is_there(pair: dict[str, Host]) -> None:
    for host in pair.values():
        assert not host.file("/etc/systemd/system/vipd.service").exists
        assert not host.file("/usr/local/sbin/vipd").exists
        assert not host.user("vipd").exists
