#!/bin/sh
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs one node until it halts; returns as soon as the node's control groups hold the process that runs it.
# When a node halts, its cable goes at once: a machine that is off answers no ARP. `reboot` in a node ends
# systemd-nspawn with status 133; a rebooted machine has lost its addresses, so it gets a new namespace.
#
# boot.sh "GROUP ..." SWITCH PORT RECONNECT COMMAND...
groups=$1 switch=$2 port=$3 reconnect=$4
shift 4

join() {
    for group in $groups; do
        echo 0 >"$group$1/cgroup.procs" || exit 1
    done
}

# A machine of its own for every boot: a group that once gave controllers to others takes no process any more.
new_machine() {
    for group in $groups; do
        [ ! -d "$group/machine" ] || find "$group/machine" -depth -type d -exec rmdir {} + || exit 1
        mkdir "$group/machine" || exit 1
    done
}

run_until_halted() {
    while :; do
        new_machine
        (join /machine && exec "$@")
        status=$?
        ip -n "$switch" link delete dev "$port" 2>/dev/null
        [ $status -eq 133 ] || exit $status
        $reconnect || exit 1
    done
}

# Beside the machine's group, not above it: cgroup v2 allows no process in an inner group.
for group in $groups; do
    mkdir -p "$group/launcher"
done
join /launcher
run_until_halted "$@" &
