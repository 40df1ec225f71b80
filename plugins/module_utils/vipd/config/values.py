# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may follow a keyword: one class per kind of value, each reading it and writing it again.

``read`` takes the statement and gives what the model holds, or raises BadValueError with what was expected;
``write`` gives the text that reads back as the same. Neither knows which keyword it serves.
Look next at ``keywords.py``, the table that uses them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Optional, Protocol

from .diagnostics import Findings, shown
from .lexer import QuoteError, Statement, script_words, word
from .model import Command, ScriptUser, TrackInterface, TrackScript, VirtualAddress

INTERFACE_NAME_MAX = 15  # IFNAMSIZ less its NUL; address labels share it
AUTH_PASS_BYTES_MAX = 8  # RFC 2338 5.3.10: the authentication data field
WEIGHT_MAX = 253  # 254 would reach from the lowest usable priority to the highest
SCOPES = ("global", "site", "link", "host", "nowhere")

_PLAIN = re.compile(r"[A-Za-z0-9_./:,=%@+-]+")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{0,6})?")
_INTERFACE = re.compile(rf"[^\s/]{{1,{INTERFACE_NAME_MAX}}}")


class BadValueError(ValueError):
    """``str`` says what is wrong, as the end of a sentence that begins with the keyword."""


class Value(Protocol):
    def read(self, statement: Statement, findings: Findings) -> Any:
        """What the model holds. Raises BadValueError."""

    def write(self, value: Any) -> str:
        """The text after the keyword; empty where the keyword says it all."""


@dataclass(frozen=True)
class Flag:
    """A keyword that needs no value; ``sets`` is what its presence means."""

    sets: bool = True

    def read(self, statement: Statement, findings: Findings) -> bool:
        _extra(statement, 0, findings)
        return self.sets

    def write(self, value: bool) -> str:
        return ""


@dataclass(frozen=True)
class Word:
    expected: str = "a word"

    def read(self, statement: Statement, findings: Findings) -> str:
        return _argument(statement, self.expected, findings)

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class OneOf:
    """Never repeats what it found: next to ``auth_type`` that may be the password."""

    choices: tuple[str, ...]

    def read(self, statement: Statement, findings: Findings) -> str:
        text = _argument(statement, " or ".join(self.choices), findings)
        if text not in self.choices:
            raise BadValueError(f"has a value that is not {' or '.join(self.choices)}")
        return text

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Integer:
    low: int
    high: int

    def read(self, statement: Statement, findings: Findings) -> int:
        return self.parse(_argument(statement, self.expected, findings))

    def parse(self, text: str) -> int:
        if not _NUMBER.fullmatch(text):
            raise BadValueError(f"is {shown(text)}, expected {self.expected}")
        number = int(text)
        if not self.low <= number <= self.high:
            raise BadValueError(f"is {number}, expected {self.expected}")
        return number

    def write(self, value: int) -> str:
        return str(value)

    @property
    def expected(self) -> str:
        return f"a number from {self.low} to {self.high}"


@dataclass(frozen=True)
class Seconds:
    """``whole`` says why decimals are out, where they are."""

    low: float
    high: float
    whole: str = ""

    def read(self, statement: Statement, findings: Findings) -> float:
        text = _argument(statement, self.expected, findings)
        if not _DECIMAL.fullmatch(text):
            raise BadValueError(f"is {shown(text)}, expected {self.expected}")
        seconds = float(text)
        if not self.low <= seconds <= self.high or (self.whole and not seconds.is_integer()):
            raise BadValueError(f"is {text}, expected {self.expected}")
        return seconds

    def write(self, value: float) -> str:
        return _decimal(value)

    @property
    def expected(self) -> str:
        unit = f"whole seconds{self.whole}" if self.whole else "seconds"
        return f"{unit} from {_decimal(self.low)} to {_decimal(self.high)}"


@dataclass(frozen=True)
class Interface:
    def read(self, statement: Statement, findings: Findings) -> str:
        return interface_name(_argument(statement, "the name of an interface", findings))

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class Weight:
    """``N [reverse]``, as a pair for the model's ``weight`` and ``reverse``."""

    number: Integer = Integer(-WEIGHT_MAX, WEIGHT_MAX)

    def read(self, statement: Statement, findings: Findings) -> tuple[int, bool]:
        if not statement.arguments:
            raise BadValueError(f"has no value, expected {self.number.expected}")
        _extra(statement, 2, findings)
        return self.number.parse(statement.arguments[0]), _direction(statement.arguments[1:], ("reverse",)) == "reverse"

    def write(self, value: tuple[int, bool]) -> str:
        weight, reverse = value
        return f"{weight} reverse" if reverse else str(weight)


