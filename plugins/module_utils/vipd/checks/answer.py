# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check is given and what it answers; every checker of real servers speaks in these two.

A checker raises OSError or asyncio.TimeoutError where the network says no, and CheckFailedError where the peer says
something wrong: ``real_server.py`` makes an answer of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from ..config.lvs_settings import NO_CERTIFICATE, PLAIN_REQUESTS, HttpSettings, SslSettings
from ..config.tracked import VrrpTrackFile
from .security import Rules


@dataclass(frozen=True)
class Answer:
    """``detail`` completes the sentence "the check of SERVER ..."; ``weight``: what to add to the server's weight."""

    success: bool
    detail: str
    weight: Optional[int] = None


class CheckFailedError(Exception):
    """The peer was reached, and is not well."""


@dataclass(frozen=True)
class Surroundings:
    """What checks of one configuration share."""

    rules: Rules = field(default_factory=Rules)
    files: Mapping[str, VrrpTrackFile] = field(default_factory=dict)
    ssl: SslSettings = NO_CERTIFICATE
    http: HttpSettings = PLAIN_REQUESTS
