# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""keepalived.conf: text to a typed model, checks on the model, and text again.

    files.py        the files that are read: bounded, and the only input here
    directives.py   files -> lines: comments, include, @id, $NAME, ~SEQ
    inclusion.py    what an include asks for; patterns.py its braces and wildcards
    definitions.py  what $NAME stands for; repetition.py what ~SEQ and ~LST count
    words.py        the words of one line: comments, quotes, escapes
    lexer.py        lines -> statements and their blocks, each with its place
    keywords/       THE TABLE of keywords: what may follow, what vipd does with each
    table.py        what that table is made of
    values.py       what may follow a keyword, if it is one word: read and written; number_values.py, address_values.py
    compound.py     the same for several words, link_values.py for those about interfaces and peers
    *_line.py       the same for lines with a grammar of their own: addresses, routes, rules, tracks, scripts
    parse.py        text -> model (``parse``, ``load``)
    reader.py       statements -> fields of the model, by the table
    parts.py        fields of what a model holds that is no block of the grammar
    complete.py     what keepalived makes of a block as a whole
    extension.py    vipd's own file, which says what keepalived.conf cannot
    directions.py   tracks that take their direction from a definition
    model.py        the frozen dataclasses everything else speaks in
    spoken.py       which protocol an instance speaks; vmac_names.py: what its VMAC interface is called
    cleared.py      what keepalived reads and then ignores
    check.py        what is wrong with a model that reads well
    across.py       what is wrong with several nodes' models together; agreement.py, overtaking.py
    render.py       model -> text
    difference.py   what a reload from one model to another would do; lvs_difference.py to virtual servers
    changed.py      which fields of two models differ, in words
    plain.py        model <-> plain data for JSON
    lvs*.py         the LVS half: model, table, defaults, checks; checkers.py, service_values.py, checker_values.py
    diagnostics.py  how a finding is told to a person

Pure but for ``load``, which reads the file and what it includes.
A new keyword is a line in the table, and a field of the model if vipd acts on it.
"""
