# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A daemon that writes down what happens, and vipctl that runs it again."""

from __future__ import annotations

import subprocess
import sys

from tests.netns.configuration import OWNER, VIP, instance
from tests.netns.daemon import ENVIRONMENT
from tests.netns.segment import Segment

AUTHENTICATION = "authentication {\nauth_type PASS\nauth_pass hunter2\n}"


def test_a_failover_is_seen_again_in_its_recording(segment: Segment) -> None:
    a = segment.vipd("a", instance(OWNER, AUTHENTICATION))
    recording = a.directory / "recording"
    a.foreground = (*a.foreground, "--record", str(recording))
    a.start()
    segment.wait_for_holders(VIP, "a", 1)
    assert a.stop() == 0
    assert "hunter2" not in recording.read_text()

    program = "import sys; from vipd.ctl import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "replay", "--transitions", str(recording)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line.split(":")[0].split()[1:] for line in done.stdout.splitlines()] == [
        ["(V)", "INIT", "->", "BACKUP"],
        ["(V)", "BACKUP", "->", "MASTER"],
        ["(V)", "MASTER", "->", "STOP"],
    ]
