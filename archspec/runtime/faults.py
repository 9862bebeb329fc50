"""Faults of the user's code in few words: what it raised, and where in his files."""

import sys
import traceback
from pathlib import Path

import torch

FRAMES = 4
_PYTHON = str(Path(traceback.__file__).parent)
_LIBRARY = (str(Path(torch.__file__).parent), str(Path(__file__).parents[1]))


def blamed(what: str, fault: BaseException) -> str:
    """A message with the last lines of the user's own code on the way to a fault."""
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if not _is_library(frame.filename)]
    lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}: {frame.line}" for frame in frames[-FRAMES:]]
    said = next(iter(str(fault).splitlines()), "")
    return "\n".join([f"{what}: {type(fault).__name__}: {said}", *lines])


def _is_library(filename: str) -> bool:
    """Whether a file is torch's, ours, or Python's own."""
    own = filename.startswith(_PYTHON) and "site-packages" not in filename
    return own or filename.startswith((*_LIBRARY, "<frozen")) or filename == sys.argv[0]
