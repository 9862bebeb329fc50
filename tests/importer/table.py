"""The table of what import makes of other people's models.

    python tests/importer/table.py torchvision --slice 0:20 --write

Nothing is downloaded: all weights are random. A row says whether a model is a spec as a whole, with opaque members, or
refused and why; how many lines the spec has; whether the keys are equal, and the outputs. With --write the rows go to
tests/reference/imports.csv, in the place of those of the same models, and docs/reference/imports.md is made anew.
"""

import argparse
import gc
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import FrameType

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the archspec beside these tests

from archspec.importer.importing import Imported, Wish
from archspec.importer.importing import import_module as imported
from archspec.importer.inputs import KINDS
from archspec.importer.made import logged
from archspec.importer.refused import ImportFault, Refused
from docs.imports import write_page
from tests.importer import results
from tests.importer.model import Model, Sizes
from tests.importer.models import SOURCES
from tests.importer.results import Row

MOST_PARAMS = 150_000_000
LONGEST = 200  # letters of a reason


def row(source: str, model: Model, limit: int, show: bool) -> Row:
    """What becomes of one model in so many seconds."""
    blank = Row(source, f"{source} {version(source)}, torch {version('torch')}", model.name, "", "")
    try:
        with _limited(limit):
            torch.manual_seed(0)
            torch.set_num_threads(1)
            try:
                with logged() as log:
                    module = model.make()
            except Exception as fault:  # noqa: BLE001  what is not made is no fault of import
                return replace(blank, verdict="left out", why=f"is not made: {type(fault).__name__}: {fault}"[:LONGEST])
            if sum(p.numel() for p in module.parameters()) > MOST_PARAMS:
                return replace(blank, verdict="left out", why=f"more than {MOST_PARAMS:,} parameters")
            sizes = model.sizes(module)
            blank = replace(blank, size=_said(sizes))
            inputs = {name: torch.zeros((1, *size.dims), dtype=KINDS[size.dtype]) for name, size in sizes.items()}
            found = imported(module, inputs, log, Wish(maker=model.maker))
    except (Refused, ImportFault) as refused:
        where = refused.path or "the module itself" if isinstance(refused, Refused) else ""
        why = f"{where}: {refused.reason}" if isinstance(refused, Refused) else str(refused).splitlines()[0]
        return replace(blank, verdict="refused", why=why[:LONGEST])
    except OutOfTime as late:
        return replace(blank, verdict="left out", why=str(late))
    except Exception as fault:  # noqa: BLE001  a fault is a row too
        said = next(iter(str(fault).splitlines()), "")
        return replace(blank, verdict="FAULT", why=f"{type(fault).__name__}: {said}"[:LONGEST])
    if show:
        sys.stdout.write(found.text)
    return _row_of(blank, found)


def _said(sizes: Sizes) -> str:
    return ", ".join(f"{name} {'x'.join(map(str, size.dims))}" for name, size in sizes.items())


def _row_of(blank: Row, found: Imported) -> Row:
    claims = found.proof.claims
    keys = next((c for c in claims if c.name == "strict load"), None)
    order = "" if keys is None else "no" if not keys.holds else "yes, other order" if "order" in keys.detail else "yes"
    outputs = [claim for claim in claims if claim.binding and claim.name.startswith("output")]
    said = "" if not outputs else "exact" if all(c.exact for c in outputs) else "last bits"
    said = said if all(claim.holds for claim in outputs) else "no"
    failing = next((claim.line() for claim in claims if claim.binding and not claim.holds), "")
    reasons = "; ".join(dict.fromkeys(one.reason for one in found.opaque))
    return replace(
        blank,
        verdict="unproven" if failing else "opaque" if found.opaque else "whole",
        lines=str(found.text.count("\n")),
        keys=order,
        outputs=said,
        elsewhere=found.proof.elsewhere,
        params=f"{100 * found.share.params:.0f}" if found.opaque else "",
        macs=f"{100 * found.share.macs:.0f}" if found.opaque else "",
        why=(failing or reasons)[:LONGEST],
    )


class OutOfTime(BaseException):
    """A model took too long; nothing that catches what the model raises catches this."""


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"more than {seconds} s")

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)  # of the processor, so that what else runs changes no row
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _wanted(given: argparse.Namespace) -> Sequence[Model]:
    first, _, last = given.slice.partition(":")
    models = [model for model in SOURCES[given.source]() if any(word in model.name for word in given.only.split(","))]
    there = {row.name for row in _rows() if row.source == given.source} if given.new else set[str]()
    chosen = models[int(first) if first else None : int(last) if last else None]
    return [model for model in chosen if model.name not in there]


def _rows() -> tuple[Row, ...]:
    return results.read() if results.FILE.exists() else ()


def main() -> None:
    """Prints a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", choices=SOURCES)
    parser.add_argument("--slice", default=":", help="which of them: 0:20")
    parser.add_argument("--only", default="", help="those whose name has one of these in it: coat,levit")
    parser.add_argument("--new", action="store_true", help="those without a row, so that a run cut off can go on")
    parser.add_argument("--limit", type=int, default=120, help="seconds of the processor for one")
    parser.add_argument("--show", action="store_true", help="print the specs too")
    parser.add_argument("--write", action="store_true", help="keep the rows, and write the page that shows them")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    verdicts: Counter[str] = Counter()
    for model in _wanted(given):
        start = time.time()
        made = row(given.source, model, given.limit, given.show)
        verdicts[made.verdict] += 1
        sys.stdout.write(f"{made.line()} {time.time() - start:.0f} s\n")
        sys.stdout.flush()
        if given.write:  # each at once, so that a run that is cut off leaves what it found
            results.write(results.merged(_rows(), [made]))
        gc.collect()
    if given.write:
        write_page()
    sys.stdout.write(f"{dict(verdicts)}\n")


if __name__ == "__main__":
    main()
