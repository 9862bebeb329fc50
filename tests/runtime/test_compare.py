"""Two modules are compared by their state_dicts and by their outputs, and the first differences are named."""

from collections import OrderedDict
from typing import NamedTuple

import pytest
import torch
from torch import nn

from archspec.runtime.compare import output_differences, randomise, state_dict_differences


class Pair(NamedTuple):
    logits: torch.Tensor
    aux: torch.Tensor


def chain(*named: tuple[str, nn.Module]) -> nn.Sequential:
    return nn.Sequential(OrderedDict(named))


@pytest.mark.parametrize(
    ("ours", "theirs", "differences"),
    [
        (chain(("fc", nn.Linear(2, 3))), chain(("fc", nn.Linear(2, 3))), ()),
        (
            chain(("fc1", nn.Linear(2, 3, bias=False))),
            chain(("fc", nn.Linear(2, 3, bias=False))),
            (
                "fc.weight: not ours; the nearest is fc1.weight",
                "fc1.weight: not the peer's; the nearest is fc.weight",
            ),
        ),
        (
            chain(("fc", nn.Linear(2, 3))),
            chain(("fc", nn.Linear(4, 3))),
            ("fc.weight: 3 x 2, the peer's is 3 x 4",),
        ),
        (
            chain(("a", nn.Linear(2, 2, bias=False)), ("b", nn.Linear(2, 2, bias=False))),
            chain(("b", nn.Linear(2, 2, bias=False)), ("a", nn.Linear(2, 2, bias=False))),
            ("order: a.weight stands where the peer's is b.weight",),
        ),
    ],
)
def test_state_dicts(ours: nn.Module, theirs: nn.Module, differences: tuple[str, ...]) -> None:
    assert state_dict_differences(ours, theirs) == differences


def test_many_differences_are_cut_short() -> None:
    theirs = chain(*((f"layer{i}", nn.Linear(1, 1)) for i in range(8)))
    assert state_dict_differences(chain(), theirs)[-1] == "and 11 more"


def test_random_weights_keep_variances_positive() -> None:
    module = chain(("conv", nn.Conv2d(1, 2, 3)), ("bn", nn.BatchNorm2d(2)))
    randomise(module)
    state = module.state_dict()
    assert (state["bn.running_var"] > 0).all()
    assert state["bn.num_batches_tracked"] == 0
    again = chain(("conv", nn.Conv2d(1, 2, 3)), ("bn", nn.BatchNorm2d(2)))
    randomise(again)
    assert all(torch.equal(state[key], value) for key, value in again.state_dict().items())


def test_outputs_of_one_name_are_compared_whatever_their_order() -> None:
    a, b = torch.zeros(2), torch.ones(2)
    differences = output_differences({"aux": b, "logits": a}, Pair(a, b))
    assert not isinstance(differences, str)
    assert [(d.theirs, d.ours, d.equal) for d in differences] == [("aux", "aux", True), ("logits", "logits", True)]


def test_outputs_of_other_names_are_matched_by_value() -> None:
    a, b = torch.zeros(2), torch.ones(2)
    differences = output_differences((b, a), Pair(a, b))
    assert not isinstance(differences, str)
    assert [(d.theirs, d.ours, d.equal) for d in differences] == [("aux", "0", True), ("logits", "1", True)]


def test_outputs_that_differ_in_number_or_size_say_so() -> None:
    one = torch.zeros(2)
    assert output_differences(one, Pair(one, one)) == "1 outputs (one tensor), the peer has 2 (logits, aux)"
    assert output_differences(one, torch.zeros(3)) == "output 0 is 2, the peer's 3"


def test_the_peer_may_give_more_where_allowed() -> None:
    a, b = torch.zeros(2), torch.ones(2)
    differences = output_differences(b, Pair(a, b), more=True)
    assert not isinstance(differences, str)
    assert [(d.theirs, d.equal) for d in differences] == [("aux", True)]


def test_not_a_number_is_never_close() -> None:
    differences = output_differences(torch.tensor([float("nan")]), torch.tensor([1.0]))
    assert not isinstance(differences, str)
    assert [d.close for d in differences] == [False]
