"""The group of commands, and the one place that turns what went wrong into a message and an exit code."""

import sys
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from keyword import iskeyword
from typing import IO, Any, NoReturn

import click

from archspec.cli.streams import Unwritable, say, silence
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
        """Prints `error: ...` on `file`."""
        click.echo(f"error: {self.message}", file=file, err=file is None)


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """What a command that found these exits with. A spec that could not be read is not a wrong one."""
    errors = [d for d in diagnostics if d.severity == "error"]
    if any(d.code in UNREADABLE and not d.span.source.text for d in errors):
        return WRONG_USAGE
    return SPEC_IS_WRONG if errors else 0


class Commands(MutableMapping[str, click.Command]):
    """Commands by name, each imported when it is asked for: `receptive-field` is the one in `receptive_field.py`."""

    def __init__(self, *names: str) -> None:
        self._known: dict[str, click.Command | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> click.Command:
        found = self._known[name]
        if found is None:
            module = name.replace("-", "_")
            module = f"{module}_" if iskeyword(module) else module
            held = vars(import_module(f"archspec.cli.{module}")).values()
            found = next(one for one in held if isinstance(one, click.Command) and one.name == name)
            self._known[name] = found
        return found

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._known[name] = command

    def __delitem__(self, name: str) -> None:
        del self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


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

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Reads the options before the command. Whatever is wrong with them ends as one message."""
        with _endings():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command. Whatever it raises ends as one message."""
        with _endings(ctx):
            result = super().invoke(ctx)
            sys.stdout.flush()
        return result


@contextmanager
def _endings(ctx: click.Context | None = None) -> Iterator[None]:
    """Turns whatever is raised inside into a message and an exit code."""
    try:
        yield
    except (click.exceptions.Exit, click.Abort):
        raise
    except click.ClickException as error:
        _tell(error)
    except SpecError as error:
        from archspec.cli.console import show_diagnostics

        show_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(exit_code(error.diagnostics)) from None
    except KeyboardInterrupt:
        say("interrupted")
        raise click.exceptions.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        silence(sys.stdout)
        raise click.exceptions.Exit(READER_GONE) from None
    except Exception as fault:  # noqa: BLE001
        if isinstance(fault, OSError) and fault.filename is None:  # of a stream: click printed a help
            _tell(Unwritable.by(fault))
        debug = ctx is not None and bool(ctx.obj)
        if debug:
            import traceback

            say("".join(traceback.format_exception(fault)).rstrip("\n"))
        _end_by_fault(fault)


def _tell(error: click.ClickException) -> NoReturn:
    if isinstance(error, Unwritable):
        silence(sys.stdout)
    told = StringIO()
    error.show(told)
    say(told.getvalue().rstrip("\n"))
    raise click.exceptions.Exit(error.exit_code) from None


def _end_by_fault(fault: Exception) -> NoReturn:
    """Says whose fault it is: of the user's own op where it raised in its file, else archspec's."""
    from archspec import __version__
    from archspec.ops.blame import blamed, own_ops
    from archspec.ops.guard import described

    own = blamed(fault)
    if own is not None:
        say(f"error: {own}")
        raise click.exceptions.Exit(WRONG_USAGE) from None
    ops = own_ops()
    whose = f"or in an op of your own ({', '.join(ops)})" if ops else "itself"
    say(
        f"error: a fault in archspec {__version__} {whose}, not in your spec: {described(fault)}\n"
        "Report it with the spec and the output of the same command under ARCHSPEC_DEBUG=1, which adds the traceback."
    )
    raise click.exceptions.Exit(OUR_FAULT) from None
