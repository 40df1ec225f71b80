# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived accepts what is rendered and finds nothing: ``keepalived -t`` in a namespace that has the interfaces.

Needs root and keepalived; where they are missing, the round trip of test_render.py is all there is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from vipd.config.check import check
from vipd.config.keywords.global_defs import GLOBAL_DEFS
from vipd.config.keywords.instance import VRRP_INSTANCE
from vipd.config.model import Command, Config, ScriptUser, VrrpScript
from vipd.config.parse import load
from vipd.config.render import render
from vipd.config.table import Block

from tests.agent.config.models import configs

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("keepalived") is None, reason="needs root and keepalived"
)

SEEDS = sorted((Path(__file__).parents[2] / "data" / "seeds").glob("*.conf"))
LINKS = ("eth0", "eth1", "eth2", "eth3", "eth0.1", "bond0", "br-lan", "wlp2s0", "ens33")
NETWORK = " && ".join(f"ip link add {name} type bridge && ip link set {name} up" for name in LINKS)


def judged(text: str, directory: Path, config_id: str = "none") -> str:
    """What keepalived 2.2 says of it, and how it exits; empty if it has nothing to say."""
    path = directory / "keepalived.conf"
    path.write_text(text)
    program = f"{NETWORK} && exec keepalived -t -i {config_id} -f {path}"
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", program], capture_output=True, text=True, check=False, timeout=30
    )
    said = done.stdout + done.stderr
    return f"{said}exit status {done.returncode}" if said or done.returncode else ""


def trusted(config: Config) -> Config:
    """With scripts that exist, run as an account that exists, and without what keepalived 2.2 does not know."""
    known = replace(
        _with_commands(config),
        global_defs=_known(_with_commands(config.global_defs), GLOBAL_DEFS),
        instances=tuple(_known(_with_commands(instance), VRRP_INSTANCE) for instance in config.instances),
    )
    return replace(
        known,
        global_defs=replace(known.global_defs, script_user=ScriptUser("root"), enable_script_security=True),
        scripts=tuple(map(_trusted_script, known.scripts)),
    )


def _trusted_script(script: VrrpScript) -> VrrpScript:
    whole = {"interval_s": 2.0, "timeout_s": None if script.timeout_s is None else 3.0}
    return replace(script, **whole)


def _with_commands(value: Any) -> Any:
    """The same with another program for each command, however deep."""
    if isinstance(value, Command):
        return Command(("/bin/true", *value.argv[1:]), value.user and ScriptUser("root", "root"))
    if isinstance(value, tuple):
        return tuple(map(_with_commands, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _with_commands(getattr(value, field.name)) for field in fields(value)})
    return value


def _known(model: Any, block: Block) -> Any:
    """By the table: what a later keepalived brought is as if it were not given."""
    later = {name for keyword in block.keywords if keyword.since for name in keyword.fields}
    return replace(model, **{field.name: field.default for field in fields(model) if field.name in later})


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(configs(least=1))
def test_keepalived_accepts_what_is_rendered(tmp_path: Path, config: Config) -> None:
    complaints = [found for found in check(config) if not found.ours]
    assume(not any("unnoticed" in one.message for one in complaints))  # delays and intervals are drawn apart
    assert complaints == []
    text = render(trusted(config))
    assert judged(text, tmp_path) == "", text


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_keepalived_accepts_a_published_configuration_rendered_anew(path: Path, tmp_path: Path) -> None:
    assert judged(render(trusted(load(str(path)).config)), tmp_path) == ""


def test_keepalived_refuses_what_it_should(tmp_path: Path) -> None:
    """So that the tests above can fail."""
    text = "vrrp_instance A {\ninterface eth0\nvirtual_router_id 51\npriorty 3\nvirtual_ipaddress { 10.0.0.3 }\n}\n"
    assert "Unknown keyword 'priorty'" in judged(text, tmp_path)
    assert "exit status 5" in judged(text, tmp_path)
