"""Text: reads what the user named, as bytes, into a Source. Whatever cannot be read is a diagnostic."""

import re
import sys
from pathlib import Path

from archspec.diagnostics.diagnostic import Diagnostic, Source, Span, SpecError
from archspec.diagnostics.lines import split_lines

MAX_BYTES = 32 * 2**20
STDIN = "<stdin>"
TEXT = "<text>"  # a spec that a program gives as text
SUFFIXES = (".yaml", ".yml")
# Ending of a file -> what it holds, where that is no text.
BINARY = {
    ".onnx": "a model of ONNX",
    ".pt": "a model or the weights of PyTorch",
    ".pth": "a model or the weights of PyTorch",
    ".pt2": "a model of PyTorch",
    ".ckpt": "a checkpoint",
    ".safetensors": "weights",
    ".h5": "a model of Keras",
    ".keras": "a model of Keras",
    ".tflite": "a model of TensorFlow Lite",
    ".pb": "a model of TensorFlow",
}
IMPORTED = (".onnx", ".pt2", ".pt", ".pth")  # those of which `archspec import` makes a spec
_FIRST_KEY = re.compile(r"""^(?:\{\s*)?["']?archspec["']?\s*:""", re.MULTILINE)


def holds_spec(text: str) -> bool:
    """Whether a text is meant as a spec: a line of it starts with the key `archspec`. Nothing else of it is read."""
    return _FIRST_KEY.search(text) is not None


def may_be_shown(source: Source) -> bool:
    """Whether messages may show lines of a source: it is called as specs are, or holds one.

    A path may come from somebody who may not read what it leads to.
    """
    return source.name in (STDIN, TEXT) or Path(source.name).suffix in SUFFIXES or holds_spec(source.text)


def read(path: str) -> Source:
    """The text at `path`, `-` for standard input.

    Raises:
        SpecError: unreadable-file, too-large, encoding.
    """
    name = STDIN if path == "-" else path
    try:
        if path == "-":
            return decode(name, sys.stdin.buffer.read(MAX_BYTES + 1))
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as fault:
        raise SpecError((_unreadable(name, fault),)) from fault
    return decode(name, data)


def decode(name: str, data: bytes) -> Source:
    """The Source called `name` whose bytes are `data`: UTF-8, a byte order mark tolerated.

    Raises:
        SpecError: not-a-spec, too-large, encoding.
    """
    what = BINARY.get(Path(name).suffix.lower())
    if what is not None:
        span = Span(Source(name, ""), 1, 1, 1, 1)
        help = "what is drawn and counted here is the text of a spec: `archspec init` writes one to start from"
        if Path(name).suffix.lower() in IMPORTED:
            help = f"archspec import {name} writes the model in it as a spec"
        raise SpecError((Diagnostic("not-a-spec", f"{name} holds {what}, and no spec", span, help=help),))
    if len(data) > MAX_BYTES:
        raise SpecError((_too_large(name),))
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise SpecError((_undecodable(name, data, fault.start),)) from fault


def _unreadable(path: str, fault: OSError | ValueError) -> Diagnostic:
    reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    message = f"{path} cannot be read: {reason[:1].lower()}{reason[1:]}"
    return Diagnostic("unreadable-file", message, Span(Source(path, ""), 1, 1, 1, 1))


def _too_large(name: str) -> Diagnostic:
    message = f"{name} is larger than {MAX_BYTES // 2**20} MiB"
    return Diagnostic("too-large", message, Span(Source(name, ""), 1, 1, 1, 1))


def _undecodable(name: str, data: bytes, at: int) -> Diagnostic:
    byte = data[at]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message = f"{name} is UTF-16, and a spec is UTF-8"
        return Diagnostic("encoding", message, Span(Source(name, ""), 1, 1, 1, 1), help="save the file as UTF-8")
    source = Source(name, data.decode("utf-8", "replace").removeprefix("\ufeff"))
    if not may_be_shown(source):
        source = Source(name, "")
    before = split_lines(data[:at].decode("utf-8-sig"))
    line, column = len(before), len(before[-1]) + 1
    return Diagnostic(
        "encoding",
        f"byte 0x{byte:02x} is not UTF-8",
        Span(source, line, column, line, column + 1),
        help="save the file as UTF-8",
    )
