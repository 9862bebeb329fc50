"""How often rules are right: what they find in the gallery and in imported models, beside what people judged of it.

python -m tests.lint.precision                              the gallery
python -m tests.lint.precision timm.models:resnet26d ...    modules too, imported at 3 x 224 x 224; a minute or so each
python -m tests.lint.precision some.yaml ...                specs too, such as those that `archspec import` wrote

`judgements.csv` has a line for each finding: right where its advice holds for that network, wrong where it is meant so
or does no harm. What is not judged yet is listed at the end, as lines to be filled in. A rule of which more than a
quarter of the findings are wrong is off by default.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archspec.gallery import gallery
from archspec.graph.graph import Site
from archspec.graph.network import Network
from archspec.lint.flow import Flow
from archspec.lint.rule import rules
from archspec.pipeline import load_network, load_text

JUDGEMENTS = Path(__file__).with_name("judgements.csv")
HEADINGS = ("rule", "network", "member", "judgement", "why")


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged of one finding.

    Attributes:
        rule: its name.
        network: of the gallery, or `imported nfnet_f0`.
        member: the path of the first use of what is written.
        right: whether the advice holds.
        why: in a few words.
    """

    rule: str
    network: str
    member: str
    right: bool
    why: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from the others."""
        return self.rule, self.network, self.member


def judgements() -> tuple[Judged, ...]:
    """All that was judged."""
    with JUDGEMENTS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Judged(row["rule"], row["network"], row["member"], row["judgement"] == "right", row["why"]) for row in rows
    )


def findings(name: str, networks: Iterable[Network], *, imported: bool = False) -> Iterator[tuple[str, str, str]]:
    """Rule, network and member of what is found in the variants of a spec, each written member once for each rule."""
    met: set[tuple[str, Site]] = set()
    every = [rule for _, rule in rules().items() if not (imported and rule.of_starts)]
    for network in networks:
        flow = Flow(network)
        for rule in every:
            for finding in rule.find(flow):
                site = network.graph.nodes[finding.node].site
                if (rule.name, site) not in met:
                    met.add((rule.name, site))
                    yield rule.name, name, finding.node.replace("/", ".")


def of_gallery(name: str, variants: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What is found in a network of the gallery. A member is one for all variants, by the first that has it."""
    found = (one for variant in variants or ("",) for one in findings(name, [load_network(name, variant=variant)]))
    yield from dict.fromkeys(found)


def table(found: Iterable[tuple[str, str, str]], judged: Iterable[Judged]) -> Iterator[str]:
    """A line for each rule: how many findings, how many of them are right, and the share; then what is not judged."""
    known = {one.key: one for one in judged}
    counts: Counter[tuple[str, str]] = Counter()
    open_: list[tuple[str, str, str]] = []
    for key in found:
        one = known.get(key)
        counts[key[0], "open" if one is None else "right" if one.right else "wrong"] += 1
        if one is None:
            open_.append(key)
    yield f"{'rule':24}{'findings':>10}{'right':>8}{'wrong':>8}{'open':>8}{'precision':>12}"
    for name in rules():
        right, wrong, rest = (counts[name, what] for what in ("right", "wrong", "open"))
        share = f"{right / (right + wrong):.0%}" if right + wrong else "-"
        yield f"{name:24}{right + wrong + rest:>10}{right:>8}{wrong:>8}{rest:>8}{share:>12}"
    yield from (",".join((*key, "", "")) for key in open_)


def main(more: Sequence[str]) -> None:
    """Prints the table."""
    found = [one for entry in gallery() for one in of_gallery(entry.name, entry.variants)]
    for name in more:
        if name.endswith(".yaml"):
            found += findings(f"imported {Path(name).stem}", [load_network(name)], imported=True)
        else:
            found += findings(f"imported {name.rpartition(':')[2]}", [load_text(_imported(name))], imported=True)
    sys.stdout.write("\n".join(table(found, judgements())) + "\n")


def _imported(name: str) -> str:
    from archspec.importer.command import imported
    from archspec.importer.importing import Wish

    return imported(name, {}, {"": ((3, 224, 224), "float")}, Wish(strict=False)).text


if __name__ == "__main__":
    main(sys.argv[1:])
