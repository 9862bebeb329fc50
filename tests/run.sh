#!/bin/sh
# Sets up a virtual environment and passes the tests: lint, format, types, pytest. Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."
. .ci/venv.sh

# torch comes first and by its exact version: a range would fetch the newest build with everything it brings. torchvision, an
# oracle of the tests alone, must not choose another torch.
install torch==2.13.0
install --no-deps torchvision==0.28.0
install --editable '.[torch,dev]'

"$venv/bin/ruff" check .
"$venv/bin/ruff" format --check .
"$venv/bin/mypy"
# Tests start some 300 processes, and each would compile archspec anew where its bytecode may not be kept.
unset PYTHONDONTWRITEBYTECODE
# Each process takes the tests of a file in a row, since they share what they set up, and at the end what another has left.
exec "$venv/bin/python" -m pytest -n 2 --dist worksteal "$@"
