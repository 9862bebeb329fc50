"""Condition: `params < 5M and macs < 600M`, an expression of the language over what is counted of a variant.

Its names are the measures, `flops`, the params of the spec, and its inputs with their sizes: `image.height`. Numbers
may end in k, M, G, B or T, those of bytes in MB, MiB and the like, those of times in ms and the like.
"""

from collections.abc import Callable, Iterable, Mapping

from archspec.diagnostics.diagnostic import SpecError
from archspec.language.expression.evaluate import Bound, Unknown, evaluate, kind_of
from archspec.language.expression.grammar import names_in, parse_formula
from archspec.language.expression.words import ExpressionFault, tokenize
from archspec.language.spec import Spec
from archspec.measures.known import beside_cost, computed, measures
from archspec.measures.measure import Column
from archspec.measures.words import IN_WORDS
from archspec.registry import nearest
from archspec.search.counting import Figures
from archspec.search.given import Given
from archspec.values.cost import COLUMNS
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Expr, Value

SUFFIXES: Mapping[str, float] = {
    "k": 1e3,
    "K": 1e3,
    "M": 1e6,
    "G": 1e9,
    "B": 1e9,
    "T": 1e12,
    "kB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,  # of bytes
    "ns": 1,
    "us": 1e3,
    "ms": 1e6,
    "s": 1e9,  # of times, which are nanoseconds
}


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression that the user gave with an option.

    Attributes:
        given: the option.
        expr: its tree.
    """

    given: Given
    expr: Expr

    def value(self, names: Mapping[str, Bound]) -> Value:
        """Its value. Raises SpecError where it has none."""
        try:
            return evaluate(self.expr, names)
        except Unknown:
            raise AssertionError("what is counted is known") from None
        except ExpressionFault as fault:
            raise _fault(fault, self.given) from None

    def counted(self) -> tuple[str, ...]:
        """The measures that it reads, each once."""
        return tuple(name for name in dict.fromkeys(names_in(self.expr)) if name in countable())

    def followed(self) -> tuple[str, ...]:
        """Those of them that only a whole network tells."""
        return followed(self.counted())

    def holds(self, names: Mapping[str, Bound]) -> bool:
        """Whether it is true. Raises SpecError where it is neither true nor false."""
        found = self.value(names)
        if isinstance(found, bool):
            return found
        message = f"a condition is true or false, not {kind_of(found)}"
        raise self.given.fault("expression-type", message, help="compare it: params < 5M")


def broken(budget: Formula, names: Mapping[str, Bound]) -> float:
    """By how much a condition does not hold: the share by which a figure misses what it is compared with.

    `macs <= 600M` at 900M is broken by 0.5. Of several that have to hold it is the sum, of those of which one has to,
    the least. What compares no numbers is broken by 1.
    """
    return _broken(budget.expr, names)


def _broken(expr: Expr, names: Mapping[str, Bound]) -> float:
    match expr:
        case Binary("and", left, right):
            return _broken(left, names) + _broken(right, names)
        case Binary("or", left, right):
            return min(_broken(left, names), _broken(right, names))
    try:
        if evaluate(expr, names) is True:
            return 0.0
        if isinstance(expr, Binary) and expr.operator in ("<", "<=", ">", ">=", "=="):
            one, other = evaluate(expr.left, names), evaluate(expr.right, names)
            if isinstance(one, (int, float)) and isinstance(other, (int, float)):
                return abs(one - other) / max(abs(other), 1) or 1e-9  # equal, where less was asked for
    except (ExpressionFault, Unknown):
        pass
    return 1.0


def formula(given: Given, spec: Spec) -> Formula:
    """What the user asks of variants of `spec`. Raises SpecError where it has no meaning."""
    try:
        expr = parse_formula(given.text, SUFFIXES)
        _require_names(expr, spec)
    except ExpressionFault as fault:
        raise _fault(fault, given) from None
    return Formula(given, expr)


def countable() -> tuple[str, ...]:
    """The names of what can be counted of variants."""
    return (*measures(), "flops")


def followed(names: Iterable[str]) -> tuple[str, ...]:
    """Of some measures, those that are counted where they are asked for only, since they need the whole network."""
    known = measures()
    return tuple(one for one in names if one in known and computed(known[one]) and known[one] not in beside_cost())


def in_words(name: str) -> Callable[[int], str] | None:
    """What people read for the numbers of a measure that have a unit with words of its own."""
    measure = measures().get(name)
    return IN_WORDS.get(measure.shown) if measure is not None else None


def measured(figures: Figures) -> dict[str, int]:
    """What was counted of a variant in inference, by name; of `train_only_params`, what training adds."""
    found: dict[str, int] = {}
    for name, measure in measures().items():
        if isinstance(measure.value, Column):
            cost = figures.training if measure.training else figures.always
            found[name] = getattr(cost, measure.value.name)
        elif name in figures.own:
            found[name] = figures.own[name]
    return {**found, "flops": figures.always.flops}


def names_of(figures: Figures) -> dict[str, Bound]:
    """What the names of a condition are for a variant."""
    return {**figures.params, **figures.inputs, **measured(figures)}


def known_names(spec: Spec) -> tuple[str, ...]:
    """The names that a condition can read."""
    return (*countable(), *spec.body.params, *spec.inputs)


def _require_names(expr: Expr, spec: Spec) -> None:
    known = known_names(spec)
    for name in names_in(expr):
        if name not in known:
            near = nearest(name, known)
            counted = ", ".join(("params", "macs", "flops", *(one for one in COLUMNS if one not in ("params", "macs"))))
            params = ", ".join(spec.body.params) or "no params"
            help = f"did you mean {near}?" if near else f"it reads {counted}, and of the spec {params}"
            raise ExpressionFault("unknown-name", f"nothing here is called {name}", name=name, help=help)


def _fault(fault: ExpressionFault, given: Given) -> SpecError:
    start, end = fault.start, fault.end
    if start is None and fault.name:
        words = (word for word in tokenize(f"${given.text}") if word.kind == "name" and word.text == fault.name)
        start, end = next(((word.start - 1, word.end - 1) for word in words), (None, None))
    return given.fault(fault.code, fault.message, at=(start or 0, end), help=fault.help)
