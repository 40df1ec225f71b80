# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text to model, by the table in ``keywords.py``. Bad content never raises: every finding is collected.

A value that cannot be used is reported and left at its default, so that one reading finds every
mistake. Who acts on a configuration looks at ``errors`` first, and then at what ``check`` says.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import Any, Optional

from .cleared import cleared
from .diagnostics import Diagnostic, Findings, Severity, shown
from .directives import Directives, Includes
from .files import Files, NoIncludes
from .items import UndirectedTrackScript
from .keywords import ROOT, homes
from .lexer import Statement, statements
from .model import (
    OWNER_PRIORITY,
    Command,
    Config,
    GlobalDefs,
    Place,
    TrackScript,
    VrrpInstance,
    VrrpScript,
)
from .table import Block, Items, Keyword, Repeated, Use
from .values import BadValueError, Script, Value

SUGGESTIONS_MAX = 50  # finding the nearest keyword is slow, and nobody reads the fifty-first


@dataclass(frozen=True)
class Parsed:
    config: Config
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity is Severity.ERROR)


def parse(text: str, file: str = "<string>", config_id: str = "") -> Parsed:
    """Read ``text``; ``file`` is what diagnostics call it, ``config_id`` selects ``@id`` lines."""
    return _parsed(text, file, config_id, NoIncludes())


def load(path: str, config_id: str = "") -> Parsed:
    """Read a file and what it includes. Raises ConfigError for what cannot be read."""
    files = Files(path)
    return _parsed(files.text, path, config_id, files)


def _parsed(text: str, file: str, config_id: str, includes: Includes) -> Parsed:
    findings = Findings()
    lines = Directives(config_id, includes, findings).lines(text, file)
    config = _Reader(findings).config(statements(lines, findings))
    return Parsed(config, findings.in_order())


