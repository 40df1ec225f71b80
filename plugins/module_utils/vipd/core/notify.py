# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told of a new state: the operator's programs, pipes and mailboxes. Running them is the worker's.

Source: keepalived.conf(5), notify_*, smtp_alert, notify_priority_changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from ..config.given import given
from ..config.model import Command, GlobalDefs, Notify, VrrpInstance, VrrpSyncGroup
from .effects import Effect, RunNotify

# The state's own command comes first, then the general one with four words more, as with keepalived. Events of a
# master or backup that stays what it is have no general command and no mail.
STATES = ("MASTER", "BACKUP", "FAULT", "STOP", "DELETED")


@dataclass(frozen=True)
class Audience:
    """Of one instance or group; ``kind`` is INSTANCE or GROUP."""

    kind: str
    name: str
    notify: Notify
    fifo: bool
    mail: bool
    mail_faults: bool
    priority_changes: bool

    @classmethod
    def of(cls, kind: str, one: Union[VrrpInstance, VrrpSyncGroup], node: GlobalDefs) -> Audience:
        """Its own settings, else the node's, else the defaults."""
        fifo = bool(node.notify_fifo or node.vrrp_notify_fifo)
        return cls(
            kind=kind,
            name=one.name,
            notify=one.notify,
            fifo=fifo,
            mail=given(one.smtp_alert, given(node.smtp_alert_vrrp, given(node.smtp_alert, False))),
            mail_faults=not node.no_email_faults,
            priority_changes=fifo and given(one.notify_priority_changes, node.vrrp_notify_priority_changes),
        )

    def tell(self, state: str, priority: int) -> list[Effect]:
        """Nothing when nobody listens."""
        own = getattr(self.notify, state.lower(), None)
        commands = [own] if own else []
        mail = False
        if state in STATES:
            commands += self._general(state, priority)
            mail = self.mail and (state != "FAULT" or self.mail_faults)
        if not (commands or self.fifo or mail):
            return []
        return [RunNotify(self.name, state, tuple(commands), self.kind, priority, self.fifo, mail)]

    def tell_again(self, state: str, priority: int) -> list[Effect]:
        """What was told before: for the pipes alone, which a reload opens anew."""
        return [RunNotify(self.name, state, (), self.kind, priority)] if self.fifo and state in STATES else []

    def _general(self, state: str, priority: int) -> list[Command]:
        if self.notify.any is None:
            return []
        told = (self.kind, self.name, state, str(priority))
        return [Command(self.notify.any.argv + told, self.notify.any.user)]
