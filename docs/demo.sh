#!/bin/sh
# Sets up a virtual environment and runs the main job: a gallery network to PyTorch source and to a picture.
set -eu
cd "$(dirname "$0")/.."
. .ci/venv.sh

install --editable .
mkdir -p out
"$venv/bin/archspec" compile googlenet --output out/googlenet.py
"$venv/bin/archspec" draw googlenet --output out/googlenet.svg
"$venv/bin/archspec" summary googlenet
