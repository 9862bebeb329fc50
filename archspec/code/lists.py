"""Lists: how long a class that takes any number of values holds what it makes of each of them.

brought = [bring(x) for bring, x in zip(self.brought, maps)]      all of them, as long as the list has its name
"""

from collections.abc import Iterator, Mapping, Sequence

from archspec.code.liveness import Lingering, Timing
from archspec.diagnostics.diagnostic import Span
from archspec.language.names import holder


def lists_of(timings: Sequence[Timing], lists: Mapping[Span, Mapping[str, bool]]) -> dict[Timing, list[Lingering]]:
    """Class of one number of values -> what its lists hold although nothing reads it any longer.

    Args:
        timings: of all classes, of which those of one block are one in the source.
        lists: where such a block is written -> values of its largest number in lists, and whether these are deleted.
    """
    blocks: dict[Span, list[Timing]] = {}
    for timing in timings:
        if (span := timing.body.template.definition.span) in lists:
            blocks.setdefault(span, []).append(timing)
    return {
        timing: list(_held(timing, _parts(block, lists[span]))) for span, block in blocks.items() for timing in block
    }


def _parts(block: Sequence[Timing], values: Mapping[str, bool]) -> dict[str, bool]:
    """The lists of parts that make the values in lists -> whether the latter are deleted."""
    largest = max(block, key=lambda timing: len(timing.body.template.definition.inputs))
    lists = _lists(largest)
    named = ((name, local) for names in largest.bound for name, local in names.items() if name in values)
    return {lists[local.member]: values[name] for name, local in named if lists.get(local.member)}


def _lists(timing: Timing) -> dict[str, str]:
    """Name of a part -> the list of parts that it stands in, "" where it stands in none."""
    template = timing.body.template
    return {part.name: holder(label) for part, label in zip(template.parts, template.labels, strict=True)}


def _held(timing: Timing, parts: Mapping[str, bool]) -> Iterator[Lingering]:
    count, lists = len(timing.steps), _lists(timing)
    made = [(at, local) for at, step in enumerate(timing.steps) for local in step.gives]
    listed = [(timing.last.get(local, at), local, lists.get(local.member, "")) for at, local in made]
    ends: dict[str, int] = {}
    for last, _, part in listed:
        if part in parts:
            ends[part] = max(ends.get(part, 0), last) if parts[part] else count
    yield from (Lingering(last, ends[part], (), local) for last, local, part in listed if part in ends)
