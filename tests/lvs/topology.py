# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LVS on one switch: client 10.0.0.1, director 10.0.0.2 and 10.1.0.2 with the VIP 10.0.0.250, two real servers; and
where a test asks for them a third, and a second director, 10.0.0.3.

Real server N is 10.0.0.1N for DR and TUN, where it answers the client by itself, and 10.1.0.1N for NAT, where it only
knows the director.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.lvs.web_server import REQUEST_S, WebServer
from tests.netns.daemon import ENVIRONMENT, KEEPALIVED, PROGRAM, Daemon, Vipd, pid_flags
from tests.netns.namespace import Namespace, ip
from tests.netns.waiting import wait_for

VIP = "10.0.0.250"
START_S = 60.0


class DirectorOnly(Daemon):
    """``vipd -C`` from this checkout."""

    def command(self) -> list[str]:
        return [*PROGRAM, "-C", "-n", "-l", "-f", str(self.path), "--runtime-directory", str(self.directory / "run")]

    def start(self) -> None:
        self.launch()
        socket = self.directory / "run" / "director.sock"
        wait_for(lambda: socket.exists() or self.exit_status() is not None, f"{self} to answer", START_S)


class VipdWithDirector(Vipd):
    """VRRP, and the director beside it."""

    foreground = ("-n", "-l", "-D")

    def director_pid(self) -> int:
        return int((self.runtime_directory / "checkers.pid").read_text())


class KeepalivedCheckers(Daemon):
    """``keepalived -C``, Debian's."""

    def command(self) -> list[str]:
        return [KEEPALIVED, "-C", "-n", "-l", "-D", f"-f{self.path}", *pid_flags(self.directory)]


def instance(priority: int) -> str:
    """A virtual router that carries the VIP."""
    return (
        "vrrp_instance V {\nstate BACKUP\ninterface eth0\nvirtual_router_id 51\nadvert_int 1\n"
        f"priority {priority}\nvirtual_ipaddress {{\n{VIP}/32\n}}\n}}\n"
    )


