# `make` alone lists the words. Each one sees to its own prerequisites, so none has to be run before another.

HOST ?= 127.0.0.1
PORT ?= 8000
CASES ?= 500
PEOPLE ?= 50
ROUNDS ?= 5
SECONDS ?= 3
export HOST PORT CASES

# Every tool here loads the settings; local ones need no variable and no secret.
export TODOMATE_ENV := local

PYTHON_IN := .venv/bin/python
# The tools that only read the code get an empty database of their own, so that none looks into var/.
NO_DATA := DATABASE_URL=sqlite://:memory:

.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite test-mysql test-last-release check lint format types arrows migrations schema schemathesis delivery image stack mutants bench growth lock dev clean

help: ## list these words
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "  make %-18s %s\n", $$1, $$2}'

run: ## serve on http://127.0.0.1:8000, with a demo (elsewhere: PORT=8001 make run)
	@scripts/run

test: ## the whole suite on SQLite, and on MySQL or MariaDB where one can be had (ARGS="-k goals")
	@scripts/test all $(ARGS)

test-sqlite: ## the suite on SQLite alone
	@scripts/test sqlite $(ARGS)

test-mysql: ## the suite on MySQL or MariaDB; fails where none can be had (TEST_MYSQL_URL=mysql://user:password@host:port/)
	@scripts/test mysql $(ARGS)

test-last-release: ## the last release's suite on today's schema, which it serves on during a deploy (ARGS="tests/week")
	@scripts/test-last-release $(ARGS)

check: lint types arrows migrations schema ## everything that reads the code: the five words below

lint: dev ## style (ruff)
	@$(PYTHON_IN) -m ruff check .
	@$(PYTHON_IN) -m ruff format --check .

types: dev ## types (mypy)
	@$(NO_DATA) $(PYTHON_IN) -m mypy .

arrows: dev ## who may import whom (import-linter)
	@$(NO_DATA) $(PYTHON_IN) scripts/lint_imports.py

migrations: dev ## every change of a model has its migration, and the release before can serve on it
	@$(NO_DATA) $(PYTHON_IN) manage.py makemigrations --check --dry-run
	@$(NO_DATA) $(PYTHON_IN) manage.py lint_migrations

schema: dev ## the API's schema has no warnings, and a TypeScript client made from it compiles
	@$(NO_DATA) scripts/check-schema

schemathesis: dev ## throw invented requests at a running server (CASES=5000)
	@$(PYTHON_IN) scripts/schemathesis $(CASES)

delivery: dev ## everything that reads what delivers: scripts, Dockerfiles, workflows, AWS's template, compose files
	@scripts/check-delivery

image: dev ## build the image and try it, with docker (one that is there already: IMAGE=localhost/todomate:try)
	@scripts/image $(ARGS)

stack: dev ## the whole server in containers, deployed with deploy.sh, with the image that `make image` has built
	@$(PYTHON_IN) -m pytest -q tests/stack/check_stack.py $(ARGS)

mutants: dev ## no changed line of visibility.py and recurrence.py goes unnoticed by the tests (minutes)
	@scripts/mutants

bench: ## how fast it is against a bare function and plain DRF (PEOPLE=50 ROUNDS=5 SECONDS=3; benchmarks/README.md)
	@scripts/bench --people $(PEOPLE) --rounds $(ROUNDS) --seconds $(SECONDS) $(ARGS)

growth: ## how that changes from 10 thousand todos to 10 million (BENCH_MYSQL_URL=mysql://user:password@host:port/)
	@scripts/bench growth $(ARGS)

format: dev ## put the code in order (ruff)
	@$(PYTHON_IN) -m ruff check --fix .
	@$(PYTHON_IN) -m ruff format .

lock: ## pin the dependencies of pyproject.toml, with hashes, into requirements*.txt (newest: UPGRADE=1)
	@scripts/lock

dev: ## install what the words above need, into .venv
	@scripts/install dev

clean: ## remove what make made, but for the data in var/
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
