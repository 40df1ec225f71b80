# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pair under test, as the environment names it: a lab and its inventories (see molecule/playbooks/verify.yml)."""

from __future__ import annotations

import os
from typing import Any

import pytest
import testinfra
from testinfra.host import Host

from tests.lab.lab import Lab


@pytest.fixture(scope="session")
def lab() -> Lab:
    return Lab.attach(os.environ["LBHA_LAB"])


@pytest.fixture(scope="session")
def pair(lab: Lab) -> dict[str, Host]:
    """The hosts of the pair that have power."""
    hosts = testinfra.get_hosts(["ansible://lb"])
    return {host.backend.host: host for host in hosts if lab[host.backend.host].is_running()}


@pytest.fixture(scope="session")
def variables(pair: dict[str, Host]) -> dict[str, Any]:
    """The inventory as the hosts of the pair see it."""
    seen: dict[str, Any] = next(iter(pair.values())).ansible.get_variables()
    return seen


@pytest.fixture(scope="session")
def expected(pair: dict[str, Host], variables: dict[str, Any]) -> dict[str, str]:
    """Each VIP and the host that should hold it: the one it prefers, or whoever is left."""
    wanted = variables.get("dual_master_vips") or [
        {"address": vip, "preferred": variables["groups"]["lb"][0]} for vip in variables["single_master_vips"]
    ]
    left = next(iter(pair))
    return {vip["address"].partition("/")[0]: vip["preferred"] if vip["preferred"] in pair else left for vip in wanted}
