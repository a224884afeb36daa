# Two commands matter: `make up` runs Signet, `make test` tests it. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
DATA ?= $(or $(SIGNET_DATA),var)
ARGS ?=

export SIGNET_TEST_LONG

BIN = .venv/bin
COMPILE = uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help up test test-services test-browser test-long coverage lint format lock install

help: ## List these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

up: export SIGNET_DATA := $(DATA)
up: export SIGNET_PORT := $(PORT)
up: ## Install, prepare and run Signet (PORT=8000 DATA=var); Ctrl-C stops it
	@exec $(PYTHON) manage.py up $(ARGS)

test: ## Run the tests on SQLite: no service, no root, no Node (ARGS="tests/audit -k seal")
	@$(PYTHON) manage.py test -n logical --dist worksteal $(ARGS)

test-services: install ## Run the same tests on PostgreSQL, Redis or Valkey, and S3
	@$(PYTHON) manage.py install mlflow2
	@$(BIN)/python -m tests.services.run -n logical --dist worksteal $(ARGS)

test-browser: ## Drive Chromium through the pages
	@$(PYTHON) manage.py test -m browser -n logical --dist worksteal $(ARGS)

test-long: SIGNET_TEST_LONG = 1
test-long: coverage test-services ## Run the tests with large counts, and hold their coverage

coverage: ## Run the tests on SQLite, and hold the branches they cover to 95 %
	@$(PYTHON) manage.py test -n logical --dist worksteal --cov $(ARGS)

lint: install ## Check format, style, types, layers, migrations and unsafe calls
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --no-cache --no-logo
	@DJANGO_SETTINGS_MODULE=registry_site.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/bandit --quiet --severity-level medium --recursive --configfile pyproject.toml apps registry_site manage.py

format: install ## Format the code and mend what can be mended
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --quiet --fix

lock: ## Lock the dependencies again (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	$(COMPILE) pyproject.toml -o requirements/base.txt
	$(COMPILE) pyproject.toml --group demo -c requirements/base.txt -o requirements/demo.txt
	$(COMPILE) pyproject.toml --group dev -c requirements/demo.txt -o requirements/dev.txt
	$(COMPILE) pyproject.toml --group traces -c requirements/base.txt -o requirements/traces.txt
	$(COMPILE) --group mlflow2 -o requirements/mlflow2.txt

install:
	@$(PYTHON) manage.py install dev
