#!/bin/sh
# Writes the lock files of requirements/ from pyproject.toml. Run after a change of dependencies: make lock
set -eu
cd "$(dirname "$0")/.."
compile() { out=$1; shift; .venv/bin/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate --generate-hashes "$@" -o "requirements/$out"; }
compile run.txt pyproject.toml --extra postgres
compile dev.txt pyproject.toml --extra postgres --group pyproject.toml:dev
compile bench.txt pyproject.toml --extra postgres --group pyproject.toml:dev --group pyproject.toml:bench
compile domain.txt requirements/domain.in --group pyproject.toml:domain-test
