# `make` lists what there is. Everything runs in .venv, nothing is installed elsewhere.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help run install test check format services services-stop bench shell pins

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Vestibule needs …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what Vestibule and its tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.installed

run: $(VENV)/.installed ## Start the demo bank: web, worker and beat (PORT, default 8000)
	@exec scripts/run

install: $(VENV)/.installed-dev ## Install what development needs

test: $(VENV)/.installed-dev ## Run the suite: SQLite, then PostgreSQL and all servers that run
	@exec scripts/test $(ARGS)

check: $(VENV)/.installed-dev ## Format, lint, types, migrations, system checks, fast tests
	@exec scripts/check

format: $(VENV)/.installed-dev ## Format and sort imports
	@$(BIN)/ruff check --quiet --fix-only . ; $(BIN)/ruff format .

services: ## Start PostgreSQL, Redis, Keycloak, S3, SMTP, ClamAV; install Chromium, Prometheus
	@exec scripts/services/up

services-stop: ## Stop the servers that `make services` started here
	@exec scripts/services/down

bench: $(VENV)/.installed-dev ## Measure: make bench NAME=webhooks|provisioning|documents|sweep|nightly|registry|events|exports
	@exec $(BIN)/python -m bench $(NAME)

shell: $(VENV)/.installed ## A Python shell with the models
	@scripts/with-env $(BIN)/python manage.py shell

pins: ## Compile the pinned requirements again (needs uv)
	@uv pip compile --generate-hashes --no-emit-index-url --no-header --quiet --python-version 3.11 pyproject.toml -o requirements.txt
	@uv pip compile --generate-hashes --no-emit-index-url --no-header --quiet --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.txt
