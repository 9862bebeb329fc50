"""Settings and inputs drawn for recurrent layers and cells, those that do not fit included."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from archspec.values.shape import Shape
from tests.ops.strategies import FLAG, Fields, Matched, ints, optional

KINDS = st.sampled_from(["tanh", "relu"])


@st.composite
def over_a_sequence(draw: st.DrawFn, /, states: int, **more: SearchStrategy[Any]) -> tuple[Fields, tuple[Shape, ...]]:
    """Settings of a layer with a sequence, and now and then the states that it starts from."""
    fields = draw(
        optional(
            {"hidden_size": ints(1, 5)},
            num_layers=ints(1, 3),
            bias=FLAG,
            batch_first=st.just(True),
            dropout=st.floats(0, 1),
            bidirectional=FLAG,
            **more,
        )
    )
    dims = (draw(ints(1, 4)), draw(ints(1, 4)))
    x = Shape(dims) if draw(ints(0, 9)) else Shape((*dims, 2))
    layers = fields.get("num_layers", 1) * (1 + fields.get("bidirectional", False))
    sizes = (fields.get("proj_size") or fields["hidden_size"], fields["hidden_size"])
    return fields, (x, *draw(given(tuple(Shape((layers, size)) for size in sizes[:states]))))


@st.composite
def one_step(draw: st.DrawFn, /, states: int, **more: SearchStrategy[Any]) -> tuple[Fields, tuple[Shape, ...]]:
    """Settings of a cell with one step, and now and then the states that it starts from."""
    fields = draw(optional({"hidden_size": ints(1, 5)}, bias=FLAG, **more))
    x = Shape((draw(ints(1, 4)),)) if draw(ints(0, 9)) else Shape((2, 2, 3))
    return fields, (x, *draw(given((Shape((fields["hidden_size"],)),) * states)))


@st.composite
def given(draw: st.DrawFn, states: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """No states, or all of them, one of another size now and then."""
    if draw(FLAG):
        return ()
    wrong = draw(ints(0, 9))
    return tuple(
        Shape((*state.dims[:-1], state.dims[-1] + 1)) if i == wrong else state for i, state in enumerate(states)
    )


RECURRENT_DRAWS: dict[str, Matched] = {
    "lstm": Matched(over_a_sequence(2, proj_size=ints(0, 5))),
    "gru": Matched(over_a_sequence(1)),
    "rnn": Matched(over_a_sequence(1, nonlinearity=KINDS)),
    "lstm_cell": Matched(one_step(2)),
    "gru_cell": Matched(one_step(1)),
    "rnn_cell": Matched(one_step(1, nonlinearity=KINDS)),
}
