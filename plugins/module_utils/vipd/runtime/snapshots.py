# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of all instances, on its way from the VRRP process, which knows it, to people.

A few instances at a time, and packed until they are shown: as dictionaries, those of 255 would take more memory than
all else that either process has of them, and what is locked or scattered does not go back to the system.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

_AT_A_TIME = 16

Snapshot = dict[str, Any]


def packed(instances: Iterable[Snapshot]) -> Iterator[bytes]:
    """The ``parts`` of a :class:`Packed`."""
    rest = iter(instances)
    while part := list(islice(rest, _AT_A_TIME)):
        yield pickle.dumps(part, pickle.HIGHEST_PROTOCOL)


class Packed(NamedTuple):
    """``node`` is all but the instances, and never empty."""

    parts: Sequence[bytes]
    node: Mapping[str, Any]

    def whole(self) -> Snapshot:
        """As ``Router.snapshot`` has it."""
        return {"instances": [one for part in self.parts for one in pickle.loads(part)], **self.node}

    def as_json(self) -> bytes:
        instances = ", ".join(json.dumps(pickle.loads(part))[1:-1] for part in self.parts)
        return f'{{"instances": [{instances}], {json.dumps(self.node)[1:]}'.encode()
