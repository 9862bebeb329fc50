"""What commands write: files, whole or not at all, and diagnostics."""

import sys
from collections.abc import Iterable
from pathlib import Path

from archspec.cli.application import Usage
from archspec.cli.streams import give, say
from archspec.diagnostics.diagnostic import Diagnostic
from archspec.files import put


def write(path: Path, content: str | bytes) -> None:
    """Writes `content` to `path` whole or not at all: into a file beside it, which then takes its place.

    A path that is there and is no regular file (`/dev/stdout`, a pipe) is written to directly.

    Raises:
        Usage: it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            put(path.resolve(), data)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Usage(f"{path} cannot be written: {reason}") from None


def write_or_print(path: Path | None, content: str) -> None:
    """Writes to `path` and says so on stderr; prints where there is no path."""
    if path is None or str(path) == "-":
        give(content, line_break=False)
    else:
        write(path, content)
        say(f"wrote {path}")


def show_diagnostics(diagnostics: Iterable[Diagnostic], form: str = "full") -> None:
    """Prints diagnostics in `form`: on stderr, but JSON on stdout, where another program reads it."""
    shown = tuple(diagnostics)
    if not shown and form != "json":
        return
    from archspec.diagnostics.render import render

    text = render(shown, form, color=form == "full" and sys.stderr.isatty()).rstrip("\n")
    if text and form == "json":
        give(text)
    elif text:
        say(text, styled=True)
