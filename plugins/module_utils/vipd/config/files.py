# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a configuration: the one place of the package that touches the disk.

Bounded in size, number and depth, so that no configuration can make the reader run away.
"""

from __future__ import annotations

import glob
import os
from typing import Iterator

from .diagnostics import ConfigError, Diagnostic, Findings, Severity, shown
from .directives import IncludedFile
from .model import Place

FILE_BYTES_MAX = 1 << 20  # thousands of instances fit; a log file given by mistake does not
FILES_MAX = 256
DEPTH_MAX = 16


class NoIncludes:
    """For text that came from no file: there is nothing an ``include`` could be relative to."""

    def enter(self, pattern: str, place: Place, findings: Findings) -> Iterator[IncludedFile]:
        findings.error(place, f"include {shown(pattern)} has no meaning here", "this text was not read from a file")
        return iter(())


class Files:
    """Reads the file it is made for and what that includes; knows which files it is inside of."""

    def __init__(self, path: str) -> None:
        self._inside: list[str] = [os.path.realpath(path)]
        self._count = 1

    def enter(self, pattern: str, place: Place, findings: Findings) -> Iterator[IncludedFile]:
        """As keepalived: sorted, and without directories, executable files and what is no regular file."""
        matches = sorted(glob.glob(os.path.join(glob.escape(os.path.dirname(place.file)), pattern)))
        names = [name for name in matches if os.path.isfile(name) and not os.access(name, os.X_OK)]
        if not names:
            findings.warning(place, f"include {shown(pattern)} matches no file")
        for name in names:
            self._count += 1
            self._inside.append(os.path.realpath(name))
            yield IncludedFile(name, self._included(name, place))
            self._inside.pop()

    def _included(self, name: str, place: Place) -> str:
        if self._inside[-1] in self._inside[:-1]:
            raise refusal(place, f"{shown(name)} includes itself", "remove this include")
        if len(self._inside) > DEPTH_MAX:
            raise refusal(place, f"files are included more than {DEPTH_MAX} deep")
        if self._count > FILES_MAX:
            raise refusal(place, f"more than {FILES_MAX} files are included")
        return read(name, place)


def read(path: str, place: Place) -> str:
    """The text of ``path``; ``place`` is who asked for it. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise refusal(place, f"cannot read {shown(path)}: {error.strerror}") from error
    if len(content) > FILE_BYTES_MAX:
        raise refusal(place, f"{shown(path)} is larger than {FILE_BYTES_MAX} bytes", "is it a configuration?")
    if b"\0" in content:
        raise refusal(place, f"{shown(path)} is a binary file", "is it a configuration?")
    return content.decode("utf-8-sig", "surrogateescape")


def refusal(place: Place, message: str, remedy: str = "") -> ConfigError:
    return ConfigError((Diagnostic(Severity.ERROR, place, message, remedy),))
