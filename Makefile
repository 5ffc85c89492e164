# Two commands for newcomers: `make demo` and `make test`. Both make their own .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PIP := -m pip install --quiet --disable-pip-version-check
EXTRAS := aws oauth1 serve vault
OPTIONS ?= # more options for pytest
DEMO := manifests/routing-bot.yaml
COVERING := tests/core tests/kinds $(wildcard tests/run tests/test_executor*.py) \
	tests/files/test_lifecycle.py tests/test_doctor.py tests/test_sink_config.py tests/test_project.py \
	tests/test_terms.py tests/cli/test_odd_objects.py tests/cli/test_beside.py tests/cli/test_advice.py tests/cli/test_import_drift.py
show = printf '\n$$ %s\n' "$(1)"; $(BIN)/$(1)

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): pyproject.toml lebots/__init__.py requirements/build.txt requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python $(PIP) --require-hashes -r requirements/build.txt
	@$(BIN)/python $(PIP) --no-build-isolation --no-deps --editable .
	@$(BIN)/python $(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(BIN)/uv: $(READY) requirements/tools.txt
	@$(BIN)/python $(PIP) --require-hashes -r requirements/tools.txt
	@touch $@

demo: $(READY) ## watch a routing bot come to life on a fresh embedded account
	@$(BIN)/lebots sandbox reset
	@rm -f .secrets/routing-bot.env # of an account that is gone now
	@$(call show,lebots plan $(DEMO) --out .lebots/plan.json)
	@$(call show,lebots apply .lebots/plan.json)
	@$(call show,lebots plan $(DEMO) --check)
	@$(call show,lebots sandbox show)

test: check ## everything that must hold before a change lands
	$(BIN)/python -m pytest -n 2 -q $(OPTIONS)

check: $(READY) ## lint, format, types, import directions, workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zizmor --offline --quiet --config docs/ci/zizmor.yml action.yml docs/ci/github .github
	$(BIN)/python -m tests.actionlint docs/ci/github/*.yml

coverage: $(READY) ## that tests take every branch of core, kinds and executor
	$(BIN)/python -m pytest -n 2 -q $(COVERING) --cov

browser: $(READY) ## get a browser, for the tests that open pages
	@$(BIN)/python -m tests.browser

INTO = $(BIN)/uv pip install --quiet --python .venv/$(HOW)/bin/python
test-newest: HOW := highest
test-newest: test-versions ## the tests with the newest versions that pyproject.toml allows
test-oldest: HOW := lowest-direct
test-oldest: test-versions ## the tests with the oldest
test-versions: $(BIN)/uv
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv/$(HOW)
	$(INTO) --resolution $(HOW) --requirements pyproject.toml --all-extras --group dev --group build
	@# Once more without what the tests need, which asks for newer versions than lebots does.
	$(INTO) --resolution $(HOW) --upgrade --requirements pyproject.toml --all-extras
	$(INTO) --no-build-isolation --no-deps --editable .
	.venv/$(HOW)/bin/python -m pytest -n 2 -q $(OPTIONS)

LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --upgrade \
  --custom-compile-command 'make update'
update: $(BIN)/uv ## renew the locked versions in requirements/, within the ranges of pyproject.toml
	$(LOCK) pyproject.toml --all-extras --group dev --output-file requirements/dev.txt
	$(LOCK) pyproject.toml --constraints requirements/dev.txt --output-file requirements/runtime.txt
	for extra in $(EXTRAS); do $(LOCK) pyproject.toml --extra $$extra \
	  --constraints requirements/dev.txt --output-file requirements/$$extra.txt; done
	for group in build tools; do $(LOCK) --group $$group \
	  --constraints requirements/dev.txt --output-file requirements/$$group.txt; done

nightly: $(READY) ## all examples, whole tables, three faults, 200 rounds of two writers
	$(BIN)/python -m pytest -n 2 -q -m '' --hypothesis-profile=night

dist: $(READY) ## build wheel and sdist into dist/, and look into them
	@rm -rf dist
	$(BIN)/python -m hatchling build -d dist
	$(BIN)/python -m pytest -q tests/test_dist.py

schemas: $(READY) ## write schemas/ from the kinds
	$(BIN)/lebots schema --write

pictures: $(READY) ## draw docs/pictures/ anew; needs a browser
	$(BIN)/python docs/pictures/make.py

bench: $(READY) ## measure plan and apply; not part of the tests
	$(BIN)/python -m benchmarks

SEED ?= 1
screens: $(READY) ## first screens of forty plans to read, half of them with a danger; SEED=n for others
	$(BIN)/python -m benchmarks.first_screens .lebots/screens --answers .lebots/answers.json --seed $(SEED)

.PHONY: help demo test check coverage browser test-newest test-oldest test-versions update nightly dist schemas pictures bench screens
