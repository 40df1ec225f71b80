# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a program of the operator's may run, and as whom; where keepalived would drop it, an error.

Looks at accounts and files, and runs nothing. ``program.py`` asks before every run; ``unrunnable`` asks for a whole
configuration before it is loaded. Source: keepalived.conf(5), "SCRIPTS", script_user and enable_script_security.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Optional

from ..config.diagnostics import Diagnostic, Findings
from ..config.model import (
    Command,
    Config,
    Fifo,
    GlobalDefs,
    Notify,
    Place,
    ScriptUser,
)

if TYPE_CHECKING:
    from ..config.lvs import VirtualServer

# Whom scripts run as when the configuration does not say, where root runs the daemon and the account exists.
DEFAULT_USER = "keepalived_script"

_ROOT = 0


@dataclass(frozen=True)
class Rules:
    """The node's rules for scripts: ``script_user`` and ``enable_script_security``."""

    user: Optional[ScriptUser] = None
    secure: bool = False

    @classmethod
    def of(cls, node: GlobalDefs) -> Rules:
        return cls(node.script_user, node.enable_script_security)


@dataclass(frozen=True)
class Account:
    """Whom a program runs as; ``is_ours`` when that is whom the daemon runs as."""

    uid: int
    gid: int
    is_ours: bool


def account(command: Command, rules: Rules) -> Account:
    """Whom ``command`` runs as. Raises LookupError, which says what does not exist."""
    return _account(command.user, rules)


def owner(fifo: Fifo, rules: Rules) -> Account:
    """Whom a pipe belongs to: who can read it. Raises LookupError as :func:`account` does."""
    return _account(fifo.owner or (fifo.script.user if fifo.script else None), rules)


def _account(given: Optional[ScriptUser], rules: Rules) -> Account:
    user = given or rules.user or _default_user()
    if user is None:
        return Account(os.geteuid(), os.getegid(), is_ours=True)
    try:
        entry = pwd.getpwnam(user.user)
        group = grp.getgrnam(user.group).gr_gid if user.group else entry.pw_gid
    except KeyError:
        what = f"user {user.user}" if user.group is None else f"user {user.user} or group {user.group}"
        raise LookupError(f"{what} does not exist") from None
    return Account(entry.pw_uid, group, is_ours=entry.pw_uid == os.geteuid() and user.group is None)


def _default_user() -> Optional[ScriptUser]:
    """Only root becomes another user unasked: a daemon without privileges runs scripts as itself."""
    if os.geteuid() != _ROOT:
        return None
    try:
        pwd.getpwnam(DEFAULT_USER)
    except KeyError:
        return None
    return ScriptUser(DEFAULT_USER)


def objection(command: Command, rules: Rules) -> Optional[str]:
    """Why ``command`` cannot run, as a clause; None when it can."""
    reason = _reason_against(command, rules)
    return f"cannot run {command.argv[0]}: {reason}" if reason else None


def _reason_against(command: Command, rules: Rules) -> Optional[str]:
    try:
        who = account(command, rules)
    except LookupError as error:
        return str(error.args[0])
    path = command.argv[0] if "/" in command.argv[0] else _in_the_path(command.argv[0])
    if path is None:
        return "it is not in the PATH"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return "it is not a file"
        if not _may_execute(path, who):
            return f"{_name(who)} may not execute it"
        return _looseness(path) if rules.secure and who.uid == _ROOT else None
    except OSError as error:
        return error.strerror


def _in_the_path(name: str) -> Optional[str]:
    import shutil  # noqa: PLC0415  it loads three compressors

    return shutil.which(name, os.F_OK)


def _may_execute(path: str, who: Account) -> bool:
    if who.is_ours:
        return os.access(path, os.X_OK, effective_ids=True)
    return all(_permits(os.stat(part), who) for part in _upwards(os.path.realpath(path)))


def _permits(entry: os.stat_result, who: Account) -> bool:
    """Execution of a file, passage through a directory: the bits are the same."""
    if who.uid == _ROOT:
        return stat.S_ISDIR(entry.st_mode) or bool(entry.st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH))
    if entry.st_uid == who.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    return bool(entry.st_mode & (stat.S_IXGRP if entry.st_gid == who.gid else stat.S_IXOTH))


def _name(who: Account) -> str:
    try:
        return f"user {pwd.getpwuid(who.uid).pw_name}"
    except KeyError:
        return f"user {who.uid}"


def _looseness(path: str) -> Optional[str]:
    """Root must not run what somebody else can change: every part of the path counts, of links and of their targets."""
    for part in _parts(path):
        entry = os.lstat(part)
        loose = entry.st_mode & (stat.S_IWGRP if entry.st_gid else 0) or entry.st_mode & stat.S_IWOTH
        excused = stat.S_ISLNK(entry.st_mode) or (stat.S_ISDIR(entry.st_mode) and entry.st_mode & stat.S_ISVTX)
        if entry.st_uid != _ROOT or (loose and not excused):
            return f"{part} can be changed by others than root (enable_script_security)"
    return None


