# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what ``vipctl rs --format json`` shows to samples. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..director.events import AdminState
from . import families as of
from .exposition import Sample


def director_samples(status: dict[str, Any]) -> Iterator[Sample]:
    """Of a director that answered."""
    for server in status["virtual_servers"]:
        name = server["virtual_server"]
        yield of.QUORATE.sample(server["quorate"], name)
        yield of.SORRY.sample(bool(server["sorry"]), name)
        yield of.VS_WEIGHT.sample(server["weight"], name)
        for one in server["real_servers"]:
            labels = (name, one["real_server"])
            yield of.RS_UP.sample(one["alive"], *labels)
            yield of.RS_WEIGHT.sample(one["weight"], *labels)
            for admin in AdminState:
                yield of.RS_ADMIN.sample(one["admin"] == admin.value, *labels, admin.value)
