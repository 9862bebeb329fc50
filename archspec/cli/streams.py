"""Streams: what is printed. A message is for whoever can read it; what a command makes must arrive.

give     to standard output: where it does not take all of it, the command has not done its work
say      to standard error: where it takes nothing, there is nobody to tell, and the exit code is what it was
"""

import os
import sys
from contextlib import suppress
from typing import IO, Any, TextIO

import click

from archspec.diagnostics.printable import printable

_NAMES = ("stdin", "stdout", "stderr")


class Unwritable(click.ClickException):
    """Standard output takes nothing more: it is closed, or the disk is full."""

    exit_code = 2

    @classmethod
    def by(cls, fault: OSError) -> "Unwritable":
        """What to say of this fault of the system."""
        return cls(f"standard output cannot be written: {fault.strerror}")

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints `error: ...` on `file`."""
        click.echo(f"error: {self.message}", file=file, err=file is None)


def hold() -> None:
    """Puts something in the place of each standard stream that the process was started without.

    Else the next file that is opened would be the standard output. What stands there fails when it is read or written,
    as a full disk does.
    """
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is None:
            mode = os.O_RDONLY if number else os.O_WRONLY
            os.open(os.devnull, mode)  # gets the lowest number that is free, which is this one
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115


def give(text: str, *, line_break: bool = True) -> None:
    """Prints `text` on standard output.

    Raises:
        Unwritable: it cannot be written.
        BrokenPipeError: the reader went away.
    """
    try:
        click.echo(text, nl=line_break)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unwritable.by(error) from None


def say(message: str, *, styled: bool = False) -> None:
    """Prints a message on standard error, if that can be.

    Args:
        message: one line or several.
        styled: it has colours of ours in it, and no text that is not printable.
    """
    shown = message if styled else "\n".join(map(printable, message.split("\n")))
    try:
        click.echo(shown, err=True)
    except OSError:
        silence(sys.stderr)


def silence(stream: TextIO) -> None:
    """Points a stream at nothing, so that the interpreter's own flush at its end has nothing to complain about."""
    with suppress(OSError, ValueError):  # one that is no file of the system's has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
