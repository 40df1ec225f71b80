# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the role vipd lets keepalived judge a file before it takes the place of the old one."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.agent.config.test_keepalived import NETWORK

VARS = Path(__file__).resolve().parents[2] / "roles" / "vipd" / "vars" / "main.yml"
INSTANCE = (
    "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\npriority 100\n"
    "virtual_ipaddress {\n10.0.0.3/24\n}\ntrack_script {\nx\n}\n}\n"
)
SCRIPT = 'vrrp_script x {\nscript "/bin/true"\n}\n'
SECURITY = "global_defs {\nenable_script_security\nscript_user root\n}\n"
CASES = {
    "a script with security": (SECURITY + SCRIPT + INSTANCE, 0),
    "a script without security": (SCRIPT + INSTANCE, 0),
    "an unknown keyword": ("foo_bar\n" + SECURITY + SCRIPT + INSTANCE, 5),
    "an unknown keyword, and a script without security": ("foo_bar\n" + SCRIPT + INSTANCE, 6),
    "security in a comment only": ("# enable_script_security\nfoo_bar\n" + SCRIPT + INSTANCE, 6),
}


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("keepalived") is None, reason="needs root and keepalived")
@pytest.mark.parametrize("case", CASES)
def test_what_keepalived_would_not_run_is_refused(case: str, tmp_path: Path) -> None:
    text, status = CASES[case]
    (tmp_path / "keepalived.conf").write_text(text)
    # As ansible.builtin.copy does it: the path takes the place of %s, and no shell looks at the command.
    command = yaml.safe_load(VARS.read_text())["__vipd_providers"]["keepalived"]["check"] % (
        tmp_path / "keepalived.conf"
    )
    argv = " ".join(map(shlex.quote, shlex.split(command)))
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", f"{NETWORK} && exec {argv}"],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    assert ("foo_bar" in done.stderr) == (status != 0)
