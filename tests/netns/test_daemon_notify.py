# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When notify scripts run: in the order of the transitions, and never so long that a stop hangs.

What they are called with is compared with keepalived's calls in tests/interop/.
"""

from __future__ import annotations

import time
from pathlib import Path

from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.segment import Segment
from tests.netns.waiting import wait_for

SECURITY = "global_defs {\n    script_user root\n    enable_script_security\n}\n"


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_slow_scripts_keep_the_order_of_events(segment: Segment, tmp_path: Path) -> None:
    """The first takes longest; the VIP does not wait for any of them."""
    told = tmp_path / "told"
    slow = script(tmp_path / "slow", f"echo $1 begins >>{told}; sleep $2; echo $1 ends >>{told}")
    lines = (f'notify_backup "{slow} backup 1.5"', f'notify_master "{slow} master 0.1"', f'notify_stop "{slow} stop 0"')
    a = segment.vipd("a", SECURITY + instance(OWNER, *lines))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    assert told.read_text() == "backup begins\n"
    wait_for(lambda: told.read_text().endswith("master ends\n"), "both scripts to end", 4)
    assert a.stop() == 0
    assert told.read_text().splitlines() == [
        f"{state} {what}" for state in ("backup", "master", "stop") for what in ("begins", "ends")
    ]


def test_a_notify_script_that_hangs_does_not_hold_up_a_stop(segment: Segment, tmp_path: Path) -> None:
    hang = script(tmp_path / "hang", "exec sleep 1000")
    a = segment.vipd("a", SECURITY + instance(OWNER, f'notify_stop "{hang}"'))
    a.start()
    began = time.monotonic()
    assert a.stop() == 0
    assert time.monotonic() - began < 4
    assert "notify scripts still ran 1 s after the stop; ended them" in a.log()


def test_a_script_that_is_missing_is_an_error_and_never_dropped(segment: Segment, tmp_path: Path) -> None:
    """A start is refused, and a reload changes nothing; keepalived would go on without the script."""
    missing = instance(OWNER, f'notify_master "{tmp_path}/missing"')
    a = segment.vipd("a", SECURITY + missing)
    a.launch()
    assert a.wait() == 5, a.log()
    assert f"{a.path}:5: error" in a.log().replace(":5:1:", ":5:")
    assert f"vrrp_instance V cannot run {tmp_path}/missing: No such file or directory" in a.log()

    a.path.write_text(instance(OWNER))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    a.reload(SECURITY + missing)
    a.wait_for_log("was not loaded; the running configuration stays in force")
    assert segment.holders(VIP) == {"a"}
