"""The group of commands, and the one place that turns what went wrong into a message and an exit code."""

import os
import sys
from collections.abc import Iterable
from typing import IO, Any, NoReturn

import click

from archspec.diagnostics.diagnostic import Diagnostic, SpecError

SPEC_IS_WRONG = 1
WRONG_USAGE = 2
OUR_FAULT = 70
INTERRUPTED = 130
READER_GONE = 141

UNREADABLE = ("unreadable-file", "spec-not-found")


class Usage(click.ClickException):
    """What was asked for cannot be done here: a file that cannot be written, a package that is not installed."""

    exit_code = WRONG_USAGE

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints `error: ...` on stderr."""
        click.echo(f"error: {self.message}", file=file, err=file is None)


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """What a command that found these exits with. A spec that could not be read is not a wrong one."""
    errors = [d for d in diagnostics if d.severity == "error"]
    if any(d.code in UNREADABLE and not d.span.source.text for d in errors):
        return WRONG_USAGE
    return SPEC_IS_WRONG if errors else 0


class Application(click.Group):
    """Commands in the order they were added, whose faults end in messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the signature is click's
        """Command names in the order of the README rather than of the alphabet."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command meant; offers the nearest where there is none."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from archspec.registry import nearest

            offered = nearest(args[0], self.commands)
            hint = f" Did you mean '{offered}'?" if offered else ""
            ctx.fail(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command. Whatever it raises ends as one message."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except SpecError as error:
            from archspec.cli.console import show_diagnostics

            show_diagnostics(error.diagnostics)
            ctx.exit(exit_code(error.diagnostics))
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            _quiet_stdout()
            ctx.exit(READER_GONE)
        except Exception as fault:  # noqa: BLE001
            _our_fault(ctx, fault)
        return result


def _quiet_stdout() -> None:
    """Points stdout at nothing, so that the interpreter's own flush at exit has nobody to complain about."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _our_fault(ctx: click.Context, fault: Exception) -> NoReturn:
    if ctx.obj:
        import traceback

        click.echo("".join(traceback.format_exception(fault)), err=True, nl=False)
    from archspec import __version__

    described = f"{type(fault).__name__}: {fault}" if str(fault) else type(fault).__name__
    click.echo(
        f"error: a fault in archspec {__version__} itself, not in your spec: {described}\n"
        "Report it with the spec and the output of the same command under ARCHSPEC_DEBUG=1, which adds the traceback.",
        err=True,
    )
    ctx.exit(OUR_FAULT)
