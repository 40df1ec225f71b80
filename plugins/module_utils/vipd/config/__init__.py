# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.conf: text to a typed model, checks on the model, and text again.

    files.py        the files that are read: bounded, and the only input here
    directives.py   files -> lines: comments, include, @id, $NAME
    lexer.py        lines -> statements and their blocks, each with its place
    keywords.py     THE TABLE of keywords: what may follow, what vipd does with each
    table.py        what that table is made of
    values.py       what may follow a keyword: read and written
    items.py        the same for the lines of virtual_ipaddress and track_*
    parse.py        statements -> model (``parse``, ``load``)
    model.py        the frozen dataclasses everything else speaks in
    cleared.py      what keepalived reads and then ignores
    check.py        what is wrong with a model that reads well
    render.py       model -> text
    diagnostics.py  how a finding is told to a person

Pure but for ``load``, which reads the file and what it includes.
A new keyword is a line in the table, and a field of the model if vipd acts on it.
"""
