"""The Graphviz engine in a child process: its time on long skips grows without bound, and a child can be stopped."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

TIME_LIMIT = 30.0  # seconds

_CHILD = Path(__file__).with_name("engine_child.py")


class EngineStopped(Exception):
    """The engine gave no layout: it reached the time limit, or ended by itself with `reason`."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


def run(sources: Sequence[str], *, limit: float) -> list[dict[str, Any]]:
    """Graphviz's JSON for each DOT graph.

    Raises:
        EngineStopped: no layout within `limit` seconds, or the engine failed.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(_CHILD)],
            input=json.dumps(list(sources)).encode(),
            capture_output=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise EngineStopped from None
    if done.returncode:
        raise EngineStopped(done.stderr.decode(errors="replace").strip() or f"exit status {done.returncode}")
    return cast(list[dict[str, Any]], json.loads(done.stdout))
