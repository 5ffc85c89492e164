# Two commands for newcomers: `make demo` and `make test`. Both make their own .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DEMO := manifests/routing-bot.yaml
show = printf '\n$$ %s\n' "$(1)"; $(BIN)/$(1)

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml lebots/__init__.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

demo: $(READY) ## watch a routing bot come to life on a fresh embedded account
	@$(BIN)/lebots sandbox reset
	@rm -f .secrets/routing-bot.env # of an account that is gone now
	@$(call show,lebots plan $(DEMO) --out .lebots/plan.json)
	@$(call show,lebots apply .lebots/plan.json)
	@$(call show,lebots plan $(DEMO) --check)
	@$(call show,lebots sandbox show)

test: check ## everything that must hold before a change lands
	$(BIN)/python -m pytest -n 2 -q

check: $(READY) ## lint, format, types, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

nightly: $(READY) ## every schedule of three faults, 200 rounds of two writers, 100,000 hostile texts
	$(BIN)/python -m pytest -n 2 -q -m nightly
	LEBOTS_HOSTILE=100000 $(BIN)/python -m pytest -n 2 -q tests/render/test_markdown_hostile.py

schemas: $(READY) ## write schemas/ from the kinds
	$(BIN)/lebots schema --write

pictures: $(READY) ## draw docs/pictures/ anew; needs chromium
	$(BIN)/python docs/pictures/make.py

bench: $(READY) ## measure plan and apply; not part of the tests
	$(BIN)/python -m benchmarks

.PHONY: help demo test check nightly schemas pictures bench
