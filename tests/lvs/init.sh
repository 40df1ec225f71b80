#!/bin/sh
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The first process of the user-mode kernel, on the host's own file system: mounts what programs expect, loads the
# modules of IPVS, runs the tests, and switches the machine off. What it is to do is in $LVS_DIRECTORY/command.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /dev/shm
mkdir -p /run/netns /run/modules/lib/modules
ln -s "/usr/lib/uml/modules/$(uname -r)" "/run/modules/lib/modules/$(uname -r)"
schedulers=$(cd "/usr/lib/uml/modules/$(uname -r)/kernel/net/netfilter/ipvs" && ls)
for module in $schedulers sctp sch_ingress cls_u32 act_skbedit veth bridge ipip ip_gre fou ip6_tunnel ip6_gre; do
    modprobe -d /run/modules "${module%.ko}" || echo "no module $module"
done
ip link set lo up
# shellcheck disable=SC2154  # the kernel hands it over
sh "$LVS_DIRECTORY/command" >"$LVS_DIRECTORY/log" 2>&1
echo $? >"$LVS_DIRECTORY/status"
sync
echo o >/proc/sysrq-trigger
sleep 10
