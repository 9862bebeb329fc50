"""Modules of further kinds are specs as a whole, and proven; of the others the message says what would do."""

import pytest
from torch import nn

from archspec.importer.named import Size
from archspec.importer.refused import Refused
from tests.importer import breadth
from tests.importer.test_import import imported

WHOLE: dict[str, tuple[type[nn.Module], dict[str, Size]]] = {
    "Gained": (breadth.Gained, {"x": Size((6,))}),
    "Tasks": (breadth.Tasks, {"x": Size((4,))}),
    "Lengths": (breadth.Lengths, {"x": Size((4,))}),
    "Attending": (breadth.Attending, {"x": Size((5, 8))}),
    "Idle": (breadth.Idle, {"x": Size((6,))}),
    "OneChannel": (breadth.OneChannel, {"sound": Size((1, 9)), "style": Size((4,))}),
}


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_whole_and_proven(name: str) -> None:
    kind, sizes = WHOLE[name]
    found = imported(kind, None, **sizes)
    assert found.proof.holds, found.report()
    assert not found.opaque, found.report()


def test_what_nobody_reads_is_told_of_functions_too() -> None:
    found = imported(breadth.Idle, None, x=Size((6,)))
    assert "macs: ok, 36, and the module does 114 more that nothing reads" in found.report()


def test_one_number_of_a_table_is_selected() -> None:
    text = imported(breadth.Tasks, None, x=Size((4,))).text
    assert "select1: {op: select, from: log_vars, dim: 0, index: 0}\n  neg: neg" in text


def test_where_the_batch_is_in_all_outputs_the_cure_is_to_give_more() -> None:
    with pytest.raises(Refused) as raised:
        imported(breadth.Logits, None, image=Size((6,)), text=Size((5,)))
    first, cure = raised.value.whole("Logits", strict=False).splitlines()
    assert first.endswith(": multiplies the samples of a batch by each other")
    assert cure == (
        "help: return what it is made of too, as `return logits, image, text`: the spec leaves out what mixes samples"
    )


def test_a_function_is_given_tensors_by_name_and_a_message_calls_them_so() -> None:
    found = imported(breadth.Clamped, None, x=Size((4,)))
    assert found.proof.holds, found.report()
    assert [one.reason for one in found.opaque] == ["a field would hold a tensor"]
    assert 'clamp: {op: function, from: [x, low], target: "torch:clamp", shapes: [[4]], by_name: [min]}' in found.text
