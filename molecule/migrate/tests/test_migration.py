# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pair goes from keepalived to vipd and back while a client asks for a page a hundred times a second.

The tests run in their order, each on what the one before left. The instruments are the drill's: a probe in the
client's network, and the kernel's own word on who had which address when.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from ansible_collections.lbha.pair.plugins.module_utils.vipd.config.parse import parse

from tests.lab.lab import Lab
from tests.lab.watching import BLINK_S, Pair, Watched, kill_when, playbook

VIPS = ("10.0.0.3", "10.0.0.4")
ONE_EACH = dict(zip(VIPS, ("lb01", "lb02"), strict=True))
GAP_MAX_S = 1.0
FAILED_MAX = 0.01  # of all requests
# keepalived takes an address before the other one lets go, some 3 ms on a quiet machine; vipd waits for that.
OVERLAP_OF_KEEPALIVED_MAX_S = 0.5


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Iterator[Pair]:
    with Pair(lab, VIPS) as pair:
        pair.await_holder()
        yield pair


def migrate(*words: str, status: int = 0) -> str:
    return playbook("lbha.pair.migrate_from_keepalived", *words, status=status)


def watched(pair: Pair, *words: str, expected: str | Mapping[str, str] = "lb01", status: int = 0) -> Watched:
    seen = pair.watched(lambda: migrate(*words, status=status), expected)
    sys.stdout.write(f"\n{' '.join(words) or 'to vipd'}: {seen}\n")
    return seen


def stays_reachable(seen: Watched, overlap_s: float) -> None:
    assert seen.failed <= FAILED_MAX * seen.requests, seen
    assert seen.longest_gap_s() <= GAP_MAX_S, seen
    assert seen.crowd.shared_s <= overlap_s, seen


def of_the_role(tmp_path: Path, variables: Path, role: str = "single_master") -> str:
    """The output of an ordinary deploy with the variables that the migration wrote."""
    play = [{"hosts": "lb", "gather_facts": False, "become": True, "roles": [f"lbha.pair.{role}"]}]
    (tmp_path / "deploy.yml").write_text(yaml.safe_dump(play))
    inventories = [*os.environ["ANSIBLE_INVENTORY"].split(","), str(variables)]
    return playbook(str(tmp_path / "deploy.yml"), *(word for path in inventories for word in ("-i", path)))


def changed(output: str) -> list[int]:
    return [int(found) for found in re.findall(r"^lb\d\d .*changed=(\d+)", output, re.MULTILINE)]


def running(lab: Lab, node: str) -> list[str]:
    return [
        name
        for name in ("keepalived", "vipd")
        if lab[node].run("systemctl", "is-active", name, check=False).stdout.strip() == "active"
    ]


@pytest.fixture(scope="module")
def before(lab: Lab) -> dict[str, str]:
    return {name: lab[name].run("cat", "/etc/keepalived/keepalived.conf").stdout for name in ("lb01", "lb02")}


def test_check_mode_says_what_it_found_and_touches_nothing(
    lab: Lab, pair: Pair, before: dict[str, str], tmp_path: Path
) -> None:
    variables = tmp_path / "variables.yml"
    output = migrate("--check", "--diff", "-e", f"migrate_variables_file={variables}")
    assert "lbha.pair.single_master" in output
    assert "vrrp_rlimit_rttime is not acted upon" in output
    assert "s3cret" not in output
    assert changed(output) == [1, 0]  # the file of variables, which is the controller's
    assert variables.stat().st_mode & 0o777 == 0o600
    found = yaml.safe_load(variables.read_text())["lb"]
    assert found["vars"]["single_master_password"] == "s3cret"
    assert found["vars"]["single_master_instances"] == [{"name": "VI_WEB"}]
    assert running(lab, "lb01") == running(lab, "lb02") == ["keepalived"]


