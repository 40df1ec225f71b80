# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All who are told when a real server or a virtual server comes or goes: pipes and mailboxes. Scripts: ``notify.py``.

``notify_fifo`` is the worker's where there is one, which this then only writes to; ``lvs_notify_fifo`` is ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Callable, Optional

from ..config.model import Config, Fifo, GlobalDefs
from ..core.effects import RunNotify
from ..director.effects import Announce
from .fifo import NotifyFifo
from .notifications import EXCHANGE_S
from .security import Rules

if TYPE_CHECKING:
    from .mail import Mailer


class ServiceNotifications:
    """``complain`` takes a sentence when something goes wrong; ``guest``: a worker has the pipe ``notify_fifo``."""

    def __init__(self, complain: Callable[[str], None], *, guest: bool) -> None:
        self._complain = complain
        self._guest = guest
        self._node = GlobalDefs()
        self._mail: Optional[Mailer] = None
        self._fifos: dict[str, NotifyFifo] = {}
        self._exchanges: set[asyncio.Task[None]] = set()

    def configure(self, config: Config) -> None:
        """Go by ``config`` from now on; a pipe that stays as it was is not disturbed."""
        self._node = config.global_defs
        rules = Rules.of(self._node)
        given = {"notify_fifo": self._node.notify_fifo, "lvs_notify_fifo": self._node.lvs_notify_fifo}
        wanted = {keyword: (fifo, rules) for keyword, fifo in given.items() if fifo is not None}
        changed = [keyword for keyword, fifo in self._fifos.items() if wanted.get(keyword) != fifo.config]
        old = [self._fifos.pop(keyword) for keyword in changed]
        new = [self._fifo(keyword, *wanted[keyword]) for keyword in wanted.keys() - self._fifos.keys()]
        if old or self._exchanges:
            exchange = asyncio.get_running_loop().create_task(self._exchange(tuple(self._exchanges), old, new))
            self._exchanges.add(exchange)
            exchange.add_done_callback(self._exchanges.discard)
        else:
            self._open(new)
        self._configure_mail()

    def _fifo(self, keyword: str, fifo: Fifo, rules: Rules) -> NotifyFifo:
        guest = self._guest and keyword == "notify_fifo"
        self._fifos[keyword] = NotifyFifo(fifo, rules, self._complain, guest=guest)
        return self._fifos[keyword]

    async def _exchange(
        self, before: Sequence[asyncio.Task[None]], old: Sequence[NotifyFifo], new: Sequence[NotifyFifo]
    ) -> None:
        """One after another: the end of a pipe removes its name, which the next may have."""
        await asyncio.gather(*before, *(fifo.close(EXCHANGE_S) for fifo in old))
        self._open(new)

    def _open(self, fifos: Sequence[NotifyFifo]) -> None:
        """But those that another reload, or the end, has made superfluous meanwhile."""
        for fifo in fifos:
            if fifo in self._fifos.values():
                fifo.open()

    def _configure_mail(self) -> None:
        if self._mail is None and self._node.smtp.server is not None:
            from .mail import Mailer  # noqa: PLC0415  a node that sends no mail does not load it

            self._mail = Mailer(self._complain)
        if self._mail is not None:
            self._mail.configure(self._node)

    def tell(self, announced: Announce) -> None:
        """Everybody; returns at once."""
        for fifo in self._fifos.values():
            fifo.write(line(announced))
        if self._mail is not None and self._alerts(announced):
            self._mail.send(RunNotify(" of virtual server ".join(announced.names), announced.state, (), announced.kind))

    def _alerts(self, announced: Announce) -> bool:
        """keepalived's defaults: a real server's alerts are sent, a virtual server's are not."""
        lvs = self._node.lvs.smtp_alert_checker
        said = (one for one in (announced.alert, lvs, self._node.smtp_alert) if one is not None)
        return next(said, announced.kind == "RS")

    async def finish(self, timeout_s: float) -> None:
        """Let what is under way end, for ``timeout_s`` at most."""
        fifos, self._fifos = list(self._fifos.values()), {}
        await asyncio.gather(
            *self._exchanges,
            *(fifo.close(timeout_s) for fifo in fifos),
            *([self._mail.finish(timeout_s)] if self._mail is not None else []),
        )


def line(announced: Announce) -> bytes:
    """``RS [10.0.0.11]:tcp:80 [10.0.0.1]:tcp:80 DOWN``."""
    return f"{announced.kind} {' '.join(announced.names)} {announced.state}\n".encode()
