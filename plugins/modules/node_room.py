#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A full disk and a read-only file system are found before a deploy has changed a first file. Only looks."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_room
short_description: Fails where a deploy could not write its files
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Asks the file systems that a deploy writes to whether they are writable and have room, and fails otherwise, with
    every directory that stands in the way. So a pair is not left with a new file on one node and the former one on the
    other.
  - A directory that is not there yet counts as the one above it.
extends_documentation_fragment: [lbha.pair.attributes]
options:
  provider:
    description: What is to be deployed.
    type: str
    choices: [vipd, keepalived]
    default: vipd
  bytes:
    description: How much each file system must be able to take.
    type: int
    default: 4194304
  directories:
    description: Other directories than those of O(provider).
    type: list
    elements: path
"""

EXAMPLES = r"""
- name: Every node has room
  lbha.pair.node_room:
  any_errors_fatal: true
"""

RETURN = r"""
directories:
  description: Those that were looked at.
  returned: success
  type: list
  elements: str
"""

import os
from collections.abc import Iterator

from ansible.module_utils.basic import AnsibleModule

WRITTEN = {
    "vipd": ("/etc/vipd", "/etc/systemd/system", "/usr/local/lib/vipd", "/usr/local/sbin", "/var/lib"),
    "keepalived": ("/etc/keepalived", "/var/lib"),
}


def there(directory: str) -> str:
    """The directory, or the one above it that it will be made in."""
    while not os.path.isdir(directory) and directory != os.path.dirname(directory):
        directory = os.path.dirname(directory)
    return directory


def hindrance(directory: str, wanted: int) -> str:
    """Why nothing can be written there; empty for nothing."""
    found = os.statvfs(there(directory))
    free = found.f_bfree * found.f_frsize  # root may also take what is kept for root
    if found.f_flag & os.ST_RDONLY:
        return f"{directory} is read-only: mount it writable (mount -o remount,rw)"
    if found.f_blocks and free < wanted:
        return f"{directory} has {free // 1024} KiB left, and {wanted // 1024} are needed: make room"
    if found.f_files and not found.f_ffree:
        return f"{directory} has no inode left: remove files"
    return ""


def hindrances(directories: list[str], wanted: int) -> Iterator[str]:
    for directory in directories:
        try:
            found = hindrance(directory, wanted)
        except OSError as error:
            found = f"{directory} cannot be looked at: {error}"
        if found:
            yield found


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "provider": {"type": "str", "choices": ["vipd", "keepalived"], "default": "vipd"},
            "bytes": {"type": "int", "default": 4194304},
            "directories": {"type": "list", "elements": "path"},
        },
        supports_check_mode=True,
    )
    directories = module.params["directories"] or list(WRITTEN[module.params["provider"]])
    found = list(hindrances(directories, module.params["bytes"]))
    if found:
        where = f"{os.uname().nodename} cannot take its files, nothing was changed, and every VIP is where it was"
        module.fail_json(msg=f"{where}: {'; '.join(found)}. Then run this again.")
    module.exit_json(changed=False, directories=directories)


if __name__ == "__main__":
    main()
