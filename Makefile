# demo     load the demonstration county and serve it    test   every test, SQLite and PostgreSQL, browser included
# test-all test, proofs of minutes, faults put in       check  format, lint, types, arrow, docs
# bench    measure against peers, write docs/benchmarks.md
PY := .venv/bin/python
BIN := .venv/bin
ASSETS := src/riverchief_server/assets/.built
TESTABLE := .venv/.ready $(ASSETS) .venv/.browser .venv/.broker
WEB_SOURCES := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)

.PHONY: demo test test-all ci check bench lock wheel wheelhouse web client clean

demo: .venv/.ready $(ASSETS)
	$(BIN)/riverchief demo

test: $(TESTABLE)
	$(PY) tools/run_tests.py

test-all: $(TESTABLE) .venv/.bench
	$(PY) tools/run_tests.py --all

ci: $(TESTABLE)
	$(PY) tools/run_tests.py --ci

check: .venv/.ready $(ASSETS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/towncrier build --draft --version next > /dev/null
	$(PY) tools/check_client.py
	sh tools/npm.sh run --silent check

bench: .venv/.bench
	$(PY) -m benchmarks

# the browser's client, written anew from what the server says of itself
client: web/node_modules/.ready
	$(PY) tools/check_client.py --write

wheel: .venv/.ready $(ASSETS)
	rm -f dist/riverchief-*.whl
	$(PY) -m build --wheel --no-isolation --outdir dist > /dev/null

# everything to install where there is no internet, in one archive
wheelhouse: wheel
	$(PY) tools/wheelhouse.py

web: $(ASSETS)

lock: .venv/.ready
	tools/lock.sh

clean:
	rm -rf .venv build dist src/riverchief_server/assets web/node_modules

# A virtual environment with exactly the locked versions; uv only because it is ten times faster than pip.
.venv/.ready: requirements/dev.txt pyproject.toml
	sh tools/debian_packages.sh venv
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check "uv==0.13.9"
	$(BIN)/uv pip install --quiet -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv/.bench: .venv/.ready requirements/bench.txt
	$(BIN)/uv pip install --quiet -r requirements/bench.txt
	touch $@

# node and npm come from a wheel, so nobody has to install them
web/node_modules/.ready: .venv/.ready web/package.json web/package-lock.json
	sh tools/npm.sh ci --loglevel=error
	touch $@

$(ASSETS): web/node_modules/.ready $(WEB_SOURCES)
	sh tools/npm.sh run --silent build
	$(PY) -m servestatic.compress --quiet src/riverchief_server/assets
	touch $@

.venv/.broker: .venv/.ready
	sh tools/debian_packages.sh broker
	touch $@

.venv/.browser: .venv/.ready
	sh tools/debian_packages.sh browser
	touch $@
