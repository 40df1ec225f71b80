# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a configuration: the one place of the package that touches the disk.

Bounded in size, number and depth, so that no configuration can make the reader run away.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator

from .diagnostics import PATH_MAX, ConfigError, Diagnostic, Findings, Severity, shown
from .directives import IncludedFile
from .model import Place

BYTES_MAX = 1 << 22  # of all files together; thousands of instances fit, a log given by mistake does not
FILES_MAX = 256
DEPTH_MAX = 16


class NoIncludes:
    """For text that came from no file: there is nothing that an ``include`` could be relative to."""

    def enter(self, pattern: str, place: Place, findings: Findings) -> Iterator[IncludedFile]:
        findings.error(place, f"include {shown(pattern)} has no meaning here", "this text was not read from a file")
        return iter(())


class Files:
    """The file it is made for and what that includes. Raises ConfigError for what cannot be read."""

    def __init__(self, path: str) -> None:
        self._bytes_left = BYTES_MAX
        self._files_left = FILES_MAX
        self._inside: list[str] = []
        self.text = self._enter(path, Place(path, 0))

    def enter(self, pattern: str, place: Place, findings: Findings) -> Iterator[IncludedFile]:
        """As keepalived: sorted, and without directories, executable files and what is no regular file."""
        if "{" in pattern:
            findings.error(
                place, "braces in include are not supported by this version of vipd", "write several includes"
            )
            return
        for path in sorted(glob.glob(os.path.join(glob.escape(os.path.dirname(place.file)), pattern))):
            if os.path.isfile(path) and not os.access(path, os.X_OK):
                yield IncludedFile(path, self._enter(path, place))
                self._inside.pop()

    def _enter(self, path: str, place: Place) -> str:
        """The text of ``path``; ``place`` is who asks for it."""
        real = os.path.realpath(path)
        if real in self._inside:
            raise _refusal(place, f"{shown(path, PATH_MAX)} includes itself", "remove this include")
        if len(self._inside) == DEPTH_MAX or not self._files_left:
            raise _refusal(place, f"more than {DEPTH_MAX} files deep, or more than {FILES_MAX} files, are included")
        self._inside.append(real)
        self._files_left -= 1
        return self._read(path, place)

    def _read(self, path: str, place: Place) -> str:
        try:
            with open(path, "rb") as file:
                content = file.read(self._bytes_left + 1)
        except OSError as error:
            raise _refusal(place, f"cannot read {shown(path, PATH_MAX)}: {error.strerror}") from error
        self._bytes_left -= len(content)
        if self._bytes_left < 0:
            raise _refusal(
                place, f"with {shown(path, PATH_MAX)} more than {BYTES_MAX} bytes are read", "is it a configuration?"
            )
        if b"\0" in content:
            raise _refusal(place, f"{shown(path, PATH_MAX)} is a binary file", "name a text file")
        return content.decode("utf-8-sig", "surrogateescape")


def _refusal(place: Place, message: str, remedy: str = "") -> ConfigError:
    return ConfigError((Diagnostic(Severity.ERROR, place, message, remedy),))
