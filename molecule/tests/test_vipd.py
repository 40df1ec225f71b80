# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is particular to hosts that run vipd."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from testinfra.host import Host

DYNAMIC_USERS = range(61184, 65520)  # systemd's: a node without nss-systemd has no name for them


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
        own = host.ansible.get_variables().get("vipd_extensions")
        files = {"keepalived.conf", *(["vipd.conf"] if own else [])}
        assert set(host.file("/etc/vipd").listdir()) == files
        for name in files:
            config = host.file(f"/etc/vipd/{name}")
            assert (config.user, config.group, config.mode) == ("root", "vipd", 0o640)
        if own:
            assert host.file("/etc/vipd/vipd.conf").content_string == own


def test_keepalived_accepts_the_same_configuration(pair: dict[str, Host]) -> None:
    for host in pair.values():
        done = host.run("keepalived -t -f /etc/vipd/keepalived.conf")
        assert done.rc == 0, done.stderr


def test_the_exporter_says_what_the_kernel_shows(pair: dict[str, Host], expected: dict[str, str]) -> None:
    """Where there is one: it runs as a user of the moment, and may reach the daemon."""
    for name, host in pair.items():
        if not host.ansible.get_variables().get("vipd_exporter"):
            assert not host.service("vipd-exporter").exists
            continue
        page = host.check_output("curl -sf http://127.0.0.1:9650/metrics")
        held = re.findall(r'^vipd_vip_held{.*ip_address="([^"/]+)[^"]*"} 1$', page, re.MULTILINE)
        assert set(held) == {vip for vip, holder in expected.items() if holder == name}
        assert {process.euid in DYNAMIC_USERS for process in host.process.filter(comm="vipctl")} == {True}


def test_the_journal_has_a_json_line_for_each_transition(pair: dict[str, Host]) -> None:
    for host in pair.values():
        if host.ansible.get_variables().get("vipd_log_format") == "json":
            lines = host.check_output('journalctl -u vipd -o cat --grep \'"event": "transition"\'').splitlines()
            assert {"INIT", "BACKUP"} & {json.loads(line)["from"] for line in lines}


def test_the_status_page_shows_who_holds_what(
    pair: dict[str, Host], variables: dict[str, Any], expected: dict[str, str], tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    command = ["ansible-playbook", "lbha.pair.status_page", "--limit", min(pair)]  # and all nodes are on it
    command += ["--extra-vars", f"status_page_path={page}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    off = set(variables["groups"]["lb"]) - set(pair)
    assert (f"{len(off)} to look at" if off else "every VIP has one holder") in page.read_text()
    for vip, holder in expected.items():
        assert re.search(rf"<td[^>]*>{re.escape(vip)}(/\d+)?</td><td[^>]*>{holder}</td>", page.read_text())
