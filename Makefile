# `make` lists the targets. Each one runs its prerequisites by itself.

HOST ?= 127.0.0.1
PORT ?= 8000
CASES ?= 500
PEOPLE ?= 50
ROUNDS ?= 5
SECONDS ?= 3
export HOST PORT CASES

# All tools load the settings; with `local` they need no variable and no secret.
export TODOMATE_ENV := local

PYTHON_IN := .venv/bin/python
# Tools that only read the code use an empty database, so that none reads var/.
NO_DATA := DATABASE_URL=sqlite://:memory:

.DEFAULT_GOAL := help
.PHONY: help run reset-demo test test-sqlite test-mysql test-postgres test-last-release check lint format types arrows \
  migrations schema schemathesis clients delivery image stack mutants bench attack growth lock dev clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
	  awk -F'|' '{printf "  make %-18s %s\n", $$1, $$2}'

run: ## serve on http://127.0.0.1:8000, with a demo (for phones: HOST=0.0.0.0; PORT=8001)
	@scripts/run

reset-demo: ## put the demo of `make run` back as it was on the first day
	@scripts/install run
	@$(PYTHON_IN) manage.py demo --reset

test: ## run the tests on SQLite, and on MySQL and PostgreSQL if installed (ARGS="-k goals")
	@scripts/test all $(ARGS)

test-sqlite: ## run all tests on SQLite
	@scripts/test sqlite $(ARGS)

test-mysql: ## run all tests on MySQL or MariaDB (TEST_MYSQL_URL=mysql://user:password@host:port/)
	@scripts/test mysql $(ARGS)

test-postgres: ## run all tests on PostgreSQL (TEST_POSTGRES_URL=postgres://user:password@host:port/)
	@scripts/test postgres $(ARGS)

test-last-release: ## run the last release's tests on the new schema (ARGS="tests/week")
	@scripts/test-last-release $(ARGS)

check: lint types arrows migrations schema ## run the five checks of the code below

lint: dev ## check the style (ruff)
	@$(PYTHON_IN) -m ruff check .
	@$(PYTHON_IN) -m ruff format --check .

types: dev ## check the types (mypy)
	@$(NO_DATA) $(PYTHON_IN) -m mypy .

arrows: dev ## check the imports between packages (import-linter)
	@$(NO_DATA) $(PYTHON_IN) scripts/lint_imports.py

migrations: dev ## check that migrations are complete and the previous release can run on them
	@$(NO_DATA) $(PYTHON_IN) manage.py makemigrations --check --dry-run
	@$(NO_DATA) $(PYTHON_IN) manage.py lint_migrations

schema: dev ## check that the API's schema has no warnings and linters have no findings
	@$(NO_DATA) scripts/check-schema

schemathesis: dev ## send generated requests to a running server (CASES=5000)
	@$(PYTHON_IN) scripts/schemathesis $(CASES)

clients: dev ## generate clients from the schema, compile them and run a scenario with each (ARGS=kotlin)
	@scripts/install clients
	@$(PYTHON_IN) -m tests.clients $(ARGS)

delivery: dev ## check scripts, Dockerfiles, workflows, the AWS template and the compose files
	@scripts/check-delivery

image: dev ## build and test the image, with docker (an existing one: IMAGE=localhost/todomate:try)
	@scripts/image $(ARGS)

stack: dev ## deploy the image of `make image` in containers with deploy.sh, and test it
	@$(PYTHON_IN) -m pytest -q tests/stack/check_stack.py $(ARGS)

mutants: dev ## check that tests fail on each change of the most important rules (minutes)
	@scripts/mutants

bench: ## compare the speed with a bare function and plain DRF (PEOPLE=50 ROUNDS=5 SECONDS=3)
	@scripts/bench --people $(PEOPLE) --rounds $(ROUNDS) --seconds $(SECONDS) $(ARGS)

attack: dev ## kill workers and the database under load, and measure what others wait for (half an hour)
	@ATTACK=long $(PYTHON_IN) -m pytest -q -s --show-capture=no tests/attack/test_kills.py \
	  tests/attack/test_worst_requests.py tests/attack/check_fairness.py

growth: ## measure from 10 thousand to 10 million todos (BENCH_MYSQL_URL keeps the databases)
	@scripts/bench growth $(ARGS)

format: dev ## format the code (ruff)
	@$(PYTHON_IN) -m ruff check --fix .
	@$(PYTHON_IN) -m ruff format .

lock: ## pin the dependencies of pyproject.toml into requirements*.txt (newest: UPGRADE=1)
	@scripts/lock

dev: ## install what the targets above need, into .venv
	@scripts/install dev

clean: ## remove everything make has created, except for the data in var/
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis \
	  .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
