# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the tests of this directory where there is an IPVS to test: ``python -m tests.lvs [pytest's arguments]``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.lvs.kernel import has_ipvs, run


def main() -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(sys.argv[1:] or ["tests/lvs"])]
    if has_ipvs():
        return subprocess.run(command, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="vipd-lvs-") as directory:
        status = run(command, Path(directory))
        for name in ("console", "log"):
            sys.stdout.write((Path(directory) / name).read_text(errors="replace"))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
