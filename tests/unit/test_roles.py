# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the roles promise about their variables, and that a mistake stops a play before any host is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.lbha.pair.plugins.plugin_utils import proxy, real_server
from ansible_collections.lbha.pair.plugins.plugin_utils.variables import TOPOLOGIES

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
PLANNED = {
    **{role: {f"{role}_{name}": value for name, value in known.items()} for role, known in TOPOLOGIES.items()},
    "proxy": dict(proxy.DEFAULTS),
    "lvs_real_server": dict(real_server.DEFAULTS),
}


def read(role: str, path: str) -> Any:
    return yaml.safe_load((ROOT / "roles" / role / path).read_text())


def defaults(role: str) -> dict[str, Any]:
    return dict(read(role, "defaults/main.yml"))


def options(role: str) -> dict[str, Any]:
    return dict(read(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"])


def computed(value: Any) -> bool:
    """A default that Ansible works out has no counterpart elsewhere."""
    return "{{" in str(value)


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_has_a_default_and_a_description(role: str) -> None:
    assert list(defaults(role)) == list(options(role))


@pytest.mark.parametrize("role", ROLES)
def test_specified_defaults_are_those_that_apply(role: str) -> None:
    applied = {name: value for name, value in defaults(role).items() if value is not None and not computed(value)}
    assert {name: option["default"] for name, option in options(role).items() if "default" in option} == applied


@pytest.mark.parametrize("role", PLANNED)
def test_the_plan_knows_the_same_variables_and_defaults(role: str) -> None:
    given = defaults(role)
    assert given.keys() == PLANNED[role].keys()
    plain = {name: value for name, value in given.items() if not computed(value)}
    assert plain == {name: PLANNED[role][name] for name in plain}


@pytest.mark.parametrize("role", ROLES)
def test_secrets_are_marked(role: str) -> None:
    secret = {name for name in options(role) if name.endswith(("_password", "vipd_config", "vipd_extensions"))}
    assert {name for name, option in options(role).items() if option.get("no_log")} == secret


README_PLAY = [{"hosts": "lb", "gather_facts": False, "roles": ["lbha.pair.proxy", "lbha.pair.single_master"]}]


def play(
    tmp_path: Path, inventory: dict[str, Any], playbook: str = "lbha.pair.site", *flags: str
) -> subprocess.CompletedProcess[str]:
    """A playbook against hosts that nothing leads to."""
    hosts = {"lb01": {"ansible_host": "192.0.2.5"}, "lb02": {"ansible_host": "192.0.2.6"}}
    connection = {"ansible_ssh_common_args": "-F /dev/null -o ProxyCommand=false"}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"lb": {"hosts": hosts, "vars": {**connection, **inventory}}}))
    return subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", playbook, *flags],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


BAD = {
    "single_master_vips": ["10.0.0.300/24", "192.0.2.6/24"],
    "single_master_virtual_router_id": "0",
    "single_master_password": "longer than eight",
    "single_master_priority": 100,
    "proxy_upstreams": {"web": ["10.0.0.7"]},
}


@pytest.mark.parametrize("playbook", ["lbha.pair.site", "readme.yml"])
def test_mistakes_stop_the_play_before_a_host_is_touched(tmp_path: Path, playbook: str) -> None:
    (tmp_path / "readme.yml").write_text(yaml.safe_dump(README_PLAY))
    done = play(tmp_path, BAD, playbook)
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "Install" not in said
    assert "5 mistakes in the variables; nothing was changed" in said
    for expected in ("single_master_vips[0]", "single_master_vips[1]", "single_master_virtual_router_id",
                     "single_master_password", "single_master_priority"):  # fmt: skip
        assert f"- {expected}: " in said
    assert "longer than" not in said


RIGHT = {"single_master_vips": ["10.0.0.3/24"], "proxy_upstreams": {"web": ["10.0.0.7"]}}


def test_hosts_that_cannot_be_reached_are_named_when_nothing_else_is_wrong(tmp_path: Path) -> None:
    done = play(tmp_path, RIGHT)
    assert done.returncode == 2, "nobody may think that hosts were deployed which nobody reached"
    for host in ("lb01", "lb02"):
        assert f"{host} cannot be reached: nothing was changed, and every VIP is where it was" in done.stdout
    assert "Install" not in done.stdout


