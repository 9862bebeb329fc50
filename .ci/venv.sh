# Sourced by docs/demo.sh and tests/run.sh: makes the virtual environment $ARCHSPEC_VENV (.venv without it) where there is none.

venv=${ARCHSPEC_VENV:-.venv}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ ! -x "$venv/bin/python" ]; then
    python=
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$candidate"; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "archspec needs Python 3.11 or newer; name one: PYTHON=/path/to/python3.12 sh $0" >&2
        exit 2
    fi
    "$python" -m venv "$venv"
fi

install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt "$@"
}