def _parts(path: str) -> Iterator[str]:
    """Every directory, link and file that decides what ``path`` is."""
    seen: set[str] = set()
    waiting = [os.path.abspath(path), os.path.realpath(path)]
    while waiting:
        for part in _upwards(waiting.pop()):
            if part in seen:
                continue
            seen.add(part)
            yield part
            if os.path.islink(part):
                directory = os.path.realpath(os.path.dirname(part))
                waiting.append(os.path.normpath(os.path.join(directory, os.readlink(part))))


def _upwards(path: str) -> Iterator[str]:
    """``path`` and every directory above it."""
    yield path
    while path != os.path.dirname(path):
        path = os.path.dirname(path)
        yield path


def unrunnable(config: Config) -> tuple[Diagnostic, ...]:
    """An error for every program of ``config`` that cannot run on this node, and for every pipe without an owner."""
    findings = Findings()
    rules = Rules.of(config.global_defs)
    for keyword, fifo in fifos(config.global_defs):
        if fifo.owner or not fifo.script:
            _has_owner(keyword, fifo, config.global_defs, findings)
    for whose, place, command in programs(config):
        objected = objection(command, rules) if command.argv else None
        if objected is not None:
            remedy = "install it, correct its path or its permissions, or remove the line"
            # keepalived drops it: with a word where it is tracked, in silence elsewhere
            findings.error(place, f"{whose} {objected}", remedy, ours=whose not in _tracked(config))
    return findings.in_order()


def _has_owner(keyword: str, fifo: Fifo, node: GlobalDefs, findings: Findings) -> None:
    try:
        owner(fifo, Rules.of(node))
    except LookupError as error:
        message = f"{keyword} {fifo.path} has no owner: {error.args[0]}"
        findings.error(node.place, message, "make the account, or name another", ours=False)


def insecure(config: Config) -> bool:
    """Whether keepalived would find programs to run and no ``enable_script_security``: a violation to it."""
    node = config.global_defs
    return not node.enable_script_security and any(
        command.argv and objection(command, Rules.of(node)) is None
        for whose, _place, command in programs(config)
        if not whose.startswith("vrrp_script ") or whose in _tracked(config)
    )


def _tracked(config: Config) -> set[str]:
    tracks = [*(one.tracks for one in config.instances), *(one.tracks for one in config.sync_groups)]
    return {f"vrrp_script {track.name}" for one in tracks for track in one.scripts}


def programs(config: Config) -> Iterator[tuple[str, Place, Command]]:
    """Every program of ``config``: whose it is, and where that stands."""
    for script in config.scripts:
        yield f"vrrp_script {script.name}", script.place, script.command
    for instance in config.instances:
        for command in _notify_commands(instance.notify):
            yield f"vrrp_instance {instance.name}", instance.place, command
    for group in config.sync_groups:
        for command in _notify_commands(group.notify):
            yield f"vrrp_sync_group {group.name}", group.place, command
    for server in config.lvs.virtual_servers:
        yield from _of_virtual_server(server)
    node = config.global_defs
    named: tuple[tuple[str, Optional[Command]], ...] = (
        ("startup_script", node.startup_script),
        ("shutdown_script", node.shutdown_script),
        *((f"{keyword}_script", fifo.script) for keyword, fifo in fifos(node)),
    )
    for keyword, program in named:
        if program is not None:
            yield keyword, node.place, program


def fifos(node: GlobalDefs) -> list[tuple[str, Fifo]]:
    """Every notify FIFO, with its keyword."""
    keywords = ("notify_fifo", "vrrp_notify_fifo", "lvs_notify_fifo")
    return [(keyword, fifo) for keyword in keywords if (fifo := getattr(node, keyword)) is not None]


def _of_virtual_server(server: VirtualServer) -> Iterator[tuple[str, Place, Command]]:
    from ..config.checkers import MiscCheck  # noqa: PLC0415  a node without virtual servers does not load what they are

    for command in (server.quorum_up, server.quorum_down):
        if command is not None:
            yield f"virtual_server {server.service}", server.place, command
    for real in server.real_servers:
        for command in (real.notify_up, real.notify_down):
            if command is not None:
                yield f"real_server {real.endpoint}", real.place, command
        for checker in real.checkers:
            if isinstance(checker, MiscCheck) and checker.misc_path is not None:
                yield "MISC_CHECK", checker.place, replace(checker.misc_path, user=checker.user)


def _notify_commands(notify: Notify) -> list[Command]:
    return [command for command in vars(notify).values() if isinstance(command, Command)]
