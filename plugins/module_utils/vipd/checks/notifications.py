# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All who are told when an instance or a group changes its state: pipes, scripts and mailboxes, in this order.

Numbers what it tells, so that a reader of the status can see that nothing is missing. Each of the three does its work
by itself and at its own speed: ``fifo.py``, ``notify.py``, ``mail.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable, Optional

from ..config.model import Config, Fifo, GlobalDefs
from ..core.effects import RunNotify
from .fifo import NotifyFifo, line
from .notify import Notifier
from .security import Rules

if TYPE_CHECKING:
    from .mail import Mailer

# A reload waits no longer than this for a FIFO's script to read what is left for it.
EXCHANGE_S = 1.0


class Notifications:
    """``complain`` takes a sentence when something goes wrong."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._scripts = Notifier(complain)
        self._mail: Optional[Mailer] = None
        self._fifos: dict[str, NotifyFifo] = {}
        self._sequence = 0

    async def configure(self, config: Config) -> None:
        """Go by ``config`` from now on; a pipe that stays as it was is not disturbed."""
        rules = Rules.of(config.global_defs)
        self._scripts.rules = rules
        self._configure_mail(config.global_defs)
        wanted = {fifo.path: (fifo, rules) for fifo in _fifos(config)}
        changed = [path for path, fifo in self._fifos.items() if wanted.get(path) != fifo.config]
        await asyncio.gather(*(self._fifos.pop(path).close(EXCHANGE_S) for path in changed))
        for path in wanted.keys() - self._fifos.keys():
            self._fifos[path] = NotifyFifo(*wanted[path], self._complain)
            self._fifos[path].open()

    def _configure_mail(self, node: GlobalDefs) -> None:
        """A node that sends no mail does not load what sends it: that is 3 MB."""
        if self._mail is None and node.smtp.server is not None:
            from .mail import Mailer  # noqa: PLC0415

            self._mail = Mailer(self._complain)
        if self._mail is not None:
            self._mail.configure(node)

    def run(self, notify: RunNotify) -> None:
        """Tell everybody; returns at once."""
        self._sequence += 1
        if notify.fifo:
            self.write((notify,))
        self._scripts.run(notify, self._sequence)
        if notify.mail and self._mail is not None:
            self._mail.send(notify)

    def write(self, states: Iterable[RunNotify]) -> None:
        """Into the pipes alone: the present states, after a reload."""
        for notify in states:
            for fifo in self._fifos.values():
                fifo.write(line(notify))

    async def finish(self, timeout_s: float) -> None:
        """Let what is under way end, for ``timeout_s`` at most."""
        await asyncio.gather(
            self._scripts.finish(timeout_s),
            *([self._mail.finish(timeout_s)] if self._mail is not None else []),
            *(fifo.close(timeout_s) for fifo in self._fifos.values()),
        )

    def status(self) -> dict[str, Any]:
        return {
            "sequence": self._sequence,
            "scripts": self._scripts.status(),
            "fifos": [fifo.status() for fifo in self._fifos.values()],
            "mail": self._mail.status() if self._mail is not None else None,
        }


def _fifos(config: Config) -> list[Fifo]:
    given: tuple[Optional[Fifo], ...] = (config.global_defs.notify_fifo, config.global_defs.vrrp_notify_fifo)
    return [fifo for fifo in given if fifo is not None]
