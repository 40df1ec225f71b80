# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vipctl replay: a recording of ``vipd --record``, run through a fresh core, and what that does at each step."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Union

from .core.effects import Effect, RecordTransition
from .core.events import ConfigLoaded, DeadlineReached, Event
from .core.router import Router
from .runtime.recording import RecordingError, read

EXIT_OK = 0
EXIT_UNREADABLE = 1

_SHOWN_MAX = 160


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a recording")
    parser.add_argument("--transitions", action="store_true", help="show the changes of state alone")


def replay(flags: argparse.Namespace) -> int:
    """Print what happens; returns the exit status."""
    try:
        with open(flags.file, encoding="utf-8") as lines:
            sys.stdout.writelines(f"{line}\n" for line in narrate(lines, flags.transitions))
    except OSError as error:
        sys.stderr.write(f"cannot read {flags.file}: {error.strerror}\n")
        return EXIT_UNREADABLE
    except RecordingError as error:
        sys.stderr.write(f"{flags.file}:{error}\n")
        return EXIT_UNREADABLE
    return EXIT_OK


def narrate(lines: Iterator[str], transitions: bool = False) -> Iterator[str]:
    """Events, each followed by what the core makes of it. Raises RecordingError with the line's number."""
    router, began = Router(), None
    for number, line in enumerate(lines, start=1):
        try:
            at, event = read(line)
        except RecordingError as error:
            raise RecordingError(f"{number}: {error}") from None
        began = at if began is None else began
        effects = router.handle(event, at)
        if not transitions and not (isinstance(event, DeadlineReached) and not effects):
            yield f"{at - began:12.6f} {_event(event)}"
        for effect in effects:
            if isinstance(effect, RecordTransition):
                yield f"{at - began:12.6f}   ({effect.instance}) {effect.before} -> {effect.after}: {effect.reason}"
            elif not transitions:
                yield f"{'':12}   {_shown(effect)}"


def _event(event: Event) -> str:
    """A configuration is a page: its instances' names say enough."""
    if isinstance(event, ConfigLoaded):
        return f"ConfigLoaded {', '.join(instance.name for instance in event.config.instances) or 'nothing'}"
    return _shown(event)


def _shown(what: Union[Event, Effect]) -> str:
    values = " ".join(_word(getattr(what, field.name)) for field in fields(what))
    text = f"{type(what).__name__} {values}".rstrip()
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}..."


def _word(value: Any) -> str:
    if isinstance(value, (tuple, frozenset)):
        return f"[{', '.join(map(_word, value))}]"
    return str(value)
