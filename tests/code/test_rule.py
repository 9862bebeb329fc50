"""What an op's shape rule says of sizes that are followed holds for other sizes too, for every op."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from archspec.code.followed import Followed, Sizes
from archspec.code.rule import Outcome, Rule
from archspec.language.expression.symbolic import python, value_of
from archspec.ops import OPS, Op, ShapeFault
from archspec.values.expression import Binary, List, Literal, Name, Value
from archspec.values.shape import Shape
from tests.ops.draws import DRAWS


def op_of(name: str, **fields: Any) -> Op:
    return OPS[name](**fields)


def made(name: str, fields: dict[str, Any], xs: tuple[Shape, ...]) -> Op | None:
    try:
        op = OPS[name](**fields)
        op.infer(xs)
    except (ShapeFault, ValidationError):
        return None
    return op


def called(size: int) -> Followed:
    """A name for every size; equal sizes have one, as if they followed from one param."""
    name = f"size{size}"
    return Followed(Name(name), frozenset((name,)))


def outcome(op: Op, xs: tuple[Shape, ...]) -> Outcome:
    fields = {name: called(value) for name in type(op).model_fields if is_size(value := getattr(op, name))}
    for name in type(op).model_fields:
        value = getattr(op, name)
        if isinstance(value, tuple) and any(map(is_size, value)):
            named = tuple(Name(f"size{item}") if is_size(item) else Literal(item) for item in value)
            fields[name] = Followed(List(named), frozenset(item.name for item in named if isinstance(item, Name)))
    reads: list[Sizes] = [tuple(map(called, x.dims)) for x in xs]
    return Rule(op, xs, reads, fields, set(), lambda _: True).outcome()


def is_size(value: object) -> bool:
    return type(value) is int and value > 1


def changed(value: Any, old: int, new: int) -> Any:
    if isinstance(value, tuple):
        return tuple(new if type(item) is int and item == old else item for item in value)
    return new if type(value) is int and value == old else value


def holds(found: Outcome, old: int, new: int, op: Op, xs: tuple[Shape, ...]) -> None:
    """Holds what was found against the rule where every size `old` is `new`."""
    fields = {name: changed(getattr(op, name), old, new) for name in op.model_fields_set}
    others = tuple(replace(x, dims=changed(x.dims, old, new)) for x in xs)
    other = made(op.name, fields, others)
    name = f"size{old}"
    if other is None or name in found.counted:
        return
    ys = other.infer(others)
    assert [len(y.dims) for y in ys] == [len(sizes) for sizes in found.outputs]
    held: dict[str, Value] = {f"size{n}": n for x in xs for n in x.dims}
    held |= {f"size{n}": n for n in range(2, 40)}
    held[name] = new
    for y, sizes in zip(ys, found.outputs, strict=True):
        for size, said in zip(y.dims, sizes, strict=True):
            if said.expr is not None:
                assert value_of(said.expr, held) == size, f"{python(said.expr)} is not {size} with {name}={new}"
            elif name not in said.names:
                assert size in [one for before in op.infer(xs) for one in before.dims], f"{size} hangs on {name}"
    for slot, value in other.slots(others).items():
        expr = found.slots[slot].expr
        if slot in other.derived(others) and expr is not None:
            assert value_of(expr, held) == value, f"{slot}: {python(expr)} is not {value} with {name}={new}"


@pytest.mark.parametrize("name", DRAWS)
def test_what_is_followed_holds_for_other_sizes(name: str) -> None:
    @settings(max_examples=10, deadline=None)
    @given(DRAWS[name].both(), st.data())
    def follows(drawn: tuple[dict[str, Any], tuple[Shape, ...]], data: st.DataObject) -> None:
        fields, xs = drawn
        op = made(name, fields, xs)
        sizes = sorted({size for x in xs for size in x.dims if size > 1})
        if op is None or not sizes:
            return
        found = outcome(op, xs)
        old = data.draw(st.sampled_from(sizes))
        for new in (old + 1, 2 * old, old + 7):
            holds(found, old, new, op, xs)

    follows()


def rule(op: Op, *xs: Shape, matters: bool = True, **sizes: tuple[str, ...]) -> Outcome:
    reads: list[Sizes] = [
        tuple(Followed(Name(name), frozenset((name,))) if name.isidentifier() else Followed(None) for name in names)
        for names in sizes.values()
    ]
    return Rule(op, xs, reads, {}, set(), lambda _: matters).outcome()


def test_a_size_that_becomes_a_plain_number_is_lost() -> None:
    class Counted(Op):
        def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
            return (Shape((len(range(xs[0].dims[0])),)),)

    found = rule(Counted(), Shape((4,)), x=("width",))
    assert found.outputs == ((Followed(None, frozenset({"width"})),),)
    assert found.counted == {"width"}


def test_a_size_that_hangs_on_an_answer_is_lost() -> None:
    class Halved(Op):
        def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
            width = xs[0].dims[0]
            return (Shape((width // 2 if width > 8 else width,)),)

    found = rule(Halved(), Shape((16,)), x=("width",))
    assert found.outputs == ((Followed(None, frozenset({"width"})),),)


def test_a_required_answer_says_nothing() -> None:
    class Guarded(Op):
        def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
            if xs[0].dims[0] < 8:
                raise ShapeFault("size-below-one", "too narrow")
            return xs

    found = rule(Guarded(), Shape((16,)), x=("width",))
    assert found.outputs == ((Followed(Name("width"), frozenset({"width"})),),)


def test_heads_put_together_again_are_what_was_split() -> None:
    divisors: set[Any] = set()

    def run(op: Op, x: Shape, sizes: Sizes, fields: dict[str, Followed]) -> Sizes:
        return Rule(op, (x,), [sizes], fields, divisors, lambda _: False).outcome().outputs[0]

    dim, length = (Followed(Name(name), frozenset((name,))) for name in ("dim", "length"))
    heads = Followed(List((Literal(3), Name("heads"), Literal(-1))), frozenset(("heads",)))
    split = op_of("unflatten", dim=-1, unflattened_size=(3, 4, -1))
    apart = run(
        split,
        Shape((10, 96)),
        (length, Followed(Binary("*", Literal(3), Name("dim")), dim.names)),
        {"unflattened_size": heads},
    )
    assert [said.expr for said in apart[2:]] == [Name("heads"), Binary("//", Name("dim"), Name("heads"))]
    together = run(op_of("flatten", start_dim=2), Shape((10, 4, 8)), (length, *apart[2:]), {})
    assert [said.expr for said in together] == [Name("length"), Name("dim")]


WIDTH = Followed(Name("width"), frozenset(("width",)))
TWICE = Followed(Binary("*", Literal(2), Name("width")), WIDTH.names)


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("glu", {"dim": 1}, "width"),
        ("chunk", {"chunks": 2}, "width"),
        ("pixel_unshuffle", {"downscale_factor": 2}, "8 * width"),
        ("flatten", {}, "128 * width"),
        ("pad", {"pad": (0, 0, 0, 0, 16, 16)}, "2 * width + 32"),
        ("conv2d", {"out_channels": 64, "kernel_size": 1}, "64"),
    ],
)
def test_channels_are_worked_out_where_that_comes_out_even(name: str, fields: dict[str, Any], said: str) -> None:
    sizes = (TWICE, Followed(Literal(8)), Followed(Literal(8)))
    found = Rule(OPS[name](**fields), (Shape((64, 8, 8)),), [sizes], {}, set(), lambda _: False).outcome()
    expr = found.outputs[0][0].expr
    assert expr is not None
    assert python(expr) == said
