.DEFAULT_GOAL := help
.PHONY: help run install test quick chaos format lint openapi lock clean
SHELL := /bin/sh
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
UV := $(shell command -v uv 2>/dev/null)
GOOD := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c "$(GOOD)" 2>/dev/null && { command -v $$p; exit; }; done; echo none)

LINTED := SECRET_KEY="stands here for checks only, signs nothing" DEMO=true $(PY) -W ignore::RuntimeWarning manage.py

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## start the whole portal on http://127.0.0.1:8000 (HOST and PORT change that)
	@$(PY) manage.py dev --with-parent

install: $(VENV)/.dev ## install everything, the tools of development too

test: $(VENV)/.dev ## run all tests in parallel; FLAGS="-k words" chooses
	@$(PY) -m pytest $(FLAGS)

quick: $(VENV)/.dev ## run the tests that need neither a browser nor Terraform, in a minute
	@$(PY) -m pytest -m "not browser and not terraform" $(FLAGS)

chaos: $(VENV)/.dev ## break a running portal 600 times and count what is lost or doubled; FLAGS="--faults 50"
	@$(PY) -m tests.chaos $(FLAGS)

format: $(VENV)/.dev ## lay out code and templates as lint wants them
	$(PY) -m ruff check --fix-only --quiet .
	$(PY) -m ruff format .
	$(VENV)/bin/djlint provisioning/templates --reformat --quiet

lint: $(VENV)/.dev ## check style, density, types, imports, dependencies, dead code, migrations and lock files
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/djlint provisioning/templates --check
	$(PY) -m tests.project.density
	$(PY) -m mypy
	$(VENV)/bin/deptry --no-ansi .
	$(VENV)/bin/vulture
	$(VENV)/bin/lint-imports
	$(LINTED) check --fail-level WARNING
	$(LINTED) makemigrations --check --dry-run
	$(if $(UV),uv lock --quiet --check)

openapi: $(VENV)/.dev ## write the API's description to docs/openapi.json, after a change that is meant
	$(LINTED) export_openapi_schema --api provisioning.api.root.api --indent 2 --output docs/openapi.json

lock: ## after a change of dependencies in pyproject.toml (needs uv)
	uv lock --quiet
	uv export --quiet --frozen --no-header --no-annotate --no-default-groups -o deploy/requirements.txt
	uv export --quiet --frozen --no-header --no-annotate --only-group embedded -o deploy/requirements-embedded.txt
	uv export --quiet --frozen --no-header --no-annotate --all-groups -o deploy/requirements-dev.txt

clean: ## remove the virtual environment and caches; data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles

ifdef UV
$(VENV)/.run: uv.lock
	@echo "Installing with uv ..."
	@uv sync --frozen --inexact --no-dev --group embedded $(if $(filter-out none,$(PYTHON)),--python $(PYTHON))
	@touch $@

$(VENV)/.dev: uv.lock
	@echo "Installing with uv ..."
	@uv sync --frozen --compile-bytecode $(if $(filter-out none,$(PYTHON)),--python $(PYTHON))
	@touch $@ $(VENV)/.run
else
PIP := $(PY) -m pip install --no-compile --disable-pip-version-check --progress-bar off --require-hashes
# One line as each package is found, and one while all are unpacked; of a failure, all that pip says.
SHOWN = awk -v all="$$(cat $(1) | grep -c '==')" ' \
	/^(Collecting|Processing) / { sub(".*/", "", $$2); printf "  %d of %d: %s\n", ++n, all, $$2; fflush(); next } \
	/^Installing/ { print "  Unpacking " all " packages, for some seconds ..."; fflush(); next } \
	/^pip failed$$/ { failed = 1; next } \
	/^ERROR|^error/ { print; fflush() } \
	END { exit failed }'

$(VENV)/.run: deploy/requirements.txt deploy/requirements-embedded.txt | $(PY)
	@echo "Installing with pip ..."
	@{ $(PIP) -r deploy/requirements.txt -r deploy/requirements-embedded.txt 2>&1 || echo "pip failed"; } | $(call SHOWN,$^)
	@touch $@

$(VENV)/.dev: deploy/requirements-dev.txt | $(PY)
	@echo "Installing with pip ..."
	@{ $(PIP) -r deploy/requirements-dev.txt 2>&1 || echo "pip failed"; } | $(call SHOWN,$^)
	@$(PY) -m compileall -qq -j 0 $(VENV)/lib || true # all at once, and not by each process of the first test run
	@touch $@ $(VENV)/.run

$(PY):
	@test "$(PYTHON)" != none || { echo "The portal needs Python 3.11, 3.12 or 3.13: make run PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
endif
