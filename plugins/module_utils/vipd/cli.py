# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The daemon's command line: keepalived's flags, so that it starts wherever a script started keepalived.

What is done at once is done here; for a daemon, the configuration is read and checked, and ``start.py`` does the rest.
Never loaded in the processes that then run for years. Exit statuses are keepalived's. Source: keepalived(8).
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import syslog
from collections.abc import Iterator, Sequence
from typing import Callable, Optional, Union

from .config.diagnostics import Diagnostic
from .config.model import Config
from .runtime import signals
from .runtime.journal import JSON, TEXT
from .runtime.loading import Findings, has_errors, packed, read
from .runtime.options import RUNTIME_DIRECTORY, STATE_DIRECTORY, Options
from .start import EXIT_CONFIG, EXIT_FATAL, EXIT_OK, EXIT_UNREADABLE, Start

VERSION = "0.1.0"
DEFAULT_CONFIG = "/etc/keepalived/keepalived.conf"

# What stands behind these flags is not there: running on without it would not be what was asked for.
_REFUSED = {
    "namespace": "vipd does not enter a network namespace; start it with: ip netns exec NAME vipd",
    "genhash": "vipd has no genhash yet",
}

# These change nothing about who holds a VIP; say so and go on.
_IGNORED = {
    "all": "vipd starts what the configuration needs",
    "dont_release_vrrp": "vipd takes its VIPs off on every stop: two nodes must never hold one",
    "address_monitoring": "vipd logs what it does to addresses itself",
    "snmp": "vipd has no SNMP agent",
    "snmp_agent_socket": "vipd has no SNMP agent",
    "all_config": "a missing include is always reported",
    "core_dump": "vipd writes a traceback, not a core dump",
    "core_dump_pattern": "vipd writes a traceback, not a core dump",
}

_FACILITIES = {
    **{f"{prefix}{n}": (16 + n) << 3 for n in range(8) for prefix in ("", "local")},
    "user": syslog.LOG_USER,
    "daemon": syslog.LOG_DAEMON,
}


def main(arguments: Optional[Sequence[str]] = None) -> Union[int, Start]:
    """Do what the flags ask for and give the exit status, or give the daemon that they ask for."""
    try:
        flags = _parser().parse_args(arguments)
    except SystemExit as end:  # help was shown, or what is wrong
        return int(end.code or EXIT_OK)
    if flags.umask is not None:
        os.umask(flags.umask)
    if flags.version:
        sys.stderr.write(f"vipd {VERSION}, a VRRP agent with keepalived's configuration\n")
        return EXIT_OK
    if flags.release:
        return _release(Options(config_path="", runtime_directory=flags.runtime_directory).release_path)
    if flags.signum:
        sys.stdout.write(f"{int(signals.NUMBERS[flags.signum])}\n")
        return EXIT_OK
    if flags.config_test is not None:
        return _test(flags)
    return _start(flags)


def _test(flags: argparse.Namespace) -> int:
    """``-t``: tell every finding; 5 when there is an error, 4 when the file cannot be read."""
    config, findings = _read(flags)
    if config is not None and config.lvs.virtual_servers and not _vrrp_only(flags):
        from .asking import served  # noqa: PLC0415  for nodes that have some
        from .runtime.ipvs_here import ipvs_here  # noqa: PLC0415

        director = Options(config_path="", runtime_directory=flags.runtime_directory).director_path
        findings = (*findings, *ipvs_here(config, served(director)))
    if flags.config_test:
        with open(flags.config_test, "a", encoding="utf-8") as log:
            log.writelines(f"{finding}\n" for finding in findings)
    else:
        _print(findings)
    if config is None:
        return EXIT_UNREADABLE
    return EXIT_CONFIG if has_errors(findings) else EXIT_OK


