"""Builds the modules of drawn specs, and imports each again: `python tests/importer/round_trip.py --specs 300`.

spec  ->  source  ->  live module  ->  import  ->  a spec whose source has the same keys and gives the same numbers

The modules that people write are few and alike; these have each construct that the language has. Prints how many came
back, how many of those with an opaque member and why, and a table of faults by kind. Left out is what `check` refuses.
Run it from the root of the checkout, with that on PYTHONPATH.
"""

import argparse
import contextlib
import inspect
import io
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from archspec.code.naming import root_class
from archspec.code.pytorch import emit
from archspec.diagnostics.diagnostic import SpecError
from archspec.importer.importing import Imported, import_module
from archspec.importer.made import Log
from archspec.importer.refused import ImportFault, Refused
from archspec.pipeline import load_text
from archspec.runtime.build import load_class
from archspec.runtime.counters import random_inputs
from tests.code.fuzz import drawn
from tests.code.trials import Fault, beside, fault, text_of


@dataclass(slots=True)
class Trips:
    """What came of all specs.

    Attributes:
        refused: those that are no networks, or whose modules do not run with inputs drawn at random.
        back: those that came back.
        opaque: of these, those with a member that is not said in ops -> why.
        inference: of these, those that are of inference only.
        faults: seed -> what its module fails in.
    """

    refused: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    opaque: dict[int, str] = field(default_factory=dict)
    inference: list[int] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)

    def add(self, seed: int, found: "Imported | Fault | None") -> None:
        """Counts one more."""
        if found is None:
            self.refused.append(seed)
        elif isinstance(found, Fault):
            self.faults[seed] = found
        else:
            self.back.append(seed)
            if found.opaque:
                self.opaque[seed] = found.opaque[0].reason
            self.inference += [seed] if any(one.name == "training" for one in found.proof.claims) else []

    def table(self) -> str:
        """A line for each kind of fault, with one seed to draw its spec again."""
        kinds = Counter(one.kind for one in self.faults.values())
        firsts = {one.kind: (seed, one) for seed, one in reversed(self.faults.items())}
        lines = [
            f"{count:6}  {kind:<48} seed {firsts[kind][0]}: {firsts[kind][1].detail}\n"
            for kind, count in kinds.most_common()
        ]
        reasons = Counter(self.opaque.values())
        seeds = {reason: seed for seed, reason in reversed(self.opaque.items())}
        lines += [f"{count:6}  opaque: {reason}, seed {seeds[reason]}\n" for reason, count in reasons.most_common()]
        return "".join(lines)


def module_of(seed: int) -> tuple[nn.Module, dict[str, Tensor]] | None:
    """The module of the spec of a seed, and inputs by name; None where there is none, or it does not run."""
    data = drawn(seed)
    try:
        with beside(data):
            network = load_text(text_of(data))
    except SpecError:
        return None
    torch.manual_seed(0)
    module = load_class(emit(network), root_class(network), filename=f"<drawn {seed}>")().eval()
    names, inputs = inspect.signature(module.forward).parameters, random_inputs(network, batch=2)
    try:
        with torch.no_grad():
            module(*inputs)
    except Exception:  # noqa: BLE001  tests/code/fuzz.py says why
        return None
    return module, dict(zip(names, inputs, strict=True))


def trip(seed: int) -> "Imported | Fault | None":
    """What came of the module of a seed: what it was imported as, how that is not it, or nothing to import."""
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        made = module_of(seed)
        if made is None:
            return None
        module, inputs = made
        try:
            found = import_module(module, {name: one[:1] for name, one in inputs.items()}, Log())
        except Refused as refused:
            return Fault("said in ops", refused.reason, refused.line())
        except ImportFault as wrong:
            return Fault("run", "does not run", str(wrong).partition("\n")[0])
        except Exception as error:  # noqa: BLE001  a finding
            return fault("import", error)
    wrong_claim = next((claim for claim in found.proof.claims if claim.binding and not claim.holds), None)
    if wrong_claim is None:
        return found
    first = wrong_claim.detail.partition("\n")[0]
    words = re.sub(r"\S*[\d_.'(]\S*,?", "", first.partition(":")[0]).split()[:6]  # without names and numbers
    return Fault(wrong_claim.name.partition(",")[0], " ".join(words), first)


def trips(seeds: Iterable[int]) -> Trips:
    """What comes of the modules of these seeds."""
    found = Trips()
    for seed in seeds:
        found.add(seed, trip(seed))
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--specs", type=int, default=150, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="of the first; the others count on")
    options = parser.parse_args()
    torch.set_num_threads(1)
    start = time.perf_counter()
    found = trips(range(options.seed, options.seed + options.specs))
    sys.stdout.write(
        f"{options.specs} specs in {time.perf_counter() - start:.0f} s: {len(found.refused)} left out, "
        f"{len(found.back)} came back ({len(found.opaque)} with an opaque member, {len(found.inference)} of inference "
        f"only), {len(found.faults)} with faults\n{found.table()}"
    )


if __name__ == "__main__":
    main()
