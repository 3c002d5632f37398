# The project's tasks. `make serve` and `make test` set themselves up; a stamp in .venv says what is installed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve test lint clean

serve: .venv/serve.stamp node_modules/.stamp
	$(BIN)/python -m webapp

test: .venv/test.stamp node_modules/.stamp
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Handspell needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv

.venv/%.stamp: requirements-%.txt requirements-serve.txt requirements-train.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

node_modules/.stamp: package.json package-lock.json
	npm ci --no-audit --no-fund
	touch $@

clean:
	rm -rf .venv node_modules
