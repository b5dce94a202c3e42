# Every command a person runs. A fresh machine needs Python 3.11+, make and a package registry: no root, no server.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OWN := shared services/api services/fees services/redaction-worker
LINT := shared services deploy bench tests

export PYTHONUTF8 := 1
# No inference runtime may speak to anybody, and none may spin on the cores of the others.
export ORT_DISABLE_TELEMETRY := 1
export OMP_NUM_THREADS ?= 1

.PHONY: help demo run token test check format migrate openapi bench bench-api bench-peers rules diagrams sizes lock clean

help:  ## this list
	@awk -F ':.*##' '/^[a-z-]+:.*##/ {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP)  ## sample scans through the whole stack; leaves out/demo/report.html
	@$(BIN)/python -m deploy.local.demo

run: $(STAMP)  ## the stack stays up until Ctrl-C (AT=2024-10-10T12:00 sets its clock); DATABASE_URL, VALKEY_URL, OBJECT_STORE_URL point elsewhere
	@$(BIN)/python -m deploy.local.run $(if $(AT),--at $(AT))

token: $(STAMP)  ## a person's token for the stack that `make run` keeps up: WHO=admin
	@$(BIN)/python -m deploy.local.token_of $(WHO)

test: $(STAMP)  ## everything: the checks, then every test against the embedded stack
	@status=0; $(BIN)/python -m deploy.check || status=1; $(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0 || status=1; exit $$status

check: $(STAMP)  ## format, lint, types, import rules, schema drift, OpenAPI drift, manifests
	@$(BIN)/python -m deploy.check

format: $(STAMP)  ## rewrite the sources in the house format
	@$(BIN)/ruff format $(LINT)
	@$(BIN)/ruff check --fix $(LINT)

migrate: $(STAMP)  ## bring the database named by DATABASE_URL to the newest schema
	@$(BIN)/python -m mangping_api.migrate

openapi: $(STAMP)  ## write docs/openapi/*.json and the list of problem codes from the code
	@$(BIN)/python -m deploy.codes
	@$(BIN)/python -m deploy.check openapi --write

bench: $(STAMP)  ## blindness and speed, with peers, in one table; writes bench/results/*.json
	@$(BIN)/python -m bench

bench-api: $(STAMP)  ## applications among ten thousand and a million: 60 GB of disk, an hour; SIZES="10000 100000"
	@$(BIN)/python -m bench.applications $(SIZES)

bench-fees: $(STAMP)  ## settle throughput and a day of a million lines, beside bare SQL and a bare COPY
	@$(BIN)/python -m bench.fees_books

bench-peers:  ## the peers of the benchmark, in an environment of their own
	@test -x bench/peers/.venv/bin/python || $(PYTHON) -m venv bench/peers/.venv
	@bench/peers/.venv/bin/python -m pip install -q --require-hashes --no-deps -r bench/peers/requirements.txt

rules: $(STAMP)  ## every rule of the five notices, and how it is kept
	@$(BIN)/mangping-policy rules

diagrams: $(STAMP)  ## draw every workflow table
	@$(BIN)/python -m mangping.machine docs/diagrams

sizes: $(STAMP)  ## install each service alone and measure it
	@$(BIN)/python -m deploy.sizes

# ---- the environment ------------------------------------------------------------------------------------------------

# Hash-pinned, from whatever index this machine's pip is set up with; --no-deps because the lock is complete.
$(STAMP): requirements.lock $(OWN:%=%/pyproject.toml) deploy/stubs/opencv-contrib-python/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "building $(VENV): $$(grep -c == requirements.lock) packages by hash, one to four minutes"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation \
		$(OWN:%=-e %) deploy/stubs/opencv-contrib-python
	@touch $@

# Byte code is written when a module is first imported: most never are.
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps

UV := .local/tools/bin/uv
$(UV):
	@$(PYTHON) -m venv .local/tools
	@.local/tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

COMPILE = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --universal \
	--python-version 3.11 --no-header --no-annotate \
	--no-emit-package mangping --no-emit-package mangping-api --no-emit-package mangping-fees --no-emit-package mangping-redaction
lock: $(UV)  ## resolve again: the workspace's lock, then each image's lock within it
	@$(COMPILE) --extra local --extra dev pyproject.toml -o requirements.lock
	@$(COMPILE) -c requirements.lock services/api/pyproject.toml -o services/api/requirements.lock
	@$(COMPILE) -c requirements.lock services/fees/pyproject.toml -o services/fees/requirements.lock
	@$(COMPILE) -c requirements.lock services/redaction-worker/pyproject.toml -o services/redaction-worker/requirements.lock
	@echo 'hatchling' | $(COMPILE) -c requirements.lock - -o deploy/images/build.lock

clean:  ## remove what make made: environments, stack data, results
	rm -rf $(VENV) .local out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
