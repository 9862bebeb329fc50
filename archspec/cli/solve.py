"""`archspec solve`: the value of a param that keeps to a budget."""

from typing import TYPE_CHECKING

import click

from archspec.cli.options import Request, spec_options
from archspec.cli.timing import Timing, timing_options

if TYPE_CHECKING:
    from archspec.search.condition import Formula
    from archspec.search.solve import Solved, Tried


@click.command()
@spec_options
@click.argument("budget", metavar="BUDGET")
@click.option(
    "--for",
    "param",
    required=True,
    metavar="NAME[=VALUES]",
    help="The param, and the values to choose from: width, width=8..256:8.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="As what."
)
@timing_options(device="The device whose `time` conditions read: one of the table of `archspec time`, or a YAML file.")
def solve(request: Request, /, budget: str, param: str, form: str, timing: Timing) -> None:
    """Find the value of a param that keeps to a budget: 'macs <= 600M and params < 5M'.

    It is the largest such value; where the budget asks for much, 'params > 5M', the smallest. Without VALUES, of the
    whole numbers from 1 on. What --set and --input say holds throughout.
    """
    from archspec.cli.streams import give
    from archspec.measures.time import MEASURE
    from archspec.search.condition import formula
    from archspec.search.counting import Counting
    from archspec.search.given import Given
    from archspec.search.solve import solve as solution
    from archspec.search.task import asked_for

    reading = request.reading()
    condition = formula(Given("solve", budget), reading.spec)
    followed = condition.followed()
    asked = asked_for(followed, timing.run_if(MEASURE.name in followed))
    found = solution(reading.spec, Counting(reading, asked=asked), Given("--for", param), condition)
    give(_json(found, condition) if form == "json" else "\n".join(_lines(found, condition)))


def _lines(found: "Solved", budget: "Formula") -> list[str]:
    from archspec.search.condition import countable, in_words, measured
    from archspec.search.report import label
    from archspec.tables.quantity import human

    def figures(tried: "Tried") -> str:
        counts = measured(tried.figures)
        shown = dict.fromkeys(("params", "macs", *(name for name in budget.counted() if name in countable())))
        return ", ".join(
            f"{label(name)} {counts[name]:,} ({(in_words(name) or human)(counts[name])})" for name in shown
        )

    lines = [f"{found.param}={found.best.value}: {figures(found.best)}"]
    if found.next is not None:
        lines.append(f"next, {found.param}={found.next.value} breaks it: {figures(found.next)}")
    if found.unbounded:
        lines.append("the budget still holds there: it is the largest value that was tried")
    if found.again is not None:
        lines.append(f"it holds again at {found.param}={found.again.value}: {figures(found.again)}")
    return lines


def _json(found: "Solved", budget: "Formula") -> str:
    import json

    from archspec.search.condition import measured

    def record(tried: "Tried | None") -> dict[str, object] | None:
        return None if tried is None else {"value": tried.value, **measured(tried.figures)}

    document = {
        "param": found.param,
        "budget": budget.given.text,
        "best": record(found.best),
        "next": record(found.next),
        "again": record(found.again),
        "unbounded": found.unbounded,
        "tried": found.looked_at,
    }
    return json.dumps(document, indent=2)