@dataclass(frozen=True)
class Account:
    """``USER [GROUP]``."""

    def read(self, statement: Statement, findings: Findings) -> ScriptUser:
        if not statement.arguments:
            raise BadValueError("has no value, expected a user and perhaps a group")
        _extra(statement, 2, findings)
        return ScriptUser(*statement.arguments[:2])

    def write(self, value: ScriptUser) -> str:
        return " ".join(word(name) for name in (value.user, value.group) if name is not None)


@dataclass(frozen=True)
class Secret:
    """A password: its value appears in no diagnostic."""

    def read(self, statement: Statement, findings: Findings) -> str:
        secret = _argument(statement, "a password", findings)
        content = secret.encode("utf-8", "surrogateescape")
        if not content:
            raise BadValueError("is empty, expected a password")
        if len(content) <= AUTH_PASS_BYTES_MAX:
            return secret
        findings.warning(
            statement.place,
            f"{statement.keyword} is truncated to {AUTH_PASS_BYTES_MAX} bytes",
            "the rest protects nothing: no more fits into an advert",
        )
        return content[:AUTH_PASS_BYTES_MAX].decode("utf-8", "surrogateescape")

    def write(self, value: str) -> str:
        return word(value)


@dataclass(frozen=True)
class Script:
    """``COMMAND [USER [GROUP]]``; a command with parameters stands in quotes and is split once more."""

    account: bool = True

    def read(self, statement: Statement, findings: Findings) -> Command:
        try:
            command, *rest = script_words(statement.text)[1:] or ("",)
            argv = script_words(command)
        except QuoteError as error:
            raise BadValueError(f"cannot be read: {error}") from error
        if "\0" in "".join(argv):
            raise BadValueError("contains a NUL byte, which no command can")
        if not argv or not argv[0]:
            raise BadValueError("has no value, expected a command")
        if len(rest) > (2 if self.account else 0):
            findings.warning(
                statement.place,
                f"{statement.keyword}: text after the command is not used",
                "put the command and its parameters in double quotes",
            )
        return Command(argv, ScriptUser(*rest[:2]) if rest and self.account else None)

    def write(self, value: Command) -> str:
        command = _double_quoted(" ".join(map(_parameter, value.argv)))
        if value.user is None or not self.account:
            return command
        names = (value.user.user, value.user.group)
        return " ".join((command, *(_parameter(name, _double_quoted) for name in names if name is not None)))


@dataclass(frozen=True)
class VirtualAddressLine:
    """``ADDRESS[/LENGTH] [brd A|+|-] [dev IF] [scope S] [label L]``."""

    unsupported: tuple[str, ...] = field(
        default=(
            "peer",
            "home",
            "-nodad",
            "mngtmpaddr",
            "noprefixroute",
            "autojoin",
            "preferred_lft",
            "no_track",
            "track_group",
            "use_vmac",
        )
    )

    def read(self, statement: Statement, findings: Findings) -> VirtualAddress:
        address, length = _address(statement.keyword)
        options = self._options(list(statement.arguments))
        broadcast = options.get("brd")
        if broadcast in ("+", "-") and length > 30:
            raise BadValueError(f"brd {broadcast} needs a prefix length of 30 or less, found {length}")
        return VirtualAddress(
            address,
            length,
            options.get("dev"),
            broadcast,
            options.get("scope"),
            options.get("label"),
            statement.place,
        )

    def _options(self, words: list[str]) -> dict[str, str]:
        options: dict[str, str] = {}
        words.reverse()
        while words:
            name = words.pop()
            name = "brd" if name == "broadcast" else name
            if name in self.unsupported:
                raise BadValueError(f"option {name} is not supported by this version of vipd")
            check = _ADDRESS_OPTIONS.get(name)
            if check is None:
                raise BadValueError(f"option {shown(name)} is unknown, expected {', '.join(_ADDRESS_OPTIONS)}")
            if not words:
                raise BadValueError(f"option {name} has no value")
            if name in options:
                raise BadValueError(f"option {name} is given twice")
            options[name] = check(words.pop())
        return options

    def write(self, value: VirtualAddress) -> str:
        text = str(value)
        for name, option in (
            ("brd", value.broadcast),
            ("dev", value.dev),
            ("scope", value.scope),
            ("label", value.label),
        ):
            if option is not None:
                text += f" {name} {word(option)}"
        return text


@dataclass(frozen=True)
class TrackInterfaceLine:
    """``IF [weight N [reverse]]``."""

    def read(self, statement: Statement, findings: Findings) -> TrackInterface:
        weight, direction = _tracked(statement, findings)
        return TrackInterface(interface_name(statement.keyword), weight or 0, direction == "reverse", statement.place)

    def write(self, value: TrackInterface) -> str:
        if not value.weight and not value.reverse:
            return word(value.name)
        return f"{word(value.name)} weight {Weight().write((value.weight, value.reverse))}"


