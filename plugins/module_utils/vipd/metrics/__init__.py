# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node tells a Prometheus server: made of the daemon's answers, in a process that is neither of the daemon's.

Pure but for ``server.py``; ``ctl_exporter.py`` is the command. Nothing here is loaded by the daemon.
"""
