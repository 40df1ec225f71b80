# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The loop's one deadline, and the clock it is measured by (CLOCK_MONOTONIC, seconds).

epoll's own timeout is whole milliseconds and wakes 0.6 ms late in the median; a timerfd wakes 0.06 ms late. The
standard library has timerfd from Python 3.13 on; ctypes serves all versions.
"""

from __future__ import annotations

import ctypes
import os
import time
from typing import Optional

_TFD_TIMER_ABSTIME = 1
_NS_PER_S = 1_000_000_000

monotonic = time.monotonic


class _Timespec(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("it_interval", _Timespec), ("it_value", _Timespec))


_libc = ctypes.CDLL(None, use_errno=True)


class DeadlineTimer:
    """Readable in epoll from the deadline on, until armed anew: it need not be read."""

    def __init__(self) -> None:
        self._fd: int = _libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise _last_error()

    def fileno(self) -> int:
        return self._fd

    def arm(self, deadline_s: Optional[float]) -> None:
        """Wake at ``deadline_s`` of :func:`monotonic`, at once if that has passed; None: never."""
        nanoseconds = 0 if deadline_s is None else max(1, round(deadline_s * _NS_PER_S))  # 0 would disarm
        spec = _Itimerspec(_Timespec(0, 0), _Timespec(*divmod(nanoseconds, _NS_PER_S)))
        if _libc.timerfd_settime(self._fd, _TFD_TIMER_ABSTIME, ctypes.byref(spec), None) < 0:
            raise _last_error()

    def close(self) -> None:
        os.close(self._fd)


def _last_error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
