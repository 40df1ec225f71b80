#!/bin/sh
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The first process of a machine (see machine.py). Its root is the host's file system, read only. It lays the machine's
# own drive over the node's disk, adds the modules of this kernel, sets the address, and becomes the node's systemd.
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
modules=/usr/lib/uml/modules/$(uname -r)

mount -t proc proc /proc
mount -t tmpfs tmpfs /mnt
mkdir -p /mnt/dev /mnt/drive /mnt/node /mnt/lib/modules
ln -s "$modules" /mnt/lib/modules/
mount -t devtmpfs devtmpfs /mnt/dev
modprobe -d /mnt -a overlay ipv6 # a server's kernel has both before anything else

mount -t ext4 /mnt/dev/ubda /mnt/drive
mkdir -p /mnt/drive/upper /mnt/drive/work
# shellcheck disable=SC2154  # the kernel hands it over
mount -t overlay -o "lowerdir=$LAB_DISK,upperdir=/mnt/drive/upper,workdir=/mnt/drive/work" overlay /mnt/node
mkdir -p "/mnt/node/usr/lib/modules/$(uname -r)"
mount --bind "$modules" "/mnt/node/usr/lib/modules/$(uname -r)"

ip link set dev lo up
ip link set dev vec0 name eth0 up
# shellcheck disable=SC2154
ip address add "$LAB_ADDRESS" brd + dev eth0

umount /mnt/dev /proc
exec switch_root /mnt/node /sbin/init
