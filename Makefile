# The project's tasks. `make serve` and `make test` set themselves up; a stamp says what is installed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve class setup train test lint picture bench-frame bench-peers bench-class bench-soak bench-start bench-train clean

serve: setup
	$(BIN)/python -m webapp

# One class on the local network, over https: prints the address, a QR code, the class code and the teacher's own address.
class: setup
	HANDSPELL_CLASS_MODE=lan $(BIN)/python -m webapp

# All that serving needs, and nothing is started: what the page loads is compressed here, so that no lesson waits for that.
setup: .venv/serve.stamp node_modules/serve.stamp
	$(BIN)/python -m webapp.assets

# What training needs: TensorFlow, and the hand tracker's models.
train: .venv/train.stamp node_modules/serve.stamp

test: .venv/test.stamp node_modules/test.stamp
	$(BIN)/python -m webapp.assets
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/test.stamp node_modules/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent types

# What README shows: the real page with a drawn hand before its camera.
picture: .venv/test.stamp node_modules/test.stamp
	$(BIN)/python -m tests.browser.screenshots

# How fast it is, one command each; what they found is in docs/performance.md. BENCH_ARGS="--help" lists the options.
bench-frame: .venv/test.stamp node_modules/serve.stamp
	$(BIN)/python -m benchmarks.frame $(BENCH_ARGS)

bench-peers: .venv/test.stamp node_modules/serve.stamp
	$(BIN)/python -m benchmarks.peers $(BENCH_ARGS)

bench-class: .venv/test.stamp node_modules/serve.stamp
	$(BIN)/python -m benchmarks.class_of_cameras $(BENCH_ARGS)

bench-soak: .venv/test.stamp node_modules/serve.stamp
	$(BIN)/python -m benchmarks.soak $(BENCH_ARGS)

bench-start: .venv/test.stamp node_modules/serve.stamp
	$(BIN)/python -m webapp.assets
	$(BIN)/python -m benchmarks.start $(BENCH_ARGS)

bench-train: .venv/test.stamp node_modules/serve.stamp
	$(BIN)/python -m benchmarks.train $(BENCH_ARGS)

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Handspell needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv

.venv/%.stamp: requirements-%.txt requirements-serve.txt requirements-train.txt constraints.txt | .venv/bin/python
	@echo "Installing what $< names; this takes a minute or two, once."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

# The page needs the Socket.IO client only; the tests also check types and accessibility.
node_modules/serve.stamp: package.json package-lock.json
	npm ci --omit=dev --no-audit --no-fund
	touch $@

node_modules/test.stamp: package.json package-lock.json
	npm ci --no-audit --no-fund
	touch node_modules/serve.stamp $@

clean:
	rm -rf .venv node_modules .handspell-packed
