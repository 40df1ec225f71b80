#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``lbha.pair.planned_config`` takes and returns. The action plugin of the same name does it, elsewhere."""

from __future__ import annotations

DOCUMENTATION = r"""
module: planned_config
short_description: Keeps what a plan says of a host
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Takes a plan of the filter P(lbha.pair.pair_plan#filter) and returns the part about the host, for C(register).
    Making a plan takes time, and tasks after this one need it several times.
  - What it returns is never shown, because a configuration may hold a password. What is wrong in a plan is.
  - Runs on the controller, and asks nothing of the host.
attributes:
  check_mode:
    support: full
    description: It changes nothing.
  diff_mode:
    support: none
    description: There is nothing to show.
options:
  plan:
    description: The plan of a pair.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Work out the configuration
  lbha.pair.planned_config:
    plan: "{{ __single_master_plan }}"
  register: planned
"""

RETURN = r"""
text:
  description: The keepalived.conf of this host.
  returned: success
  type: str
hosts:
  description: The hosts of the pair.
  returned: success
  type: list
  elements: str
"""
