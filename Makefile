# One command sets up and runs the main job: make demo. One sets up and runs the tests: make test.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
RUNOFF := $(BIN)/runoff

.PHONY: demo test lint setup acceptance clean

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Runoff needs CPython 3.11 or newer with venv: install it, or name it by PYTHON=..."; exit 3; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local,dev]'
	touch $@

demo: setup  ## four starter tasks with the embedded model: installs, fetches, runs, reports
	$(RUNOFF) model fetch local
	$(RUNOFF) run -c demo -m local -o runs/demo

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A file's tests stay together: what they share is made once. More processes than two cores: a third of a test's time is waiting.
TESTERS ?= 3

test: lint  ## everything: linters, types, import directions, tests with the small live model
	$(RUNOFF) model fetch local-small
	$(BIN)/pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder

clean:
	rm -rf $(VENV) build *.egg-info

include acceptance/acceptance.mk
