# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One instance on one node, in RFC 3768's words: its state, its two timers, and what it does.

The node is 10.0.0.5 at eth0, with VRID 51 and the address 10.0.0.3. The verbs are those of core/conversation.py;
here the answers come without their times, because the timers say when the next one is due.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

from vipd.core.instance import Instance
from vipd.core.receive import Refusal, Remark

from tests.agent.core.conversation import Conversation

TIME = re.compile(r"^ *\d+\.\d{3} ")

CONFIG = """
vrrp_instance V {{
    interface eth0
    virtual_router_id {vrid}
    {lines}
    virtual_ipaddress {{
        {vips}
    }}
}}
"""


class Node(Conversation):
    """Started, unless ``link`` says that its interface is not fit.

    ``lines`` go into the instance as they are, ``script`` is a vrrp_script that it tracks.
    """

    def __init__(
        self,
        *lines: str,
        priority: int | None = 100,
        link: str = "up 10.0.0.5",
        vrid: int = 51,
        vips: Sequence[str] = ("10.0.0.3/24",),
        script: str = "",
    ) -> None:
        super().__init__()
        self.does(f"link eth0 {link}")
        given = [*lines, *([f"priority {priority}"] if priority else [])]
        if script:
            given.append("track_script {\n chk\n }")
            script = f'\nvrrp_script chk {{\n script "/bin/check"\n {script}\n}}'
        text = CONFIG.format(vrid=vrid, lines="\n    ".join(given), vips="\n        ".join(vips))
        self.at_start = self.does(f"config{script}{text}")

    def does(self, *verbs: str) -> list[str]:
        """All effects in order, as lines without their times."""
        lines = [line for verb in verbs for line in self.say(verb) if line != "(nothing)"]
        return [TIME.sub("", line) for line in lines]

    @property
    def state(self) -> str:
        return self.instance.state.value

    @property
    def master_down_timer(self) -> Optional[float]:
        """Seconds until it fires; None when it is not running."""
        return self._remaining(self.instance.deadlines.master_down)

    @property
    def adver_timer(self) -> Optional[float]:
        return self._remaining(self.instance.deadlines.advert)

    @property
    def counted(self) -> dict[str, int]:
        """Refused and strange adverts, by reason."""
        told = {*Refusal, *Remark}
        return {reason: n for reason, n in self.instance.counters.items() if reason in told}

    @property
    def instance(self) -> Instance:
        (instance,) = self.router.instances.values()
        return instance

    def _remaining(self, deadline: Optional[float]) -> Optional[float]:
        return None if deadline is None else deadline - self.now


def master(*lines: str, priority: int = 100) -> Node:
    """A node that nobody disputed the address with."""
    node = Node(*lines, priority=priority)
    node.does("wait 10")  # the second set of announcements is behind it, too
    return node


def adverts(lines: list[str]) -> list[str]:
    """What was sent, of all that was done."""
    return [line for line in lines if line.startswith("send advert")]
