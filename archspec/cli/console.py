"""What commands write: files, whole or not at all, and diagnostics."""

import sys
from collections.abc import Iterable
from pathlib import Path

from archspec.cli.application import Usage
from archspec.cli.own_ops import files_run
from archspec.cli.streams import give, say
from archspec.diagnostics.diagnostic import Diagnostic
from archspec.files import put

_STDIN = 0  # its descriptor: `archspec compile - -o net.yaml < net.yaml`


def write(path: Path, content: str | bytes, read: Iterable[str] = ()) -> None:
    """Writes `content` to `path` whole or not at all, and says so on stderr.

    Args:
        path: the file.
        content: all of it.
        read: the files that it was made from, which are never written over.

    Raises:
        Usage: it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        put(path, data, kept=(_STDIN, *read, *files_run()))
    except BrokenPipeError:
        raise
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError is a circle of symbolic links
        reason = getattr(error, "strerror", None) or str(error)
        raise Usage(f"{path} cannot be written: {reason}") from None
    say(f"wrote {path}")


def write_or_print(path: Path | None, content: str, read: Iterable[str] = ()) -> None:
    """Writes to `path` as `write` does; prints where there is no path."""
    if path is None or str(path) == "-":
        give(content, line_break=False)
    else:
        write(path, content, read)


def show_diagnostics(diagnostics: Iterable[Diagnostic], form: str = "full") -> None:
    """Prints diagnostics in `form`: on stderr, but on stdout what another program reads there."""
    shown = tuple(diagnostics)
    if not shown and form != "json":
        return
    from archspec.diagnostics.render import render

    text = render(shown, form, color=form == "full" and sys.stderr.isatty()).rstrip("\n")
    if text and form in ("json", "github"):
        give(text)
    elif text:
        say(text, styled=True)
