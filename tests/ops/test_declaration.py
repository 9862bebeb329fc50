"""`@op` refuses a class that would give a wrong program, and takes everything that someone's own op may be."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest
from pydantic import Field

from archspec.ops import OPS, Helper, Op, op
from archspec.pipeline import load_text
from archspec.values.expression import Name
from archspec.values.printing import text
from archspec.values.shape import Shape
from archspec.values.source import Operation, Source, constant

GATE = Helper("Gate", "class Gate(nn.Module):\n    ...\n")


@pytest.fixture(autouse=True)
def own_ops(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test declares is gone after it."""
    monkeypatch.setattr(OPS, "_items", dict(OPS.items()))


def refused(cls: type[Op]) -> str:
    """What `@op` says of a class that it does not take."""
    with pytest.raises(TypeError) as raised:
        op(cls)
    assert cls not in dict(OPS.items()).values()
    return str(raised.value)


class Form(Op):
    """An op that has a form, and so may be wrong in other ways."""

    function: ClassVar[str] = "torch.relu"


def test_an_op_without_a_name_could_not_be_written() -> None:
    class Nameless(Form):
        pass

    assert refused(Nameless) == 'Nameless has no name: set `name: ClassVar[str] = "..."`'


def test_an_output_that_a_bare_name_does_not_mean_could_not_be_read() -> None:
    class Halves(Form):
        name: ClassVar[str] = "halves"
        port_names: ClassVar[tuple[str, ...]] = ("left", "right")

    assert refused(Halves) == (
        "Halves names its first output: put \"\" first in `port_names`, which now is ('left', 'right')"
    )


def test_an_op_without_a_form_would_give_back_its_input() -> None:
    class Doubled(Op):
        name: ClassVar[str] = "doubled"

    assert text(Doubled().expression((Name("x"),), {}, ())) == "(x)"
    assert refused(Doubled) == (
        "Doubled has no PyTorch form: set `module`, `function` or `holds`, or override `expression`"
    )


def test_a_module_of_no_library_would_be_an_unknown_name() -> None:
    class Gated(Op):
        name: ClassVar[str] = "gated"
        module: ClassVar[str] = "Gate"

    assert refused(Gated) == ("Gated is called as Gate, which torch does not have: return its Helper from `helpers`")


def test_a_helper_of_another_name_is_no_helper_of_the_module() -> None:
    class Gated(Op):
        name: ClassVar[str] = "gated"
        module: ClassVar[str] = "Gates"

        def helpers(self) -> tuple[Helper, ...]:
            return (GATE,)

    assert refused(Gated).startswith("Gated is called as Gates, ")


def test_a_module_with_its_helper_is_taken() -> None:
    class Gated(Op):
        name: ClassVar[str] = "gated"
        module: ClassVar[str] = "Gate"

        def helpers(self) -> tuple[Helper, ...]:
            return (GATE,)

    assert op(Gated) is OPS["gated"]


def test_helpers_that_depend_on_required_fields_are_not_asked() -> None:
    class Gated(Op):
        name: ClassVar[str] = "gated"
        module: ClassVar[str] = "Gate"

        width: int = Field(description="channels of the gate")

        def helpers(self) -> tuple[Helper, ...]:
            return (GATE,) if self.width else ()

    assert op(Gated) is OPS["gated"]


def test_a_form_may_be_inherited() -> None:
    class Negated(Form):
        name: ClassVar[str] = "negated"

    assert op(Negated) is OPS["negated"]


def test_ones_own_op_with_a_plain_text_for_a_label_is_said_by_it() -> None:
    class Scale(Op):
        name: ClassVar[str] = "scale"

        def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
            return Operation("*", constant(2), args[0])

        def label(self) -> str:
            return "scale, 2"

    op(Scale)
    network = load_text("archspec: 1\ninputs: {image: [3, 8, 8]}\ngraph: {scale: scale}\n")
    assert str(network.graph.nodes["scale"].op.caption) == "scale, 2"


def test_several_views_share_the_memory_of_their_input_and_nobody_writes_over_them() -> None:
    class Halved(Form):
        name: ClassVar[str] = "halved"
        port_names: ClassVar[tuple[str, ...]] = ("", "rest")
        view: ClassVar[bool] = True

    assert op(Halved).aliases_input
    assert Halved.saves_output
