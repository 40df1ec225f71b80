# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collector of garbage, kept from looking for some where there is none.

Of a configuration with thousands of servers everything stays, and a collector that looks through all of it again and
again takes a quarter of the time that reading takes, and nine tenths of unpacking.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def keep_what_there_is() -> None:
    """No later search goes through what is there now, 0.1 s for 5 000 real servers: no advert, no check waits for it.

    It is freed when nobody holds it any more, all the same.
    """
    gc.collect()
    gc.freeze()