class _Reader:
    """Statements to the fields of the model."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._suggestions_left = SUGGESTIONS_MAX

    def config(self, root: tuple[Statement, ...]) -> Config:
        global_defs: dict[str, Any] = {}
        scripts: list[VrrpScript] = []
        instances: list[VrrpInstance] = []
        for statement in root:
            keyword = self._keyword(statement, ROOT)
            if keyword is None or not isinstance(keyword.value, Block) or not self._opens(statement, keyword.value):
                continue
            fields = self._fields(statement, keyword.value)
            if keyword.field == "global_defs":
                global_defs.update(fields)
            elif keyword.field == "scripts":
                scripts.append(_script(statement, fields))
            else:
                instances.append(self._instance(statement, fields))
        return Config(
            GlobalDefs(**_nested(global_defs, GlobalDefs)),
            scripts=tuple(scripts),
            instances=_directed(instances, scripts),
        )

    # Which keyword it is

    def _keyword(self, statement: Statement, block: Block) -> Optional[Keyword]:
        """The keyword if the model keeps it; what there is to say about it is said."""
        keyword = block.find(statement.keyword)
        if keyword is None:
            self._unknown(statement, block)
        elif not statement.balanced and not isinstance(keyword.value, Script):
            self._findings.error(statement.place, f"{keyword.name}: a double quote is not closed")
        else:
            if keyword.use is not Use.ACTS and not _as_it_is(statement, keyword):
                self._not_acted_upon(statement, keyword)
            return keyword if keyword.kept else None
        return None

    def _not_acted_upon(self, statement: Statement, keyword: Keyword) -> None:
        if keyword.use is Use.REFUSES:
            message = f"{keyword.name} is not supported by this version of vipd"
            remedy = (
                f"only '{keyword.same_as[0]}' is" if keyword.same_as else "remove it, or run keepalived on this node"
            )
            self._findings.error(statement.place, message, remedy)
            return
        self._findings.warning(statement.place, f"{keyword.name} is not acted upon by this version of vipd")
        if isinstance(keyword.value, Block) and not keyword.kept:
            self._only_known(statement.body or (), keyword.value)

    def _only_known(self, body: tuple[Statement, ...], block: Block) -> None:
        """A block that is not acted upon is still read for misspelt keywords."""
        for statement in body:
            keyword = block.find(statement.keyword)
            if keyword is None:
                self._unknown(statement, block)
            elif isinstance(keyword.value, Block):
                self._only_known(statement.body or (), keyword.value)

    def _unknown(self, statement: Statement, block: Block) -> None:
        """The word is not repeated where it can be the password: behind a brace, or on a line of its own."""
        name = "" if statement.confidential or block.secret else f" {shown(statement.keyword)}"
        skipped = " (its block is not read)" if statement.body is not None else ""
        self._findings.error(statement.place, f"unknown keyword{name}{skipped}", self._suggestion(statement, block))

    def _suggestion(self, statement: Statement, block: Block) -> str:
        elsewhere = homes(statement.keyword)
        if elsewhere:
            return f"it belongs in {' or '.join(elsewhere)}"
        if not self._suggestions_left:
            return ""
        self._suggestions_left -= 1
        nearest = difflib.get_close_matches(statement.keyword[:64], block.names, 1)
        return f"did you mean {nearest[0]}?" if nearest else ""

    # What it says

    def _opens(self, statement: Statement, block: Block) -> bool:
        """Whether the statement is a block, and has a name where it needs one."""
        if statement.body is None:
            self._findings.error(statement.place, f"{statement.keyword} has no block", "add '{' and '}'")
        elif block.named and len(statement.arguments) != 1:
            self._findings.error(statement.place, f"{statement.keyword} needs one name before its '{{'")
        else:
            return True
        return False

    def _fields(self, statement: Statement, block: Block) -> dict[str, Any]:
        """What the block sets, by model field; what could not be read is not there."""
        fields: dict[str, Any] = {}
        items: dict[str, list[Any]] = {}
        first: dict[str, Place] = {}
        for inner in statement.body or ():
            keyword = self._keyword(inner, block)
            if keyword is None:
                continue
            if isinstance(keyword.value, Items):
                items.setdefault(keyword.field, []).extend(self._items(inner, keyword.value.item))
                continue
            if isinstance(keyword.value, Repeated):
                items.setdefault(keyword.field, []).extend(self._one(inner, keyword.value))
                continue
            place = first.setdefault(keyword.field, inner.place)
            if place is not inner.place:
                self._repeated(inner, place, keyword)
            if isinstance(keyword.value, Block):
                fields.update(self._fields(inner, keyword.value) if self._opens(inner, keyword.value) else {})
            elif keyword.value is not None:
                self._value(inner, keyword, keyword.value, fields)
        return {**fields, **{field: tuple(values) for field, values in items.items()}}

    def _one(self, statement: Statement, repeated: Repeated) -> list[Any]:
        """The object that a block becomes; none where it cannot be told what it is about."""
        if statement.body is None:
            self._findings.error(statement.place, f"{statement.keyword} has no block", "add '{' and '}'")
            return []
        found: dict[str, Any] = {"place": statement.place}
        try:
            if repeated.head is not None:
                found[repeated.head_field] = repeated.head.read(statement, self._findings)
        except BadValueError as error:
            self._findings.error(statement.place, f"{statement.keyword} {error}")
            return []
        if isinstance(repeated.body, Items):
            found[repeated.lines_field] = tuple(self._items(statement, repeated.body.item))
        else:
            found.update(_nested(self._fields(statement, repeated.body), repeated.kind))
        return [repeated.kind(**found)]

    def _repeated(self, statement: Statement, first: Place, keyword: Keyword) -> None:
        """keepalived lets the last one count, but the first of two notify scripts: that is left to the author."""
        message = f"{statement.keyword} was given before, in line {first.line}"
        if isinstance(keyword.value, Script):
            self._findings.error(statement.place, message, "remove one of the two")
        else:
            self._findings.warning(statement.place, f"{message}; this one counts")

    def _value(self, statement: Statement, keyword: Keyword, value: Value, fields: dict[str, Any]) -> None:
        if statement.body is not None:
            self._findings.error(statement.place, f"{statement.keyword} takes no block", "remove the braces")
            return
        try:
            fields[keyword.field] = value.read(statement, self._findings)
        except BadValueError as error:
            self._findings.error(statement.place, f"{statement.keyword} {error}")

    def _items(self, statement: Statement, item: Value) -> list[Any]:
        if statement.body is None:
            self._findings.error(statement.place, f"{statement.keyword} has no block", "add '{' and '}'")
        found: list[Any] = []
        for line in statement.body or ():
            if line.body is not None or not line.balanced:
                fault = "takes no block" if line.body is not None else "has a double quote that is not closed"
                self._findings.error(line.place, f"{statement.keyword}: {shown(line.keyword)} {fault}")
                continue
            try:
                found.append(item.read(line, self._findings))
            except BadValueError as error:
                self._findings.error(line.place, f"{statement.keyword}: {error}")
        return found

    # What keepalived makes of it

    def _instance(self, statement: Statement, fields: dict[str, Any]) -> VrrpInstance:
        """Of state and priority, keepalived derives the one from the other where only one is given."""
        state, priority = fields.get("state"), fields.get("priority")
        fields["priority"] = priority or (OWNER_PRIORITY if state == "MASTER" else VrrpInstance.priority)
        fields["state"] = state or ("MASTER" if priority == OWNER_PRIORITY else VrrpInstance.state)
        fields["auth_pass"] = self._auth_pass(statement, fields.pop("auth_type", None), fields.get("auth_pass"))
        instance = VrrpInstance(
            name=statement.arguments[0],
            place=statement.place,
            **{"interface": "", "virtual_router_id": 0, **_nested(fields, VrrpInstance)},
        )
        return cleared(instance, self._findings)

    def _auth_pass(self, statement: Statement, kind: Optional[str], password: Optional[str]) -> Optional[str]:
        lines = (inner.place for inner in statement.body or () if inner.keyword == "authentication")
        place = next(lines, statement.place)
        if kind == "AH":
            self._findings.error(place, "auth_type AH is not supported by this version of vipd", "use PASS")
        elif kind == "PASS" and password is None:
            self._findings.error(place, "auth_type PASS has no auth_pass", "add one of at most 8 characters")
        elif kind is None and password is not None:
            self._findings.warning(place, "auth_pass has no effect without auth_type", "add auth_type PASS")
        return password if kind == "PASS" else None


def _script(statement: Statement, fields: dict[str, Any]) -> VrrpScript:
    command: Command = fields.pop("command", Command(()))
    fields["command"] = replace(command, user=fields.pop("user", None))
    if "weight" in fields:
        fields["weight"], fields["reverse"] = fields["weight"]
    return VrrpScript(name=statement.arguments[0], place=statement.place, **fields)


def _as_it_is(statement: Statement, keyword: Keyword) -> bool:
    """Whether the keyword asks for what vipd does anyway."""
    return statement.body is None and " ".join(statement.arguments) in keyword.same_as


def _nested(given: dict[str, Any], kind: type[Any]) -> dict[str, Any]:
    """Parts of a model that are no block of the grammar: the fields ``garp.x`` become one GarpSettings, and so on."""
    whole = {name: value for name, value in given.items() if "." not in name}
    parts: dict[str, dict[str, Any]] = {}
    for name in given.keys() - whole.keys():
        part, _dot, field = name.partition(".")
        parts.setdefault(part, {})[field] = given[name]
    return {**whole, **{part: replace(getattr(kind, part), **values) for part, values in parts.items()}}


def _directed(instances: list[VrrpInstance], scripts: list[VrrpScript]) -> tuple[VrrpInstance, ...]:
    """A tracked script with a weight but no direction takes the direction of the script."""
    reversed_scripts = {script.name for script in scripts if script.reverse}
    return tuple(
        replace(
            instance,
            tracks=replace(instance.tracks, scripts=_with_direction(instance.tracks.scripts, reversed_scripts)),
        )
        for instance in instances
    )


def _with_direction(tracks: tuple[TrackScript, ...], reversed_scripts: set[str]) -> tuple[TrackScript, ...]:
    return tuple(
        track.directed(track.name in reversed_scripts) if isinstance(track, UndirectedTrackScript) else track
        for track in tracks
    )