@dataclass(frozen=True)
class UndirectedTrackScript(TrackScript):
    """A weight without a direction: that of the script applies, once all scripts are read."""

    def directed(self, reverse: bool) -> TrackScript:
        return TrackScript(self.name, self.weight, reverse, self.place)


@dataclass(frozen=True)
class TrackScriptLine:
    """``NAME [weight N [reverse|noreverse]]``."""

    def read(self, statement: Statement, findings: Findings) -> TrackScript:
        weight, direction = _tracked(statement, findings)
        kind = UndirectedTrackScript if weight is not None and not direction else TrackScript
        return kind(statement.keyword, weight, direction == "reverse", statement.place)

    def write(self, value: TrackScript) -> str:
        if value.weight is None:
            return word(value.name)
        undirected = isinstance(value, UndirectedTrackScript) or value.reverse
        text = f"{word(value.name)} weight {Weight().write((value.weight, value.reverse))}"
        return text if undirected else f"{text} noreverse"


def interface_name(text: str) -> str:
    if not _INTERFACE.fullmatch(text):
        raise BadValueError(
            f"is {shown(text)}, expected the name of an interface (at most {INTERFACE_NAME_MAX} characters)"
        )
    return text


def _argument(statement: Statement, expected: str, findings: Findings) -> str:
    if not statement.arguments:
        raise BadValueError(f"has no value, expected {expected}")
    _extra(statement, 1, findings)
    return statement.arguments[0]


def _extra(statement: Statement, wanted: int, findings: Findings) -> None:
    """Never repeats the text: it may be the rest of a password."""
    if len(statement.arguments) > wanted:
        findings.warning(
            statement.place,
            f"{statement.keyword}: the text after the value is not used",
            "a comment starts with # or !; a value with spaces stands in double quotes",
        )


def _decimal(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _direction(words: Sequence[str], choices: Sequence[str]) -> str:
    """``words`` is what follows a weight."""
    if words and words[0] not in choices:
        raise BadValueError(f"has the option {shown(words[0])}, expected {' or '.join(choices)}")
    return words[0] if words else ""


def _tracked(statement: Statement, findings: Findings) -> tuple[Optional[int], str]:
    """The weight, None where none is given, and the direction, empty where none is given."""
    arguments = statement.arguments
    if not arguments:
        return None, ""
    if arguments[0] != "weight" or len(arguments) < 2:
        raise BadValueError(f"has the option {shown(arguments[0])}, expected weight and a number")
    _extra(statement, 3, findings)
    return Weight().number.parse(arguments[1]), _direction(arguments[2:], ("reverse", "noreverse"))


def _address(text: str) -> tuple[IPv4Address, int]:
    host, slash, length = text.partition("/")
    try:
        address = IPv4Address(host)
    except ValueError:
        raise BadValueError(f"{shown(text)} is {_not_ipv4(host)}") from None
    if not slash:
        return address, 32
    try:
        return address, Integer(1, 32).parse(length)
    except BadValueError:
        raise BadValueError(f"{shown(text)} has no prefix length from 1 to 32") from None


def _not_ipv4(host: str) -> str:
    try:
        IPv6Address(host)
    except ValueError:
        return "not an IPv4 address"
    return "an IPv6 address, which this version of vipd does not support"


def _broadcast(text: str) -> str:
    if text in ("+", "-"):
        return text
    try:
        return str(IPv4Address(text))
    except ValueError:
        raise BadValueError(f"brd is {shown(text)}, expected an IPv4 address, + or -") from None


def _scope(text: str) -> str:
    if text in SCOPES:
        return text
    try:
        return str(Integer(0, 255).parse(text))
    except BadValueError:
        raise BadValueError(f"scope is {shown(text)}, expected {', '.join(SCOPES)} or a number from 0 to 255") from None


def _label(text: str) -> str:
    if len(text.encode("utf-8", "surrogateescape")) > INTERFACE_NAME_MAX:
        raise BadValueError(f"label {shown(text)} is longer than {INTERFACE_NAME_MAX} bytes")
    return text


def _device(text: str) -> str:
    try:
        return interface_name(text)
    except BadValueError as error:
        raise BadValueError(f"dev {error}") from None


_ADDRESS_OPTIONS = {"brd": _broadcast, "dev": _device, "scope": _scope, "label": _label}


def _single_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _double_quoted(text: str) -> str:
    return '"' + "".join(map(_in_double_quotes, text)) + '"'


def _parameter(text: str, quoted: Callable[[str], str] = _single_quoted) -> str:
    """A word of a script line; those of its command are split twice and so quoted twice, once each way."""
    return text if _PLAIN.fullmatch(text) else quoted(text)


def _in_double_quotes(character: str) -> str:
    """Quotes, dollars and control characters as escapes: keepalived looks for them before it unescapes."""
    if character == "\\":
        return "\\\\"
    if character in '"$' or ord(character) < 0x20 or ord(character) == 0x7F:
        return f"\\x{ord(character):02x}"
    return character