def test_a_node_that_takes_no_files_stops_it_before_a_vip_moves(lab: Lab, pair: Pair) -> None:
    programs = "/usr/local/sbin"
    lab["lb02"].run("mount", "--bind", programs, programs)
    lab["lb02"].run("mount", "-o", "remount,ro,bind", programs)
    seen = watched(pair, status=2)
    lab["lb02"].run("umount", programs)
    said = " ".join(seen.output.split())
    assert (
        f"lb02 cannot take its files, nothing was changed, and every VIP is where it was: {programs} is read-only"
        in said
    )
    assert running(lab, "lb01") == running(lab, "lb02") == ["keepalived"]
    assert seen.lost == 0, seen
    assert lab["lb01"].run("ls", "/run/lbha.pair.lock", check=False).returncode != 0


def test_the_vip_answers_while_the_pair_goes_to_vipd(lab: Lab, pair: Pair, before: dict[str, str]) -> None:
    seen = watched(pair)
    assert running(lab, "lb01") == running(lab, "lb02") == ["vipd"]
    stays_reachable(seen, overlap_s=BLINK_S)
    assert "s3cret" not in seen.output
    for name, text in before.items():
        assert lab[name].run("cat", "/etc/keepalived/keepalived.conf").stdout == text


def test_a_second_run_has_nothing_to_do(pair: Pair, tmp_path: Path) -> None:
    variables = tmp_path / "variables.yml"
    assert changed(migrate("-e", f"migrate_variables_file={variables}")) == [1, 0]  # the variables
    assert changed(of_the_role(tmp_path, variables)) == [0, 0]


def test_scripts_of_the_operator_run_as_before(lab: Lab) -> None:
    for name, states in (("lb01", ["MASTER 110"]), ("lb02", ["BACKUP 100", "MASTER 100", "BACKUP 100"])):
        assert "fails with exit status" not in lab[name].run("journalctl", "-u", "vipd", "--no-pager").stdout
        lines = lab[name].run("cat", "/var/log/keepalived-states").stdout.splitlines()
        assert lines[-len(states) :] == [f"INSTANCE VI_WEB {state}" for state in states]


# -- a dual master, and a daemon that does not start -----------------------------------------------------------------

DUAL = """\
vrrp_instance VI_{number} {{
    state {state}
    interface eth0
    virtual_router_id 6{number}
    priority {priority}
    virtual_ipaddress {{
        {vip}/24 dev eth0
    }}
}}
"""
BROKEN = Path("/etc/systemd/system/vipd.service.d/broken.conf")
IDLE = Path("/etc/systemd/system/keepalived.service.d/idle.conf")


def dual(node: str) -> str:
    """Each node prefers one VIP."""
    return "".join(
        DUAL.format(number=number, vip=vip, state="MASTER" if preferred == node else "BACKUP",
                    priority=150 if preferred == node else 90)
        for number, (vip, preferred) in enumerate(ONE_EACH.items(), start=1)
    )  # fmt: skip


def test_a_daemon_that_does_not_start_leaves_the_old_one_and_the_vips(lab: Lab, pair: Pair) -> None:
    for name in ("lb01", "lb02"):
        lab[name].run("tee", "/etc/keepalived/keepalived.conf", input=dual(name))
        lab[name].run("systemctl", "disable", "--now", "vipd")
        lab[name].run("systemctl", "enable", "--now", "keepalived")
    pair.await_holder(ONE_EACH)
    lab["lb02"].run("mkdir", "-p", str(BROKEN.parent))
    lab["lb02"].run("tee", str(BROKEN), input="[Service]\nExecStartPre=/bin/false\n")
    seen = watched(pair, expected=ONE_EACH, status=2)
    lab["lb02"].run("rm", "-r", str(BROKEN.parent))
    assert "lbha.pair.dual_master" in seen.output
    assert "vipd did not do on lb02 what keepalived does" in seen.output
    assert "keepalived runs there again" in seen.output
    assert "Look at `journalctl -u vipd` there" in seen.output
    assert (running(lab, "lb01"), running(lab, "lb02")) == (["vipd"], ["keepalived"])
    stays_reachable(seen, OVERLAP_OF_KEEPALIVED_MAX_S)


def test_the_next_run_goes_on_where_it_stopped(lab: Lab, pair: Pair) -> None:
    seen = watched(pair, expected=ONE_EACH)
    assert changed(seen.output)[0] == 0
    assert running(lab, "lb01") == running(lab, "lb02") == ["vipd"]
    stays_reachable(seen, overlap_s=BLINK_S)


