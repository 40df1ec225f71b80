# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python3 -m vipd`` and the zipapp: the name it was started by decides, vipd or vipctl."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the program that argv[0] names; returns the exit status."""
    from . import zip_modules  # noqa: PLC0415  before all others, which it is for

    zip_modules.name_without_compiling()
    if os.path.basename(sys.argv[0]).startswith("vipctl"):
        from . import ctl  # noqa: PLC0415  each program loads what it needs and no more

        return ctl.main()
    from . import lazy_inspect  # noqa: PLC0415

    lazy_inspect.load_dataclasses()
    from . import start  # noqa: PLC0415

    return start.main()


if __name__ == "__main__":
    raise SystemExit(main())
