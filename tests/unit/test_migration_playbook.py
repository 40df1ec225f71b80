# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stops a migration before it begins; molecule/migrate shows the rest on nodes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import yaml


def test_without_every_node_nothing_begins(tmp_path: Path) -> None:
    """lb01 is this machine, which is only asked whether it is there; nothing leads to lb02."""
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "ansible_become": False}
    nowhere = {"ansible_host": "192.0.2.6", "ansible_ssh_common_args": "-F /dev/null -o ProxyCommand=false"}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"lb": {"hosts": {"lb01": here, "lb02": nowhere}}}))
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "hosts.yml", "lbha.pair.migrate_from_keepalived"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(sys.path), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode != 0
    assert "lb02 cannot be reached: nothing was changed, and every VIP is where it was" in done.stdout
    assert "All nodes answer" in done.stdout
    assert "Look at services" not in done.stdout
