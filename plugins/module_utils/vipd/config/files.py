# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a configuration: the one place of the package that touches the disk.

Bounded in size, number and depth, so that no configuration can make the reader run away; and what is no regular
file is never opened for reading, so that none can make it wait.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator
from typing import Optional

from .diagnostics import PATH_MAX, ConfigError, Diagnostic, Findings, Severity, shown
from .inclusion import Checks, IncludeCheck, IncludedFile, Inclusion
from .patterns import alternatives, unescaped, wild
from .place import Place

BYTES_MAX = 1 << 22  # of all files together; thousands of instances fit, a log given by mistake does not
FILES_MAX = 256
DEPTH_MAX = 16


def beside(path: str, name: str) -> Optional[str]:
    """The file of that name in the same directory; None where there is none, or it is ``path`` itself."""
    other = os.path.join(os.path.dirname(path), name)
    return other if os.path.exists(other) and not os.path.samefile(path, other) else None


class NoIncludes:
    """For text that came from no file: there is nothing that an ``include`` could be relative to."""

    def enter(self, inclusion: Inclusion, findings: Findings) -> Iterator[IncludedFile]:
        message = f"include {shown(inclusion.pattern)} has no meaning here"
        findings.error(inclusion.place, message, "this text was not read from a file")
        return iter(())

    def directory(self, file: str) -> Optional[str]:
        return None

    def variable(self, name: str) -> Optional[str]:
        return os.environ.get(name)


class Files(NoIncludes):
    """The file it is made for and what that includes. Raises ConfigError for what cannot be read."""

    def __init__(self, path: str) -> None:
        self._bytes_left = BYTES_MAX
        self._files_left = FILES_MAX
        self._inside: list[str] = []
        place = Place(path, 0)
        fault = _no_configuration(path)
        if fault:
            raise _refusal(place, fault, "keepalived would not read it either")
        self.text = self._enter(path, place)

    def enter(self, inclusion: Inclusion, findings: Findings) -> Iterator[IncludedFile]:
        """As keepalived: one alternative after the other, the files of each sorted."""
        try:
            patterns = alternatives(inclusion.pattern)
        except ValueError as error:
            findings.error(inclusion.place, f"include {shown(inclusion.pattern)} {error}", "write several includes")
            return
        missing: list[str] = []
        for pattern in patterns:
            found = sorted(glob.glob(os.path.join(_directory(inclusion.file), unescaped(pattern))))
            if not found:
                missing.append(pattern)
            for path in found:
                yield from self._included(path, inclusion, findings)
        self._say_what_is_missing(inclusion, len(missing) == len(patterns), missing, findings)

    def directory(self, file: str) -> Optional[str]:
        return os.path.realpath(os.path.dirname(file) or ".")

    def _included(self, path: str, inclusion: Inclusion, findings: Findings) -> Iterator[IncludedFile]:
        fault = _no_configuration(path)
        if not fault:
            yield IncludedFile(path, self._enter(path, inclusion.place))
            self._inside.pop()
        elif inclusion.checks:
            findings.error(inclusion.place, fault, "take it out of what is included")
        else:
            findings.warning(inclusion.place, f"{fault}: it is not included")

    def _say_what_is_missing(self, inclusion: Inclusion, nothing: bool, missing: list[str], findings: Findings) -> None:
        """A pattern with wildcards may match nothing, unless it is said that it must: a directory may be empty."""
        for pattern in missing:
            message = f"include {shown(pattern, PATH_MAX)} names no file"
            if _must_exist(pattern, pattern != inclusion.pattern, nothing, inclusion.checks):
                findings.error(inclusion.place, message, "make it, or insist on less than this include does")
            elif not wild(pattern):
                findings.warning(inclusion.place, message)

    def _enter(self, path: str, place: Place) -> str:
        """The text of ``path``; ``place`` is who asks for it."""
        real = os.path.realpath(path)
        if real in self._inside:
            raise _refusal(place, f"{shown(path, PATH_MAX)} includes itself", "remove this include")
        if len(self._inside) == DEPTH_MAX or not self._files_left:
            message = f"more than {DEPTH_MAX} files deep, or more than {FILES_MAX} files, are included"
            raise _refusal(place, message, "put several into one")
        self._inside.append(real)
        self._files_left -= 1
        return self._read(path, place)

    def _read(self, path: str, place: Place) -> str:
        try:
            with open(path, "rb") as file:
                content = file.read(self._bytes_left + 1)
        except OSError as error:
            remedy = "correct the path" if isinstance(error, FileNotFoundError) else "let its reader read it"
            raise _refusal(place, f"cannot read {shown(path, PATH_MAX)}: {error.strerror}", remedy) from error
        self._bytes_left -= len(content)
        if self._bytes_left < 0:
            raise _refusal(
                place, f"with {shown(path, PATH_MAX)} more than {BYTES_MAX} bytes are read", "is it a configuration?"
            )
        nul = content.find(b"\0")
        if nul >= 0:
            line = content.count(b"\n", 0, nul) + 1
            raise _refusal(Place(path, line), "there is a NUL byte here: this is a binary file", "name a text file")
        return content.decode("utf-8", "surrogateescape")


def _directory(file: str) -> str:
    return glob.escape(os.path.dirname(file))


def _no_configuration(path: str) -> str:
    """What keeps keepalived from looking into ``path``, in words; empty if nothing does, or it is not there."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return ""
    if stat.S_ISDIR(mode):
        return f"{shown(path, PATH_MAX)} is a directory"
    if not stat.S_ISREG(mode):
        return f"{shown(path, PATH_MAX)} is no regular file"
    return f"{shown(path, PATH_MAX)} is executable" if mode & 0o111 else ""


def _must_exist(pattern: str, alternative: bool, nothing: bool, checks: Checks) -> bool:
    """Whether it is an error that there is no file for the pattern; ``nothing``: nor for any other alternative."""
    if IncludeCheck.BRACE in checks and alternative and not wild(pattern):
        return True
    if not nothing:
        return False
    return IncludeCheck.WILDCARD in checks or (IncludeCheck.MATCH in checks and not wild(pattern))


def _refusal(place: Place, message: str, remedy: str = "") -> ConfigError:
    return ConfigError((Diagnostic(Severity.ERROR, place, message, remedy),))
