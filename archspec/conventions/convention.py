"""Convention: a tool's rules, by the classes of torch that it knows, and what its rules get wrong."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from archspec.ops.op import Op
from archspec.values.cost import Cost
from archspec.values.dataclass import dataclass
from archspec.values.shape import Shape


@dataclass(frozen=True, slots=True)
class Counted:
    """An op on its inputs, for a rule to count; per sample.

    Attributes:
        op: it.
        xs: shapes of its inputs.
        ys: shapes of its outputs.
        cost: what archspec counts of it.
    """

    op: Op
    xs: tuple[Shape, ...]
    ys: tuple[Shape, ...]
    cost: Cost

    @property
    def read(self) -> int:
        """Elements of its first input."""
        return self.xs[0].numel if self.xs else 0

    @property
    def written(self) -> int:
        """Elements of its first output."""
        return self.ys[0].numel

    @property
    def parameters(self) -> Mapping[str, tuple[int, ...]]:
        """Its parameters."""
        return self.op.parameters(self.xs)

    @property
    def bias(self) -> int:
        """Elements of the output, where it adds a bias to each; else 0."""
        return self.written if "bias" in self.parameters else 0


Rule: TypeAlias = Callable[[Counted], int]


@dataclass(frozen=True, slots=True)
class Convention:
    """How a tool counts.

    Attributes:
        name: as `--convention` says it.
        label: what heads its column.
        doc: what its number is, in a line.
        rules: class of torch, or function where there is no class -> what it counts of one.
        apart: classes that it counts by rules that are not restated.
        faults: what it gets wrong, a sentence each.
        version: of the tool whose figures it was proven against.
    """

    name: str
    label: str
    doc: str
    rules: Mapping[str, Rule]
    apart: frozenset[str]
    faults: tuple[str, ...]
    version: str

    def count(self, counted: Counted) -> int:
        """What the tool counts of an op."""
        rule = self.rules.get(counted.op.module or counted.op.function)
        return rule(counted) if rule is not None else 0


def ranks(*classes: str) -> tuple[str, ...]:
    """Classes of one, two and three dimensions: `nn.Conv` is `nn.Conv1d`, `nn.Conv2d`, `nn.Conv3d`."""
    return tuple(f"{name}{rank}d" for name in classes for rank in (1, 2, 3))


def each(classes: Iterable[str], rule: Rule) -> dict[str, Rule]:
    """One rule for several classes."""
    return dict.fromkeys(classes, rule)


def products(counted: Counted) -> int:
    """Multiply-adds."""
    return counted.cost.macs


RECURRENT = frozenset({"nn.RNN", "nn.GRU", "nn.LSTM", "nn.RNNCell", "nn.GRUCell", "nn.LSTMCell"})
