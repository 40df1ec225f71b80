# Copyright (c) 2026 lbha.pair contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The front door: every target is one line that calls a program which can be read. Logs of tests are in build/test/.

PYTHON := .venv/bin/python
NODE ?= lb01
SCENARIO ?= single_master

.DEFAULT_GOAL := help
.PHONY: help demo shell down check test bench molecule sanity format docs setup clean

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: setup  ## boot a lab, deploy a pair, break it five ways, show what was measured (root)
	@$(PYTHON) -m tests.lab.demo

shell: setup  ## a shell on a node of the lab that the demo left up: make shell NODE=lb01
	@$(PYTHON) -m tests.lab shell $(NODE)

down: setup  ## take that lab down
	@$(PYTHON) -m tests.lab down

check: python  ## format, lint, types, pure tests: the inner loop, no root
	@$(PYTHON) tests/run.py check

test: setup  ## everything, as continuous integration runs it (root)
	@$(PYTHON) tests/run.py test

bench: setup  ## vipd and keepalived side by side, 25 minutes; QUICK=1: eight (root)
	@PYTHONPATH=plugins/module_utils $(PYTHON) -m tests.bench

molecule: setup  ## one molecule scenario: make molecule SCENARIO=dual_master (root)
	@$(PYTHON) tests/run.py molecule-$(SCENARIO)

sanity: python  ## ansible-test sanity, as Galaxy's reviewers run it
	@$(PYTHON) tests/run.py sanity

format: python  ## bring Python files into the project's format
	@.venv/bin/ruff format && .venv/bin/ruff check --fix

docs: python  ## make the generated pages of docs/ anew
	@PYTHONPATH=plugins/module_utils $(PYTHON) -m tests.generated_docs

setup:  ## all that the above need: Debian packages, .venv
	@tests/setup

clean:  ## remove what setup and the tests made here
	@rm -rf .venv .venvs .ansible .cache build

.PHONY: python
python:
	@tests/setup python
