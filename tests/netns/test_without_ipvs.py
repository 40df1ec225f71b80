# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual servers on a kernel without IPVS: one clear error, and VRRP works."""

from __future__ import annotations

import subprocess

import pytest

from tests.lvs.kernel import has_ipvs
from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.daemon import Vipd
from tests.netns.segment import Segment

WITHIN_S = 30.0
SERVERS = f"virtual_server {VIP} 80 {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 10.0.0.77 80 {{\n}}\n}}\n"
SAID = "virtual servers are not served: "


class VipdWithDirector(Vipd):
    """``-P`` would leave virtual servers aside."""

    foreground = ("-n", "-l", "-D")


@pytest.mark.skipif(has_ipvs(), reason="this kernel has IPVS")
def test_vrrp_works_without_ipvs_and_it_is_said_once(segment: Segment) -> None:
    daemon = segment.with_daemon(
        VipdWithDirector(segment.hosts["a"], instance(OWNER) + SERVERS, segment._directory / "director")
    )
    daemon.start()
    daemon.wait_for_log(SAID, WITHIN_S)
    daemon.wait_for_state("MASTER", WITHIN_S)
    segment.wait_for_holders(VIP, "a", WITHIN_S)
    assert daemon.log().count(SAID) == 1
    with daemon.host.entered():
        test = subprocess.run(
            [*daemon.command(), "-t"], capture_output=True, text=True, env=daemon.environment, check=False
        )
    assert test.stderr.count("virtual servers cannot be served") == 1
    assert test.returncode == 5
