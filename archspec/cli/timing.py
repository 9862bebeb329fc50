"""The options that say how a network runs whose time is asked for."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

import click

from archspec.values.dataclass import dataclass

if TYPE_CHECKING:
    from archspec.speed.roofline import Run

F = TypeVar("F", bound=Callable[..., None])
DTYPES = ("float64", "float32", "tf32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True)
class Timing:
    """How networks run.

    Attributes:
        device: a name, or a file with one; None where it was not given.
        batch: samples at a time.
        dtype: of parameters and values; None for the usual one of the device.
        training: a step of training, not inference.
    """

    device: str | None
    batch: int
    dtype: str | None
    training: bool

    def run_on(self, device: str) -> "Run":
        """A run on this device. Raises SpecError where there is none, Usage where it does not compute in the type."""
        from archspec.cli.application import Usage
        from archspec.speed.device import find_device
        from archspec.speed.roofline import Run

        found = find_device(device)
        chosen = self.dtype or found.widest
        if chosen not in found.flops:
            raise Usage(f"{found.name} does not compute in {chosen}; it does in {', '.join(found.flops)}")
        return Run(found, self.batch, chosen, self.training)

    def run_if(self, asked: bool) -> "Run | None":
        """How networks run whose time is `asked` for. Raises Usage where no device says it, or options say nothing."""
        from archspec.cli.application import Usage

        if self.device is not None:
            return self.run_on(self.device)
        if asked:
            raise Usage("time is that of a device: name it with --device, such as --device a100-80gb")
        if self.batch > 1 or self.dtype is not None or self.training:
            raise Usage("--batch, --dtype and --training are of the time on a device: name it with --device")
        return None


def timing_options(*, device: str) -> Callable[[F], Callable[..., None]]:
    """Gives a command --device, with this help, --batch, --dtype and --training, as `timing`."""

    def decorator(command: F) -> Callable[..., None]:
        @click.option("--device", metavar="NAME|FILE", help=device)
        @click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True, help="Samples at a time.")
        @click.option("--dtype", type=click.Choice(DTYPES), help="Of parameters and values; float32 without it.")
        @click.option("--training", is_flag=True, help="A step of training: forwards, backwards and the optimiser.")
        @wraps(command)
        def with_timing(
            *given: object, device: str | None, batch: int, dtype: str | None, training: bool, **rest: object
        ) -> None:
            command(*given, timing=Timing(device, batch, dtype, training), **rest)

        return with_timing

    return decorator
