# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that keeps a node in maintenance over reloads, restarts and reboots: it is there or it is not.

The worker reads it when it starts; the Ansible module makes it for a node whose vipd does not run yet. It is complete
or not there, and one that cannot be understood still means maintenance: a node that should stay out must stay out.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from typing import Optional

NAME = "maintenance"
REASON_LIMIT = 500  # characters


@dataclass(frozen=True)
class Maintenance:
    """``since`` is in seconds since 1970."""

    reason: str = ""
    since: float = 0.0


class MaintenanceFile:
    """Every method but ``read`` raises OSError when the disk is full or read-only, and has then changed nothing."""

    def __init__(self, directory: str) -> None:
        self.path = os.path.join(directory, NAME)
        self._beside = f"{self.path}.new"

    def read(self) -> Optional[Maintenance]:
        """None: the node takes part."""
        try:
            with open(self.path, encoding="utf-8") as file:
                found = json.load(file)
            return Maintenance(str(found["reason"]), float(found["since"]))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError):
            return Maintenance(f"{self.path} cannot be read")

    def prepare(self, reason: str) -> None:
        """All that may fail: after it ``commit`` only renames."""
        os.makedirs(os.path.dirname(self.path), mode=0o755, exist_ok=True)
        descriptor = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(Maintenance(reason[:REASON_LIMIT], round(time.time(), 3))), file)
                file.flush()
                os.fsync(descriptor)
        except OSError:
            self.discard()
            raise

    def commit(self) -> None:
        os.replace(self._beside, self.path)

    def discard(self) -> None:
        """What was prepared, and no more."""
        with contextlib.suppress(OSError):
            os.unlink(self._beside)

    def remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
