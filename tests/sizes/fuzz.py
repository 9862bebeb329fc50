"""Draws specs and holds the rule of their sizes against the module at every size of a range.

    python -m tests.sizes.fuzz [--specs 300] [--first 0] [--most 40]

Sizes are tried along each dimension of each input, all dimensions together, and at the edges of what the rule tells
apart. Printed is each spec where the rule and torch differ, with the first sizes, and at the end how many were held.
"""

import argparse
import sys
import warnings
from collections import Counter
from itertools import chain
from random import Random

import torch

from archspec.design import Design, loads
from archspec.diagnostics.diagnostic import SpecError
from tests.code.structured_specs import structured_spec
from tests.code.trials import beside, text_of
from tests.sizes.agreement import along, disagreements, edges, runs, together

SHOWN = 4  # sizes of a spec


def checked(seed: int) -> Design | None:
    """The network of a seed; None where its spec is refused."""
    data = structured_spec(Random(seed))
    with beside(data):
        try:
            design = loads(text_of(data))
            _ = design.network
        except SpecError:
            return None
    return design


def differing(design: Design, most: int) -> list[str]:
    """A line for each size up to `most` at which the rule and the module differ."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sizes = chain(along(design.network, most), together(design.network, most), edges(design.sizes(), most))
        return disagreements(design, sizes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--specs", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--most", type=int, default=40)
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(args.first, args.first + args.specs):
        design = checked(seed)
        if design is None or not runs(design):
            counts["refused" if design is None else "takes some numbers only"] += 1
            continue
        found = differing(design, args.most)
        counts["differs" if found else "agrees"] += 1
        if found:
            lines = "\n".join(f"    {line}" for line in found[:SHOWN])
            sys.stdout.write(f"seed {seed}: {len(found)} sizes\n{lines}\n")
            sys.stdout.flush()
    sys.stdout.write(", ".join(f"{count} {what}" for what, count in sorted(counts.items())) + "\n")


if __name__ == "__main__":
    main()
