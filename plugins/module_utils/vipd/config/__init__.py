# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.conf: text to a typed model, checks on the model, and text again.

    lexer.py        text -> lines and blocks, each with its place
    keywords.py     the one table of keywords: range, default, what vipd does with each
    parse.py        blocks -> model (``parse``, ``load``)
    model.py        the frozen dataclasses everything else speaks in
    check.py        what is wrong with a model that reads well
    render.py       model -> text
    diagnostics.py  how a finding is told to a person

Pure but for ``load``, which reads the file and what it includes.
"""
