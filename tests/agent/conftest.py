# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How hypothesis searches: anew on a developer's machine, always the same cases in continuous integration.

``AGENT_EXAMPLES`` is how many cases a property is tried with: few in the inner loop (``make check``), else 100.

No deadline, because machines differ; no database, because it would litter the checkout; no explain phase,
because on Python 3.9 it traces line by line and takes minutes to say what the shrunken example says.
"""

from __future__ import annotations

import os

from hypothesis import Phase, settings

settings.register_profile(
    "agent",
    deadline=None,
    database=None,
    derandomize="CI" in os.environ,
    max_examples=int(os.environ.get("AGENT_EXAMPLES", "100")),
    phases=[Phase.explicit, Phase.generate, Phase.target, Phase.shrink],
)
settings.load_profile("agent")
