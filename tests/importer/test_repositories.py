"""What widely used repositories have: each kind is a spec, and proven; or refused by name."""

import pytest
import torch
from torch import nn

import archspec
from archspec.importer.importing import Wish
from archspec.importer.named import Size
from archspec.importer.opaque import maker_of
from archspec.importer.refused import ImportFault, Refused
from tests.importer import repositories
from tests.importer.test_import import graph_of, imported

WHOLE = {
    "Placed": (repositories.Placed, {"x": Size((2, 3, 4))}),
    "Bias": (repositories.Bias, {"x": Size((4, 4))}),
    "Flat": (repositories.Flat, {"tokens": Size((5,), "int")}),
    "OneHead": (repositories.OneHead, {"x": Size((6, 8))}),
    "Put": (repositories.Put, {"x": Size((3, 4))}),
    "Shifted": (repositories.Shifted, {"x": Size((5, 4))}),
    "Normed": (repositories.Normed, {"x": Size((4, 6))}),
    "Units": (repositories.Units, {"x": Size((4,))}),
    "Guarded": (repositories.Guarded, {"x": Size((3, 4))}),
    "Depth": (repositories.Depth, {"x": Size((3, 4))}),
    "Hollow": (repositories.Hollow, {"x": Size((3, 4, 4))}),
    "Idle": (repositories.Idle, {"x": Size((3, 4))}),
}


def comment(text: str) -> list[str]:
    return [line[2:] for line in text.splitlines() if line[:1] == "#"]


@pytest.mark.parametrize("name", WHOLE)
def test_a_kind_is_whole_and_proven(name: str) -> None:
    kind, sizes = WHOLE[name]
    found = imported(kind, None, **sizes)
    assert found.proof.holds, found.report()
    assert not found.opaque
    assert len(comment(found.text)) == 1 or "At another size" in comment(found.text)[1]


def test_a_list_that_training_gives_otherwise_makes_the_spec_that_of_inference() -> None:
    found = imported(repositories.Detector, x=Size((3, 8, 8)))
    assert found.proof.exact, found.report()
    assert not found.opaque
    assert comment(found.text) == [
        "Imported from tests.importer.repositories:Detector: equal keys, and equal outputs bit for bit, in inference.",
        "In training the module does otherwise: inference does what training does not.",
    ]


def test_what_only_training_does_and_no_spec_says_makes_the_spec_that_of_inference() -> None:
    found = imported(repositories.Dropping, x=Size((3, 4)))
    assert found.proof.exact, found.report()
    assert "mark: {op: parameter, kept: true, shape: [4]}" in found.text


def test_a_loss_is_left_out_beside_what_a_spec_can_say() -> None:
    found = imported(repositories.Quantized, x=Size((4,)))
    assert found.proof.exact, found.report()
    assert "outputs: {output_1: decoder}" in found.text
    (line,) = comment(found.text)[1:]
    assert line.startswith("Left out: output 0: the module itself (")
    assert line.endswith("): no rule for mse_loss.")
    with pytest.raises(Refused, match="mse_loss"):
        imported(repositories.Quantized, Wish(strict=True), x=Size((4,)))


def test_a_network_of_which_all_outputs_meet_other_samples_is_refused() -> None:
    with pytest.raises(Refused, match="multiplies the samples of a batch by each other"):
        imported(repositories.Similar, image=Size((4,)), text=Size((5,)))


def test_an_opaque_member_has_tokens_of_all_samples_in_its_batch() -> None:
    found = imported(repositories.Routed, Wish(maker=maker_of(repositories.Routed, {})), x=Size((3, 4)))
    assert found.proof.exact, found.report()
    assert graph_of(found) == (
        "graph:\n"
        "  merge_batch: merge_batch\n"
        '  experts: {op: module, target: "tests.importer.repositories:Experts", args: [[width, 4]], shapes: [[4]],'
        " params: 20,\n            macs: 48}\n"
        "  split_batch: {op: split_batch, size: 3}\n"
        "  head: {op: linear, out_features: 2}\n"
    )


def test_a_module_that_does_not_run_says_so_where_its_sketch_does() -> None:
    with pytest.raises(ImportFault, match="does not run with x"):
        imported(repositories.Wrong, x=Size((4,)))


def test_runs_that_call_otherwise_say_where() -> None:
    class Counts(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for _ in range(x.shape[0]):
                x = x * 2
            return x

    with pytest.raises(Refused) as raised:
        imported(Counts, x=Size((4,)))
    assert raised.value.reason == "calls otherwise for 3 samples than for 2"
    assert "test_repositories.py:" in raised.value.place


def test_a_function_without_an_op_has_places_of_all_samples_in_its_batch() -> None:
    found = imported(repositories.Nearest, x=Size((3, 4)))
    assert found.proof.exact, found.report()
    assert '{op: function, from: [merge_batch, table], target: "torch:cdist", ' in found.text


def test_an_opaque_member_that_gives_what_it_is_given_gives_a_value_of_its_own() -> None:
    found = imported(repositories.Biases, Wish(maker=maker_of(repositories.Biases, {})), x=Size((3, 4)))
    assert found.proof.exact, found.report()
    assert "  made: {op: add, from: [two, one.1]}\n" in found.text


def test_hooks_that_a_module_puts_on_its_layers_in_its_first_run_are_put_there_once() -> None:
    found = imported(repositories.Capturing, x=Size((4,)))
    assert found.proof.exact, found.report()


def test_a_callable_that_is_given_lists_of_lists_makes_no_opaque_member() -> None:
    assert maker_of(repositories.Biased, {"width": 4}) is not None
    assert maker_of(repositories.Biased, {"width": [[4, 1], [4, 2]]}) is None


def test_what_is_refused_says_what_would_do() -> None:
    class Picking(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[torch.where(x[:, 0] > 0)[0]]

    with pytest.raises(ImportFault) as raised:
        archspec.from_module(Picking(), (4,))
    first, *rest = str(raised.value).splitlines()
    assert first.startswith("Picking cannot be said in ops: the module itself (")
    assert rest == [
        "help: put these lines into a module inside, given and giving tensors with the batch first: it is opaque"
    ]
