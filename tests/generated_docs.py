# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages of docs/ that are made from the code, so that they cannot differ from it.

``make docs`` writes them; ``tests/unit/test_generated_docs.py`` fails when one is stale.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vipd.core.transitions import TRANSITIONS, State

DOCS = Path(__file__).resolve().parent.parent / "docs"


def header(source: str) -> str:
    return f"<!-- Made by `make docs` from plugins/module_utils/vipd/{source}: change that, not this. -->\n"


def state_machine() -> str:
    arrows = "\n".join(f"    {before} --> {after}" for before, after in TRANSITIONS)
    rows = "\n".join(f"| {before} | {after} | {cause} |" for (before, after), cause in TRANSITIONS.items())
    return f"""{header("core/transitions.py")}
# The states of an instance

Every instance starts in {State.INIT}. These transitions are all there are; each is logged with the reason of the day.

```mermaid
stateDiagram-v2
    [*] --> {State.INIT}
{arrows}
    {State.STOP} --> [*]
```

| from | to | when |
|---|---|---|
{rows}
"""


PAGES: dict[str, Callable[[], str]] = {"state-machine.md": state_machine}


def main() -> None:
    for name, make in PAGES.items():
        (DOCS / name).write_text(make())


if __name__ == "__main__":
    main()
