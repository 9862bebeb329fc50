"""Where a form of one size is zero or negative is what counting says."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from archspec.sizes.form import Form, Variable, constant, of_atom, value_at
from archspec.sizes.solve import holding

H = Variable("image", 1)
FAR = 300


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """What rules make of a height: sums, products with numbers, floors, and now and then a square."""
    form = of_atom(H)
    steps = draw(st.lists(st.tuples(st.sampled_from("+*/-s"), st.integers(1, 4)), max_size=5))
    for step, number in steps:
        match step:
            case "+":
                form = form + constant(number)
            case "-":
                form = constant(number) - form
            case "*":
                form = form * constant(number)
            case "/":
                form = form // number
            case _:
                form = form + of_atom(H) * constant(-number) if len(steps) > 2 else form * form
    return form - constant(draw(st.integers(-30, 30)))


@given(forms())
def test_zeros_and_negatives_are_counted(form: Form) -> None:
    values = {h: value_at(form, {H: h}) for h in range(1, FAR)}
    assert {h for h in values if h in holding(form, "zero")} == {h for h, value in values.items() if value == 0}
    assert {h for h in values if h in holding(form, "negative")} == {h for h, value in values.items() if value < 0}


@given(st.lists(st.tuples(st.integers(-4, 9), st.integers(1, 5)), max_size=5), st.integers(1, 99))
def test_floors_of_floors_are_the_floors(steps: list[tuple[int, int]], h: int) -> None:
    form = reduce(lambda inner, step: (inner + constant(step[0])) // step[1], steps, of_atom(H))
    assert value_at(form, {H: h}) == reduce(lambda inner, step: (inner + step[0]) // step[1], steps, h)


def test_a_chain_of_halves_is_one_floor() -> None:
    half = of_atom(H)
    for _ in range(5):
        half = (half - constant(1)) // 2 + constant(1)
    assert half == (of_atom(H) - constant(1)) // 32 + constant(1)
