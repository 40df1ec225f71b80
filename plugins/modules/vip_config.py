#!/usr/bin/python
# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts a keepalived.conf on a node that runs vipd: checked before, loaded after, put back when it is refused."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vip_config
short_description: Deploys a configuration of vipd and says what that does to its VIPs
version_added: 0.1.0
author: lbha.pair contributors (@lbha)
description:
  - Reads the new configuration as vipd would on this node, and fails with every mistake before anything is written.
  - Compares it with the one that is there, and says whether a reload is enough and whether a VIP may leave this node.
  - Writes a file at once or not at all, and has a running vipd load it. When that refuses, what was there is put back.
attributes:
  check_mode:
    support: full
    description: Says the same and changes nothing. It needs no vipd on the node.
  diff_mode:
    support: full
    description: Shows what changes, in sentences. They never hold a password.
options:
  content:
    description: The text of the configuration.
    type: str
    required: true
  path:
    description: The file.
    type: path
    default: /etc/vipd/keepalived.conf
  extensions:
    description:
      - The text of vipd's own file, C(vipd.conf) beside O(path), for what keepalived.conf has no words for. Empty for
        none.
      - Without this option a file that is there stays as it is, and counts.
    type: str
  load:
    description: Whether a running vipd loads it. V(false) where it is restarted soon anyway, as another program.
    type: bool
    default: true
  here:
    description:
      - Whether it matters what this node has, programs of checks, their users, the kernel. V(false) in check mode of a
        run that would install them before.
    type: bool
    default: true
  socket:
    description: Where vipd is asked.
    type: path
    default: /run/vipd/control.sock
extends_documentation_fragment:
  - ansible.builtin.files
seealso:
  - module: lbha.pair.vip_info
"""

EXAMPLES = r"""
- name: What would happen
  lbha.pair.vip_config:
    content: "{{ lookup('ansible.builtin.file', 'keepalived.conf') }}"
    owner: root
    group: vipd
    mode: "0640"
  check_mode: true
  register: planned

- name: Say it
  ansible.builtin.debug:
    msg: "{{ planned.action }}; a VIP may move: {{ planned.will_move_vip }}"
"""

RETURN = r"""
action:
  description:
    - What brings it into force, and was done if it is a reload and vipd runs.
    - V(none) when nothing differs in meaning, V(reload), or V(restart) when some of it takes effect at the next start
      only.
  returned: success
  type: str
will_move_vip:
  description: Whether a VIP may leave this node because of it.
  returned: success
  type: bool
differences:
  description: What changes, in sentences.
  returned: success
  type: list
  elements: str
findings:
  description: What is noteworthy about the new configuration. Empty where it is there already.
  returned: success
  type: list
  elements: str
"""

import contextlib
import os
import tempfile
from typing import Any, Optional

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.lbha.pair.plugins.module_utils.in_force import reload_pending, status_of
from ansible_collections.lbha.pair.plugins.module_utils.providers import SOCKET, provider
from ansible_collections.lbha.pair.plugins.module_utils.vipd.asking import NoAnswerError, ask

OWN_FILE = "vipd.conf"
RELOAD_TIMEOUT_S = 30.0
UNCHANGED: dict[str, Any] = {"action": "none", "will_move_vip": False, "differences": [], "findings": []}


Texts = dict[str, Optional[str]]  # of files by their paths; None: no file


class RefusedError(Exception):
    """Nothing has changed; the text says why."""


def judged(texts: Texts, path: str, directory: str, here: bool) -> dict[str, Any]:
    """What is returned of new texts. They are read from ``directory``. Raises RefusedError with every mistake."""
    # For new texts alone: the whole grammar.
    from ansible_collections.lbha.pair.plugins.module_utils.new_config import judge  # noqa: PLC0415

    own = own_file(path)
    kept = {own: own} if own not in texts and os.path.exists(own) else {}
    beside = {one: written(text, directory) for one, text in texts.items() if text is not None}
    try:
        found = judge(path, own, {**kept, **beside}, here)
    finally:
        for one in beside.values():
            os.unlink(one)
    if found.mistakes:
        raise RefusedError("\n".join(["the configuration has mistakes, nothing was changed:", *found.mistakes]))
    warnings = [*found.of_node, *found.renumbered]
    return {
        "action": found.action,
        "will_move_vip": found.moves_vip,
        "differences": [str(one) for one in found.differences],
        "findings": list(found.findings),
        **({"warnings": warnings} if warnings else {}),  # Ansible shows them
    }


def own_file(path: str) -> str:
    return os.path.join(os.path.dirname(path), OWN_FILE)


def read(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return None


def written(text: str, directory: str) -> str:
    """The path of a new file, complete and readable by its owner alone."""
    descriptor, path = tempfile.mkstemp(dir=directory)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    return path


def write(module: AnsibleModule, path: str, text: Optional[str]) -> None:
    """At once or not at all. None: no file."""
    if text is None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    else:
        module.atomic_move(written(text, module.tmpdir), path)


def load_it(module: AnsibleModule, control_socket: str, former: Texts) -> None:
    """Raises RefusedError when vipd does not take them; the former files are back then."""
    try:
        answer = ask(control_socket, "reload", RELOAD_TIMEOUT_S)
        findings = [] if answer["reloaded"] else answer["findings"]
    except NoAnswerError as error:
        findings = [str(error)]
    if findings:
        for path, text in former.items():
            write(module, path, text)
        raise RefusedError("\n".join([f"vipd did not load it, and {' and '.join(former)} is what it was:", *findings]))


def wanted_texts(wanted: dict[str, Any]) -> Texts:
    """vipd's own file first: a run that is aborted between the two leaves a keepalived.conf that is as it was."""
    if wanted["extensions"] is None:
        return {wanted["path"]: wanted["content"]}
    return {own_file(wanted["path"]): wanted["extensions"] or None, wanted["path"]: wanted["content"]}


def is_pending(control_socket: str, texts: Texts) -> bool:
    status = status_of(control_socket)
    return any(reload_pending(status, path) for path in texts)


def run(module: AnsibleModule) -> dict[str, Any]:
    wanted = module.params
    texts = wanted_texts(wanted)
    former = {path: read(path) for path in texts}
    is_new = former != texts
    is_unread = not is_new and wanted["load"] and is_pending(wanted["socket"], texts)
    told = judged(texts, wanted["path"], module.tmpdir, wanted["here"]) if is_new else UNCHANGED
    loads = (is_new or is_unread) and wanted["load"] and not module.check_mode and provider(module) == ("vipd", True)
    if is_unread:
        told = {**told, "action": "reload"}
    changed = is_new or is_unread
    for path, text in texts.items():
        if former[path] != text and not module.check_mode:
            write(module, path, text)
        if os.path.exists(path):
            arguments = module.load_file_common_arguments(wanted, path)
            changed = module.set_fs_attributes_if_different(arguments, changed)
    if loads:
        load_it(module, wanted["socket"], former)
    shown = "".join(f"{sentence}\n" for sentence in told["differences"])
    return {"changed": changed, **told, "diff": {"before": "", "after": shown}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "content": {"type": "str", "required": True, "no_log": True},
            "extensions": {"type": "str", "no_log": True},
            "path": {"type": "path", "default": "/etc/vipd/keepalived.conf"},
            "load": {"type": "bool", "default": True},
            "here": {"type": "bool", "default": True},
            "socket": {"type": "path", "default": SOCKET},
        },
        add_file_common_args=True,
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except (RefusedError, ValueError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
