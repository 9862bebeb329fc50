"""Permit: how far a spec may reach by itself, and what whoever loads it lets it do besides.

A spec may come from anybody, so a small one stays cheap and reads no more than what belongs to it:

    copies   what uses of blocks and repeats add to the members that are written; a few lines can ask for millions
    paths    what it may `use`: what stands in its folder or in the gallery
    modules  whether modules of other packages that it names are run, to find their shapes: they are not
"""

from archspec.values.dataclass import dataclass
from archspec.values.run import Runner

# A network of 8,000 members takes `compile` 1 to 4 s; a ResNet-152 has 700, and a GPT-3 of 96 blocks 2,000.
COPIES = 8_000


@dataclass(frozen=True, slots=True)
class Permit:
    """What a spec may do.

    Attributes:
        copies: the most that uses of blocks and repeats may add, in members, further inputs and further outputs.
        paths: files and folders that `use` may reach besides those in the spec's own folder and the gallery.
        modules: imports and runs what `{op: module}` names, `archspec.run_modules`; None where it may not.
    """

    copies: int = COPIES
    paths: tuple[str, ...] = ()
    modules: Runner | None = None


NOTHING_MORE = Permit()


class OutsideFolder(LookupError):
    """A path under `use` that nobody allowed; the message and the cure are its arguments."""