def test_a_keepalived_that_takes_no_vip_leaves_vipd_and_the_vips(lab: Lab, pair: Pair) -> None:
    """It runs, and the role is content with it; that the VIPs do not come back is seen after that."""
    lab["lb01"].run("mkdir", "-p", str(IDLE.parent))
    lab["lb01"].run("tee", str(IDLE), input="[Service]\nType=simple\nExecStart=\nExecStart=/bin/sleep infinity\n")
    lab["lb01"].run("systemctl", "daemon-reload")
    seen = watched(pair, "-e", "migrate_to=keepalived", "-e", "migrate_settle_s=5", expected=ONE_EACH, status=2)
    lab["lb01"].run("rm", "-r", str(IDLE.parent))
    lab["lb01"].run("systemctl", "daemon-reload")
    assert "keepalived did not do on lb01 what vipd does" in seen.output
    assert "vipd runs there again" in seen.output
    assert running(lab, "lb01") == running(lab, "lb02") == ["vipd"]
    assert lab["lb01"].run("systemctl", "is-enabled", "vipd").stdout == "enabled\n"
    stays_reachable(seen, overlap_s=BLINK_S)


def test_the_vips_answer_while_the_pair_goes_back(lab: Lab, pair: Pair) -> None:
    as_vipd = {name: lab[name].run("cat", "/etc/vipd/keepalived.conf").stdout for name in ("lb01", "lb02")}
    seen = watched(pair, "-e", "migrate_to=keepalived", expected=ONE_EACH)
    assert running(lab, "lb01") == running(lab, "lb02") == ["keepalived"]
    stays_reachable(seen, OVERLAP_OF_KEEPALIVED_MAX_S)
    for name, text in as_vipd.items():
        assert lab[name].run("cat", "/etc/keepalived/keepalived.conf").stdout == text
        for path in ("/etc/vipd", "/usr/local/sbin/vipd", "/etc/systemd/system/vipd.service"):
            assert lab[name].run("test", "-e", path, check=False).returncode != 0, path


# -- a pair that no topology can say ---------------------------------------------------------------------------------


def with_own_labels(node: str) -> str:
    """One label for each node, which a list of VIPs for both of them has no place for."""
    return "! Made by hand.\n" + dual(node).replace("dev eth0", f"dev eth0 label eth0:{node}")


def test_a_pair_that_only_its_files_can_say_goes_to_vipd(lab: Lab, pair: Pair, tmp_path: Path) -> None:
    """The second run does: the first one is killed when lb01 has given its VIP away, and its file says so."""
    for name in ("lb01", "lb02"):
        lab[name].run("tee", "/etc/keepalived/keepalived.conf", input=with_own_labels(name))
        lab[name].run("systemctl", "restart", "keepalived")
    pair.await_holder(ONE_EACH)
    variables = tmp_path / "variables.yml"
    run = [str(Path(sys.executable).parent / "ansible-playbook"), "lbha.pair.migrate_from_keepalived"]
    kill_when(lambda: pair.holders()["10.0.0.3"] == ["lb02"], run, tmp_path / "killed.log")
    again = ("-e", f"migrate_variables_file={variables}", "-e", "pair_break_lock=true")
    seen = watched(pair, *again, expected=ONE_EACH)
    assert "the label of 10.0.0.3 is not the same everywhere" in seen.output
    assert running(lab, "lb01") == running(lab, "lb02") == ["vipd"]
    stays_reachable(seen, OVERLAP_OF_KEEPALIVED_MAX_S)
    for name in ("lb01", "lb02"):
        assert lab[name].run("cat", "/etc/keepalived/keepalived.conf").stdout == with_own_labels(name)
        assert ".lbha-pair" not in lab[name].run("ls", "-A", "/etc/keepalived").stdout
        text = lab[name].run("cat", "/etc/vipd/keepalived.conf").stdout
        assert parse(text).config == parse(with_own_labels(name)).config
    assert changed(of_the_role(tmp_path, variables, "vipd")) == [0, 0]
