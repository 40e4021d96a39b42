# make run: everything, locally, with samples. make test: the whole suite. make check: what CI holds.
PYTHON ?= python3
BIN := .venv/bin
# Where the environment forbids bytecode, each process that a test starts would compile the program anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: install run test check format lint types imports chaos incidents fuzz siege mutants lock wheel clean

install: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@echo "Installing into .venv; this takes a minute or more …"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip uninstall --quiet --disable-pip-version-check --yes setuptools
	touch $@

run: install
	$(BIN)/relay demo

# Integration tests wait more than they compute: three at a time keep two cores busy.
test: install
	$(BIN)/python -m pytest tests/unit tests/connectors -n 2
	$(BIN)/python -m pytest tests/integration -n 3 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest tests/chaos

check: format lint types imports test

format: install
	$(BIN)/ruff format --check .

lint: install
	$(BIN)/ruff check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports --no-cache

chaos: install
	$(BIN)/python -m tests.chaos

incidents: install
	$(BIN)/python -m tests.incidents

fuzz: install
	$(BIN)/python -m tests.fuzz

siege: install
	$(BIN)/python -m tests.siege

mutants: install
	$(BIN)/python -m tests.mutants.by_hand
	$(BIN)/python -m tests.mutants

COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url

# What developers install, what production does (the same versions, without tools), and what makes a wheel.
lock:
	$(COMPILE) --all-extras --group dev pyproject.toml -o requirements.lock
	$(COMPILE) --extra otel --extra sentry --constraints requirements.lock pyproject.toml -o requirements-runtime.lock
	echo "hatchling==1.33.0" | $(COMPILE) --constraints requirements.lock - -o requirements-build.lock

wheel: install
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf .venv var dist
