"""Turns: how often a loop calls one module, where an argument or a size of an input says it.

rest: {share: step, repeat: $(steps - 1)}              for _ in range(self.steps - 1): x = self.step(x)
rest: {share: step, repeat: $(words.shape.0 - 1)}      for _ in range(words.shape[1] - 1): x = self.step(x, words)

No turn is right too: what the loop is given is what it gives then.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from archspec.code.counted import between, decide_count, shown, written_alike
from archspec.code.followed import Sizes
from archspec.code.parts import RunPart, SequencePart
from archspec.code.template_names import measured_inputs
from archspec.graph.graph import Local

if TYPE_CHECKING:
    from archspec.code.sizes import Walk


def settle_turns(
    walk: "Walk", part: SequencePart, taken: list[tuple[Sizes, ...]], found: Mapping[Local, Sizes]
) -> None:
    """Records how often the one module of a repeat is called, where the source may say it by what a run knows.

    Args:
        walk: that of the template that it stands in.
        part: the repeat, of which all parts are one module around it.
        taken: the sizes that each of its parts reads.
        found: what each gives.
    """
    own, repeat = walk.own, part.site.repeat
    if repeat is None or not _says_all(part) or not shown(walk.settling, part):
        return
    made = walk.names.at_run_time(repeat)
    if made is not None and any(measured_inputs(made)):
        own.counts[part] = made
        return
    written = walk.times(part)
    sizes = [between(part, taken, found, place) for place in range(len(part.carried))]
    if own.rooted(written.names) and all(written_alike(one, handed[0]) for handed in sizes for one in handed):
        decide_count(walk.settling, own, part, written)


def _says_all(part: SequencePart) -> bool:
    """Whether one loop says all parts of a repeat: they are written alike, and nothing reads any but the last."""
    sites = {id(item.site) for item in part.items}
    plain = not any(isinstance(item, RunPart) or item.site.apart for item in part.items)
    return bool(part.carried) and len(part.stretches) == 1 and len(sites) == 1 and plain and not part.share
