# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab on one machine: real Debian nodes with systemd and sshd, whose power can be cut.

The demo, molecule and the tests share it. It must never touch the host's own network, and never
signal a process that it has not identified by pid and start time.

    lab.py       Lab and Node: what everything else calls; start here
    host.py      what the lab needs of this machine, and how it runs a command
    image.py     the Debian base image, built once and cached
    disk.py      a node's disk: an overlay over the image, and the files a node starts with
    network.py   a switch in a namespace of its own, cables, partitions
    computer.py  what a node runs as
    container.py a node as a container: systemd-nspawn
    machine.py   a node with a kernel of its own: user-mode-linux, for what the running kernel does not have
    process.py   processes told apart by pid and start time; control groups
    ssh.py       the lab's key, the way in, the Ansible connection file
    state.py     /run/lbha-lab: which labs exist, whose they are, locks
    cli.py       python3 -m tests.lab
"""