def test_a_password_that_cannot_be_decrypted_stops_the_play_and_is_named(tmp_path: Path) -> None:
    """Ansible's own sentence, with the place in the inventory: a role cannot ask for a vault password."""
    encrypt = ["encrypt_string", "--vault-password-file", "vault", "--name", "single_master_password", "s3cret"]
    (tmp_path / "vault").write_text("correct horse")
    (tmp_path / "group_vars").mkdir()
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-vault", *encrypt],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (tmp_path / "group_vars" / "lb.yml").write_text(done.stdout)
    done = play(tmp_path, RIGHT)
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "no vault secrets found" in said
    assert "single_master_password: !vault" in said
    assert "Install" not in said
    assert "s3cret" not in said


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The message of the first failure."""
    result, _end = json.JSONDecoder().raw_decode(done.stdout.partition("FAILED! => ")[2])
    return str(result["msg"])


def vipd_play(tmp_path: Path, variables: dict[str, Any], *flags: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "vipd.yml").write_text(
        yaml.safe_dump([{"hosts": "lb", "gather_facts": False, "roles": ["lbha.pair.vipd"]}])
    )
    return play(tmp_path, {"vipd_config": "vrrp_instance VI_1 {}", **variables}, "vipd.yml", *flags)


def test_no_script_may_write_everywhere(tmp_path: Path) -> None:
    bad = ["/", "//", "/var/log/lb/../..", "/var/log/lb /", "/var/log/lb\n", "log"]
    done = vipd_play(tmp_path, {"vipd_writable_paths": ["/var/log/lb", *bad, "/srv/.state/"]})
    refused = ", ".join(map(json.dumps, bad))
    assert f"vipd_writable_paths: {refused} is no full path" in said(done)
    assert "room" not in done.stdout, "no host was asked for anything"


def test_a_text_of_paths_is_refused_as_a_list_is(tmp_path: Path) -> None:
    done = vipd_play(tmp_path, {}, "-e", "vipd_writable_paths=/var/log/lb,/")
    assert 'vipd_writable_paths: "/" is no full path' in said(done)


def test_paths_that_scripts_may_write_to_are_accepted(tmp_path: Path) -> None:
    done = vipd_play(tmp_path, {"vipd_writable_paths": ["/var/log/lb", "/srv/.state/", "/a.b//c"]})
    assert "cannot be reached: nothing was changed" in done.stdout


def test_what_a_command_line_says_means_the_same_as_what_a_variable_file_says(tmp_path: Path) -> None:
    """From there, and from an INI file, all is text: a list, and a false that is no empty text."""
    unit = "lookup('ansible.builtin.template', role ~ '/templates/vipd.service.j2')"
    tasks = [
        {"ansible.builtin.debug": {"msg": f"{{{{ {unit} | regex_findall('ReadWritePaths=.*') }}}}"}},
        {"ansible.builtin.debug": {"msg": "exports={{ __vipd_exports }}"}, "when": "__vipd_exports or never"},
        {"ansible.builtin.debug": {"msg": "place={{ (__vipd_pair or []).index(inventory_hostname) }}"}},
    ]
    files = [str(ROOT / "roles" / "vipd" / part / "main.yml") for part in ("defaults", "vars")]
    variables = {"role": str(ROOT / "roles" / "vipd"), "never": False, "__vipd_script_users": []}
    playbook = [{"hosts": "lb", "gather_facts": False, "vars_files": files, "vars": variables, "tasks": tasks}]
    (tmp_path / "show.yml").write_text(yaml.safe_dump(playbook))
    given = ("vipd_writable_paths=/var/log/lb,/srv", "vipd_hosts=lb010,lb02,lb01", "vipd_exporter=false")
    flags = [word for one in given for word in ("-e", one)]
    done = play(tmp_path, {}, "show.yml", *flags)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ReadWritePaths=-/var/log/lb -/srv") == 2
    assert "exports=" not in done.stdout
    assert [line for line in ("place=2", "place=1") if line not in done.stdout] == []
    assert "exports=True" in play(tmp_path, {}, "show.yml", *flags, "-e", "vipd_exporter=yes").stdout


def test_vips_of_another_configuration_of_the_same_play_are_not_taken_away(tmp_path: Path) -> None:
    """A host has one vipd: the second role that is applied to it would replace what the first one deployed."""
    roles = ["lbha.pair.single_master"]
    for number, (before, refused) in enumerate([("10.0.0.9/24", True), ("10.0.0.3/24", False)]):
        deployed = {"ansible.builtin.set_fact": {"__vipd_deployed": [before]}}
        play_twice = [{"hosts": "lb", "gather_facts": False, "pre_tasks": [deployed], "roles": roles}]
        (tmp_path / f"twice{number}.yml").write_text(yaml.safe_dump(play_twice))
        done = play(tmp_path, {"single_master_vips": ["10.0.0.3/24"]}, f"twice{number}.yml")
        assert (f"this play has given it {before} already" in done.stdout) is refused, done.stdout


def test_a_play_without_vips_says_what_to_set(tmp_path: Path) -> None:
    done = play(tmp_path, {})
    assert "Set either single_master_vips, dual_master_vips or lvs_director_services" in done.stdout + done.stderr


def test_the_inventory_may_refer_to_what_only_the_play_knows(tmp_path: Path) -> None:
    """Other hosts' variables are read outside the play, where the proxy's check is not defined."""
    shown = {"ansible.builtin.debug": {"msg": "{{ __single_master_plan.hosts[inventory_hostname].text }}"}}
    roles = [{"role": "lbha.pair.proxy", "when": False}, {"role": "lbha.pair.single_master", "when": False}]
    playbook = [{"hosts": "lb", "gather_facts": False, "roles": roles, "post_tasks": [shown]}]
    (tmp_path / "show.yml").write_text(yaml.safe_dump(playbook))
    given = {"single_master_vips": ["10.0.0.3/24"], "single_master_checks": ["{{ proxy_check }}"]}
    done = play(tmp_path, given, "show.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("/usr/local/sbin/lbha-check-proxy 8099") == 2


def test_mistakes_of_directors_stop_the_play_before_a_real_server_is_touched(tmp_path: Path) -> None:
    service = {"vip": "10.0.0.250/24", "port": 80, "forwarding": "dr", "real_servers": ["lb02"]}
    done = play(tmp_path, {"lvs_director_services": [service], "lvs_real_server_vips": ["10.0.0.250"]})
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "lvs_director_services[0].real_servers[0]: 192.0.2.6 is the address of the director lb02" in said
    assert "Real server" not in done.stdout


def test_a_mistake_of_one_real_server_stops_all(tmp_path: Path) -> None:
    playbook = [{"hosts": "lb", "gather_facts": False, "roles": ["lbha.pair.lvs_real_server"]}]
    (tmp_path / "web.yml").write_text(yaml.safe_dump(playbook))
    done = play(tmp_path, {"lvs_real_server_vips": ["10.0.0.2500"]}, "web.yml")
    assert "lvs_real_server_vips[0]: '10.0.0.2500' is not an address" in done.stdout + done.stderr
    assert "Keep quiet" not in done.stdout