def _start(flags: argparse.Namespace) -> Union[int, Start]:
    for name, why in _REFUSED.items():
        if getattr(flags, name):
            _complain(f"vipd cannot start with --{name}: {why}")
            return EXIT_FATAL
    config, findings = _read(flags)
    if config is None or has_errors(findings):
        _print(findings)
        return EXIT_CONFIG
    options = _options(flags)
    log = [] if options.supervised else [(finding.severity.value, str(finding)) for finding in findings]
    log += [("warning", sentence) for sentence in _ignored(flags)]
    log += [("info", line) for line in _dumped(config)] if flags.dump_conf else []
    return Start(packed(config), options, tuple(log), flags.umask, checkers_only=flags.check and not flags.vrrp)


def _vrrp_only(flags: argparse.Namespace) -> bool:
    return flags.vrrp and not flags.check


def _release(path: str) -> int:
    from .runtime import release  # noqa: PLC0415  what no start has a use for

    try:
        records = release.load(path)
        for sentence in release.release(records):
            _complain(f"vipd left VIPs behind: {sentence}")
    except OSError as error:
        _complain(f"cannot release: {error}")
        return EXIT_FATAL
    return EXIT_OK


def _read(flags: argparse.Namespace) -> tuple[Optional[Config], Findings]:
    return read(flags.use_file, flags.config_id, [name for _index, name in socket.if_nameindex()])


def _dumped(config: Config) -> Iterator[str]:
    """``-d``: the configuration as it was understood, without the passwords."""
    from .config.render import render  # noqa: PLC0415  the grammar, which few want to see

    for line in render(config).splitlines():
        yield "auth_pass ********" if "auth_pass" in line else line


def _options(flags: argparse.Namespace) -> Options:
    default_pid = os.path.join(flags.runtime_directory, "vipd.pid")
    pid_paths = [flags.pid or default_pid, *([flags.vrrp_pid] if flags.vrrp_pid else [])]
    checkers_pid = os.path.abspath(flags.checkers_pid or os.path.join(flags.runtime_directory, "checkers.pid"))
    return Options(
        config_path=os.path.abspath(flags.use_file),
        config_id=flags.config_id,
        pid_paths=tuple(os.path.abspath(path) for path in pid_paths),
        foreground=flags.dont_fork,
        log_to_console=flags.log_console,
        log_facility=flags.log_facility,
        log_format=flags.log_format,
        runtime_directory=os.path.abspath(flags.runtime_directory),
        state_directory=os.path.abspath(flags.state_directory),
        vrrp_only=_vrrp_only(flags),
        supervised=flags.supervised,
        release_ipvs=not flags.dont_release_ipvs,
        checkers_pid_path=checkers_pid,
        director_command=(*_program(), *_director_flags(flags, checkers_pid)),
        record_path=os.path.abspath(flags.record) if flags.record else "",
    )


def _program() -> tuple[str, ...]:
    """How this program was started: as a package, or as a file."""
    spec = sys.modules["__main__"].__spec__
    if spec is not None and spec.parent:
        return sys.executable, "-m", spec.parent
    isolated = ("-I",) if sys.flags.isolated else ()
    return (sys.executable, *isolated, os.path.abspath(sys.argv[0]))


def _director_flags(flags: argparse.Namespace, checkers_pid: str) -> tuple[str, ...]:
    facility = next(name for name, number in _FACILITIES.items() if number == flags.log_facility)
    files = ("-f", os.path.abspath(flags.use_file), "-c", checkers_pid)
    directory = ("--runtime-directory", os.path.abspath(flags.runtime_directory))
    wishes = (("-l", flags.log_console), ("-I", flags.dont_release_ipvs))
    given = (flag for flag, is_set in wishes if is_set)
    log = ("-S", facility, "--log-format", flags.log_format)
    return ("-C", "-n", "--supervised", *files, *directory, "-i", flags.config_id, *log, *given)


def _facility(word: str) -> int:
    """``0`` to ``7`` or ``local0`` to ``local7``, ``user``, ``daemon``."""
    if word not in _FACILITIES:
        raise argparse.ArgumentTypeError(f"expected 0 to 7, local0 to local7, user or daemon, not {word!r}")
    return _FACILITIES[word]


