# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text to model, by the table in ``keywords.py``. Bad content never raises: every finding is collected.

A value that cannot be used is reported and left at its default, so that one reading finds every
mistake; who acts on a configuration looks at ``errors`` first, and at ``check.py`` next.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import Any, Optional

from .diagnostics import Diagnostic, Findings, Severity, shown
from .directives import Directives, Includes
from .files import Files, NoIncludes, read
from .keywords import ROOT, Block, Items, Keyword, Use, homes, names
from .lexer import Statement, statements
from .model import Command, Config, GarpSettings, GlobalDefs, Place, VrrpInstance, VrrpScript
from .values import BadValue, Script, UndirectedTrackScript, Value

OWNER_PRIORITY = 255  # RFC 9568 5.2.4: the node that owns the addresses
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
    return _parsed(read(path, Place(path, 0)), path, config_id, Files(path))


def _parsed(text: str, file: str, config_id: str, includes: Includes) -> Parsed:
    findings = Findings()
    lines = Directives(config_id, includes, findings).lines(text, file)
    config = _Reader(findings).config(statements(lines, findings))
    return Parsed(config, findings.in_order())


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._suggestions = SUGGESTIONS_MAX

    def config(self, body: tuple[Statement, ...]) -> Config:
        global_fields: dict[str, Any] = {}
        scripts: list[VrrpScript] = []
        instances: list[VrrpInstance] = []
        for statement in body:
            keyword = self._keyword(statement, ROOT)
            if keyword is None or not isinstance(keyword.value, Block):
                continue
            if not self._opens(statement, keyword.value):
                continue
            fields = self._fields(statement, keyword.value)
            if keyword.name == "global_defs":
                global_fields.update(fields)
            elif keyword.name == "vrrp_script":
                scripts.append(_script(statement, fields))
            else:
                instances.append(self._instance(statement, fields))
        reversed_scripts = frozenset(script.name for script in scripts if script.reverse)
        return Config(
            GlobalDefs(**_nested(global_fields)),
            tuple(scripts),
            tuple(_directed(instance, reversed_scripts) for instance in instances),
        )

    def _keyword(self, statement: Statement, block: Block) -> Optional[Keyword]:
        """The keyword if vipd acts on it; otherwise report what there is to say."""
        keyword = block.find(statement.keyword)
        if keyword is None:
            self._unknown(statement, block)
        elif not statement.balanced and not isinstance(keyword.value, Script):
            self._findings.error(
                statement.place, f"{keyword.name}: a double quote is not closed", "close it on the same line"
            )
        elif keyword.use is Use.ACTS:
            return keyword
        elif statement.body is not None or " ".join(statement.arguments) not in keyword.same_as:
            self._not_acted_upon(statement, keyword)
        return None

    def _not_acted_upon(self, statement: Statement, keyword: Keyword) -> None:
        if keyword.use is Use.REFUSES:
            self._findings.error(
                statement.place,
                f"{keyword.name} is not supported by this version of vipd",
                "remove it, or keep keepalived on this node",
            )
            return
        self._findings.warning(statement.place, f"{keyword.name} is not acted upon by this version of vipd")
        if isinstance(keyword.value, Block):
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
        remedy = ""
        elsewhere = homes(statement.keyword)
        if elsewhere:
            remedy = f"it belongs into {' or '.join(elsewhere)}"
        elif self._suggestions:
            self._suggestions -= 1
            near = difflib.get_close_matches(statement.keyword[:64], names(block.keywords), 1)
            remedy = f"did you mean {near[0]}?" if near else ""
        skipped = " (its block is not read)" if statement.body is not None else ""
        self._findings.error(statement.place, f"unknown keyword {shown(statement.keyword)}{skipped}", remedy)

    def _opens(self, statement: Statement, block: Block) -> bool:
        """Whether the statement is a block, and has a name where it needs one."""
        if statement.body is None:
            self._findings.error(statement.place, f"{statement.keyword} has no block", "add '{' and '}'")
            return False
        if block.named and len(statement.arguments) != 1:
            self._findings.error(statement.place, f"{statement.keyword} expects one name before its '{{'")
            return bool(statement.arguments)
        return True

    def _fields(self, statement: Statement, block: Block) -> dict[str, Any]:
        """What the block sets, by model field; a field that could not be read is not there."""
        fields: dict[str, Any] = {}
        first: dict[str, Place] = {}
        for inner in statement.body or ():
            keyword = self._keyword(inner, block)
            if keyword is None:
                continue
            if isinstance(keyword.value, Items):
                fields[keyword.field] = (*fields.get(keyword.field, ()), *self._items(inner, keyword.value.item))
                continue
            if keyword.field in first:
                self._repeated(inner, first[keyword.field])
            first.setdefault(keyword.field, inner.place)
            if isinstance(keyword.value, Block):
                if self._opens(inner, keyword.value):
                    fields[keyword.field] = self._fields(inner, keyword.value)
            elif keyword.value is not None:
                self._value(inner, keyword, keyword.value, fields)
        return fields

    def _repeated(self, statement: Statement, first: Place) -> None:
        self._findings.warning(
            statement.place, f"{statement.keyword} was already given in line {first.line}; the last one counts"
        )

    def _value(self, statement: Statement, keyword: Keyword, value: Value, fields: dict[str, Any]) -> None:
        if statement.body is not None:
            self._findings.error(statement.place, f"{statement.keyword} takes no block", "remove the braces")
            return
        try:
            fields[keyword.field] = value.read(statement, self._findings)
        except BadValue as error:
            self._findings.error(statement.place, f"{statement.keyword} {error}")

    def _items(self, statement: Statement, item: Value) -> tuple[Any, ...]:
        if statement.body is None:
            self._findings.error(statement.place, f"{statement.keyword} has no block", "add '{' and '}'")
        read_items = []
        for line in statement.body or ():
            try:
                if line.body is not None:
                    raise BadValue("takes no block")
                if not line.balanced:
                    raise BadValue("has a double quote that is not closed")
                read_items.append(item.read(line, self._findings))
            except BadValue as error:
                self._findings.error(line.place, f"{statement.keyword}: {error}")
        return tuple(read_items)

    def _instance(self, statement: Statement, fields: dict[str, Any]) -> VrrpInstance:
        state, priority = fields.get("state"), fields.get("priority")
        fields["priority"] = priority or (OWNER_PRIORITY if state == "MASTER" else 100)
        fields["state"] = state or ("MASTER" if priority == OWNER_PRIORITY else "BACKUP")
        fields["auth_pass"] = self._auth_pass(statement, fields.pop("authentication", {}))
        fields.setdefault("interface", "")
        fields.setdefault("virtual_router_id", 0)
        return VrrpInstance(name=statement.arguments[0], place=statement.place, **_nested(fields))

    def _auth_pass(self, statement: Statement, fields: dict[str, Any]) -> Optional[str]:
        place = next(
            (inner.place for inner in statement.body or () if inner.keyword == "authentication"), statement.place
        )
        password: Optional[str] = fields.get("auth_pass")
        kind = fields.get("auth_type")
        if kind == "AH":
            self._findings.error(place, "auth_type AH is not supported by this version of vipd", "use PASS")
        elif kind == "PASS" and password is None:
            self._findings.error(place, "auth_type PASS has no auth_pass", "add auth_pass, at most 8 characters")
        elif kind is None and password is not None:
            self._findings.warning(place, "auth_pass has no effect without auth_type PASS")
        return password if kind == "PASS" else None


def _script(statement: Statement, fields: dict[str, Any]) -> VrrpScript:
    command: Command = fields.pop("command", Command(()))
    fields["command"] = replace(command, user=fields.pop("user", None))
    if "weight" in fields:
        fields["weight"], fields["reverse"] = fields["weight"]
    return VrrpScript(name=statement.arguments[0], place=statement.place, **fields)


def _nested(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields named ``garp.x`` become one GarpSettings."""
    garp = {name[5:]: value for name, value in fields.items() if name.startswith("garp.")}
    rest = {name: value for name, value in fields.items() if not name.startswith("garp.")}
    return {**rest, "garp": GarpSettings(**garp)} if garp else rest


def _directed(instance: VrrpInstance, reversed_scripts: frozenset[str]) -> VrrpInstance:
    """A tracked script with a weight but no direction takes the direction of the script."""
    from_script = tuple(
        track.directed(track.name in reversed_scripts) if isinstance(track, UndirectedTrackScript) else track
        for track in instance.track_script
    )
    return replace(instance, track_script=from_script)
