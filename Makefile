# Everything a fresh machine with Python 3.11+ and make needs is made by the first target that needs it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export DO_NOT_TRACK := 1
export SCARF_NO_ANALYTICS := 1
export GX_ANALYTICS_ENABLED := False
export DBT_SEND_ANONYMOUS_USAGE_STATS := False

.PHONY: help run up test test-slow check format bench docs lock clean

help: ## Show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@echo "Installing into $(VENV) (once, some minutes on a cold cache) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

run: $(READY) ## Run the whole pipeline: on a simulated practice, or LANDING=dir [AS_OF=date] on real files
	@$(BIN)/ketaclaims run $(if $(LANDING),--landing "$(LANDING)") $(if $(AS_OF),--as-of $(AS_OF)) $(if $(DATA_ROOT),--data-root "$(DATA_ROOT)")

up: $(READY) ## Start Airflow with scheduler and UI on loopback, the same DAGs on their schedules
	@$(BIN)/ketaclaims up $(if $(LANDING),--landing "$(LANDING)")

test: $(READY) ## Run the tests (minutes)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" tests

test-slow: $(READY) ## Run the long kill and permutation loops
	@$(BIN)/python -m pytest -m slow tests

check: $(READY) ## Lint, format and type checks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests
	@$(BIN)/yamllint --strict .
	@$(BIN)/codespell

format: $(READY) ## Mend what the linters can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests

bench: $(READY) ## Measure the readers and their peers: writes docs/benchmarks.md [PEERS=python] [BENCH=--huge]
	@$(BIN)/python benchmarks/run.py $(if $(PEERS),--peers "$(PEERS)") $(BENCH)
	@$(BIN)/python benchmarks/reports.py
	@$(BIN)/python benchmarks/claims837.py

docs: $(READY) ## Generate the data dictionary, data contract and rule book
	@$(BIN)/python docs/generate.py

lock: $(READY) ## Resolve the dependencies anew into requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra dev --extra postgres --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock

clean: ## Remove the environment and the demo data; never your own data
	@rm -rf $(VENV) data/demo dbt_project/target dbt_project/logs