def _ignored(flags: argparse.Namespace) -> list[str]:
    given = [(name, why) for name, why in _IGNORED.items() if getattr(flags, name)]
    return [f"--{name.replace('_', '-')} does nothing: {why}" for name, why in given]


def _print(findings: Sequence[Diagnostic]) -> None:
    for finding in findings:
        _complain(str(finding))


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vipd", description="Keep each virtual IP on exactly one node (VRRP).")
    add = parser.add_argument
    add("-f", "--use-file", default=DEFAULT_CONFIG, metavar="FILE", help="configuration file (default: %(default)s)")
    tested = "check the file of -f and exit; with LOG, append the findings to that file"
    add("-t", "--config-test", nargs="?", const="", metavar="LOG", help=tested)
    add("-n", "--dont-fork", action="store_true", help="stay in the foreground")
    add("-l", "--log-console", action="store_true", help="log to standard error instead of syslog")
    facility = "0 to 7 (local0 to local7), user or daemon (default)"
    add("-S", "--log-facility", type=_facility, default=syslog.LOG_DAEMON, metavar="FACILITY", help=facility)
    form = "text for people (default), or one JSON object a line for programs"
    add("--log-format", choices=(TEXT, JSON), default=TEXT, help=form)
    add("-d", "--dump-conf", action="store_true", help="log the configuration as it was understood")
    host = socket.gethostname().split(".")[0]
    add("-i", "--config-id", default=host, metavar="ID", help="for lines that start with @ID (default: the host name)")
    add("-p", "--pid", metavar="FILE", help="pid file (default: vipd.pid in the runtime directory)")
    add("-r", "--vrrp_pid", metavar="FILE", help="pid file of the VRRP process, which is the main process")
    add("-P", "--vrrp", action="store_true", help="VRRP only: serve no virtual_server")
    add("-C", "--check", action="store_true", help="virtual servers and their health checks only")
    add("-I", "--dont-release-ipvs", action="store_true", help="leave virtual servers in the kernel at a stop")
    add("-c", "--checkers_pid", metavar="FILE", help="pid file of the director's process (default: checkers.pid)")
    add("--supervised", action="store_true", help=argparse.SUPPRESS)
    add("-u", "--umask", type=lambda word: int(word, 0), metavar="MASK", help="umask for files it makes")
    add(
        "--runtime-directory", default=RUNTIME_DIRECTORY, metavar="DIR", help="sockets and state (default: %(default)s)"
    )
    add("--state-directory", default=STATE_DIRECTORY, metavar="DIR", help="what outlives it (default: %(default)s)")
    add("--record", metavar="FILE", help="write down all that happens, for vipctl replay; FILE and FILE.1 are bounded")
    add("--release", action="store_true", help="take off the VIPs that a crash left behind, and exit")
    add("--signum", choices=sorted(signals.NUMBERS), help="print the number of a signal, and exit")
    add("-v", "--version", action="store_true", help="show the version")
    _add_without_effect(parser.add_argument_group("keepalived's flags, true of vipd anyway").add_argument)
    _add_unsupported(parser.add_argument_group("keepalived's flags that vipd has nothing behind").add_argument)
    return parser


def _add_without_effect(add: Callable[..., object]) -> None:
    for short, long in (
        ("-D", "--log-detail"),
        ("-B", "--no_bfd"),
        ("-R", "--dont-respawn"),
        ("-G", "--no-syslog"),
        ("-X", "--release-vips"),
    ):
        add(short, long, action="store_true")
    add("-b", "--bfd_pid", metavar="FILE")


def _add_unsupported(add: Callable[..., object]) -> None:
    for names in (
        ("-T", "--genhash"),
        ("--all",),
        ("-V", "--dont-release-vrrp"),
        ("-a", "--address-monitoring"),
        ("-x", "--snmp"),
        ("-e", "--all-config"),
        ("-m", "--core-dump"),
    ):
        add(*names, action="store_true")
    add("-s", "--namespace", metavar="NAME")
    add("-A", "--snmp-agent-socket", metavar="FILE")
    add("-M", "--core-dump-pattern", metavar="PATTERN")
