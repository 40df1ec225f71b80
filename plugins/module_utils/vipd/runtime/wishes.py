# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operator wants of this node: that it yields, or that it is in maintenance.

Sends events to the VRRP process and waits until that has done what it could; decides nothing itself. A node never
goes into maintenance with addresses that nobody else has taken, unless told to with ``force``, and not when that could
not be remembered. ``core/yielding.py`` is what happens then, ``ctl_wishes.py`` what the operator sees.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Callable, Optional

from ..core.events import MaintenanceChanged, YieldEnded, YieldRequested
from .maintenance_file import Maintenance, MaintenanceFile

Request = Mapping[str, Any]
Answer = dict[str, Any]

# How often the VRRP process is asked whether an offer is over; a person waits, so it need not be often.
LOOK_AGAIN_S = 0.1

BACK_OFF_MAX_S = 10 * 365 * 86400.0


class Wishes:
    """The commands of the control socket; ``status`` asks the VRRP process."""

    def __init__(
        self, file: MaintenanceFile, send: Callable[[object], None], status: Callable[[], Awaitable[Answer]]
    ) -> None:
        self._file = file
        self._send = send
        self._status = status
        self._turn = asyncio.Lock()

    def begin(self) -> Optional[Maintenance]:
        """Before the first configuration: what holds since before this start."""
        kept = self._file.read()
        if kept is not None:
            self._send(MaintenanceChanged(on=True, force=True))
        return kept

    def note(self) -> Optional[dict[str, Any]]:
        """For people."""
        kept = self._file.read()
        return asdict(kept) if kept else None

    async def yield_addresses(self, request: Request) -> Answer:
        """``instances`` (none: all), ``for_s`` (None: until told), ``force``; or ``end`` to take part as before."""
        async with self._turn:
            try:
                names = await self._named(request)
                back_off_s = _seconds(request.get("for_s"))
            except ValueError as error:
                return {"error": str(error)}
            if request.get("end"):
                self._send(YieldEnded(names))
                return await self._standing(names)
            return await self._give_away(YieldRequested(names, back_off_s, bool(request.get("force"))))

    async def maintenance(self, request: Request) -> Answer:
        """``on`` true or false; ``reason`` and ``force`` with true."""
        async with self._turn:
            try:
                return await (self._enter(request) if request.get("on") else self._leave())
            except OSError as error:
                return {"error": f"the node's maintenance cannot be remembered, so nothing is changed: {error}"}

    # Yielding

    async def _named(self, request: Request) -> tuple[str, ...]:
        names = request.get("instances") or ()
        known = [one["name"] for one in (await self._status())["instances"]]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"no instance {', '.join(map(str, unknown))}; this node has {', '.join(known) or 'none'}")
        return tuple(names)

    async def _give_away(self, wanted: YieldRequested) -> Answer:
        """Until no offer stands any more that the core ends in time. One without an end is no reason to wait."""
        self._send(wanted)
        while True:
            standing = await self._standing(wanted.instances)
            offers = [
                one["yielding"] for one in standing["instances"] if one["yielding"] and one["yielding"]["offering"]
            ]
            if all(offer["ends_in_s"] is None for offer in offers):
                return standing
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _standing(self, names: Sequence[str]) -> Answer:
        """``kept``: instances that are still master here."""
        instances = (await self._status())["instances"]
        chosen = [one for one in instances if not names or one["name"] in names]
        return {
            "instances": chosen,
            "kept": [one["name"] for one in chosen if one["state"] == "MASTER"],
        }

    # Maintenance

    async def _enter(self, request: Request) -> Answer:
        self._file.prepare(str(request.get("reason") or ""))
        try:
            return await self._enter_prepared(force=bool(request.get("force")))
        finally:
            self._file.discard()

    async def _enter_prepared(self, force: bool) -> Answer:
        before = await self._status()
        if any(one["state"] == "MASTER" for one in before["instances"]) and not force:
            standing = await self._give_away(YieldRequested())
            if standing["kept"]:
                return {"maintenance": False, **standing}
        self._send(MaintenanceChanged(on=True, force=force))
        after = await self._status()
        if after["maintenance"]:
            self._file.commit()
        else:
            self._send(YieldEnded())
        return {"maintenance": after["maintenance"], **await self._standing(())}

    async def _leave(self) -> Answer:
        self._file.remove()
        self._send(MaintenanceChanged(on=False))
        return {"maintenance": (await self._status())["maintenance"], **await self._standing(())}


def _seconds(value: Any) -> Optional[float]:
    if value is None:
        return None
    if not isinstance(value, (int, float)) or not 0 <= value <= BACK_OFF_MAX_S:
        raise ValueError(f"expected seconds, from 0 to {BACK_OFF_MAX_S:.0f}, not {value!r}")
    return float(value)