class Topology:
    """A context manager: on leaving, its programs are ended and its namespaces removed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._daemons: list[Daemon] = []
        self._servers: dict[str, WebServer] = {}

    def __enter__(self) -> Topology:
        with ExitStack() as opened:
            self._switch = opened.enter_context(Namespace("lvs-switch"))
            self._switch.ip("link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0")
            self._switch.ip("link set br0 up")
            self.client = self._host(opened, "client", "10.0.0.1/24")
            self.director = self._host(opened, "director", "10.0.0.2/24", "10.1.0.2/24", f"{VIP}/32")
            self.real_servers = [self._host(opened, f"rs{number}") for number in (1, 2)]
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        for daemon in self._daemons:
            daemon.close()
        for name in list(self._servers):
            self.stop_server(name)
        self._opened.close()

    def _host(self, opened: ExitStack, label: str, *addresses: str) -> Namespace:
        host = opened.enter_context(Namespace(f"lvs-{label}"))
        ip("-n", host.name, f"link add eth0 type veth peer name p-{label} netns {self._switch.name}")
        self._switch.ip(f"link set p-{label} master br0 up")
        host.ip("link set eth0 up")
        for address in addresses:
            host.ip(f"address add {address} dev eth0")
        return host

    def third_real_server(self) -> None:
        self.real_servers.append(self._host(self._opened, "rs3"))

    def second_director(self) -> Namespace:
        """From now on VRRP says who has the VIP."""
        self.director.ip(f"address del {VIP}/32 dev eth0")
        return self._host(self._opened, "standby", "10.0.0.3/24")

    def cut(self, label: str) -> None:
        """The cable of this host, at the switch."""
        self._switch.ip(f"link set p-{label} down")

    # How packets get to real servers

    def direct_routing(self) -> None:
        """The VIP on the loopback, and no word about it to neighbours."""
        for number, host in enumerate(self.real_servers, 1):
            sysctl(host, "conf/all/arp_ignore", 1)
            sysctl(host, "conf/all/arp_announce", 2)
            host.ip(f"address add 10.0.0.1{number}/24 dev eth0")
            host.ip(f"address add {VIP}/32 dev lo")

    def tunnels(self) -> None:
        self.direct_routing()
        for host in self.real_servers:
            host.ip("link set tunl0 up")
            for interface in ("all", "tunl0"):
                sysctl(host, f"conf/{interface}/rp_filter", 0)

    def translation(self) -> None:
        sysctl(self.director, "ip_forward", 1)
        for number, host in enumerate(self.real_servers, 1):
            host.ip(f"address add 10.1.0.1{number}/24 dev eth0")
            host.ip("route add default via 10.1.0.2")

    # Programs

    def start_servers(self) -> None:
        for number, host in enumerate(self.real_servers, 1):
            self.start_server(f"rs{number}", host)

    def start_server(self, name: str, host: Namespace | None = None) -> None:
        host = host or self.real_servers[int(name[-1]) - 1]
        self._servers[name] = WebServer(name, host, self._directory / name)

    def stop_server(self, name: str) -> None:
        self._servers.pop(name).kill()

    def vipd_with_vrrp(self, host: Namespace, config: str) -> VipdWithDirector:
        daemon = VipdWithDirector(host, config, self._directory / host.name)
        self._daemons.append(daemon)
        return daemon

    def vipd(self, config: str) -> DirectorOnly:
        daemon = DirectorOnly(self.director, config, self._directory / "vipd")
        self._daemons.append(daemon)
        return daemon

    def keepalived(self, config: str) -> KeepalivedCheckers:
        daemon = KeepalivedCheckers(self.director, config, self._directory / "keepalived")
        self._daemons.append(daemon)
        return daemon

    def logs(self) -> str:
        return "\n".join(f"--- log of {daemon}\n{daemon.log()}" for daemon in self._daemons)

    # What is seen

    def table(self, host: Namespace | None = None) -> list[str]:
        """As ``ipvsadm -Sn`` saves it, sorted within a service."""
        return sorted(self._run("ipvsadm", "-Sn", host=host).splitlines())

    def endpoints(self) -> set[str]:
        """Every destination in the director's table, straight from the kernel: cheap enough to look often."""
        with self.director.entered():
            lines = Path("/proc/thread-self/net/ip_vs").read_text().splitlines()
        return {_endpoint(line.split()[1]) for line in lines if line.startswith("  -> ") and "Remote" not in line}

    def endpoints_of_each(self) -> list[set[str]]:
        """The same for each service, in the kernel's order."""
        with self.director.entered():
            lines = Path("/proc/thread-self/net/ip_vs").read_text().splitlines()[3:]
        found: list[set[str]] = []
        for line in lines:
            if line.startswith("  -> "):
                found[-1].add(_endpoint(line.split()[1]))
            else:
                found.append(set())
        return found

    def destinations(self) -> set[str]:
        return {endpoint.partition(":")[0] for endpoint in self.endpoints()}

    def syncing(self, host: Namespace) -> set[str]:
        """Which threads copy connections on ``host``."""
        return {line.split()[0] for line in self._run("ipvsadm", "-L", "--daemon", host=host).splitlines() if line}

    def remembers(self, host: Namespace, client: tuple[str, int]) -> bool:
        """Whether IPVS of ``host`` knows this connection."""
        return f"{client[0]}:{client[1]}" in self._run("ipvsadm", "-Lnc", host=host)

    def ipvsadm(self, *figures: str) -> str:
        return self._run("ipvsadm", "-Ln", *figures)

    def vipctl(self, *arguments: str) -> str:
        program = Path(ENVIRONMENT["PYTHONPATH"]) / "vipd" / "__main__.py"
        code = "import sys; from vipd import ctl; raise SystemExit(ctl.main(sys.argv[1:]))"
        assert program.exists()
        socket = str(self._directory / "vipd" / "run" / "control.sock")
        return self._run(sys.executable, "-c", code, "--socket", socket, *arguments)

    def _run(self, *argv: str, host: Namespace | None = None) -> str:
        with (host or self.director).entered():
            done = subprocess.run(argv, capture_output=True, text=True, env=ENVIRONMENT, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def listing(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.vipctl("ipvs", "--format", "json"))
        return answer

    def fetch(self, vip: str = VIP) -> str:
        """What the client gets from the VIP: a server's name, and the address that it saw."""
        with self.client.entered(), urlopen(f"http://{vip}/", timeout=REQUEST_S) as page:
            return str(page.read().decode())


def sysctl(host: Namespace, name: str, value: int) -> None:
    with host.entered():
        subprocess.run(["sh", "-c", f"echo {value} > /proc/sys/net/ipv4/{name}"], check=True)


def _endpoint(hexadecimal: str) -> str:
    address, port = hexadecimal.split(":")
    return f"{IPv4Address(int(address, 16))}:{int(port, 16)}"
