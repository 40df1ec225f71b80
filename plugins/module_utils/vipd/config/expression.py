# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``regex`` of a url, compiled: keepalived has PCRE2, vipd has Python's ``re``, and most expressions mean the same.

A check of the configuration and a check of a page both ask here, so that what cannot be compiled is known beforehand.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .checkers import Url

# What PCRE2 calls them; the other options tune its compiler, or have no counterpart.
_OPTIONS = {"caseless": re.IGNORECASE, "dotall": re.DOTALL, "multiline": re.MULTILINE, "extended": re.VERBOSE}
WITHOUT_COUNTERPART = frozenset({"dollar_endonly", "firstline", "ungreedy", "alt_bsux", "match_unset_backref", "ucp"})


def compiled(url: Url) -> re.Pattern[bytes]:
    """Raises re.error for what Python cannot read."""
    return _compiled(url.regex or "", url.regex_options)


@lru_cache(maxsize=1024)
def _compiled(regex: str, options: tuple[str, ...]) -> re.Pattern[bytes]:
    flags = re.RegexFlag(0)
    for option in options:
        flags |= _OPTIONS.get(option, re.RegexFlag(0))
    return re.compile(regex.encode("utf-8", "surrogateescape"), flags)
