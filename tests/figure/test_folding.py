"""What a picture opens and what it draws as one box."""

import pytest

from archspec.figure.place.fit import fitted
from archspec.figure.what.fold import BUDGET, UnknownPath
from tests.figure.drawn import GALLERY, boxes, network, picture, written


@pytest.mark.parametrize("spec", GALLERY)
def test_no_op_is_lost_and_none_is_drawn_twice(spec: str) -> None:
    panel = picture(spec).panels[0]
    drawn = [node for box in panel.boxes for node in box.nodes] + [node for edge in panel.edges for node in edge.nodes]
    assert sorted(drawn) == sorted(network(spec).graph.nodes)


@pytest.mark.parametrize("spec", GALLERY)
def test_a_picture_left_to_itself_fits_its_budget(spec: str) -> None:
    terminals = ("input", "output")
    assert len([box for box in picture(spec).panels[0].boxes if box.kind not in terminals]) <= BUDGET


@pytest.mark.parametrize("spec", GALLERY)
def test_the_boxes_counts_add_up_to_the_networks(spec: str) -> None:
    costs, drawn = network(spec).costs.values(), picture(spec).panels[0].boxes
    assert sum(box.params for box in drawn) == sum(cost.params for cost in costs)
    assert sum(box.macs for box in drawn) == sum(cost.macs for cost in costs)


@pytest.mark.parametrize("spec", GALLERY)
def test_edges_run_forward_and_name_boxes(spec: str) -> None:
    for panel in picture(spec).panels:
        place = {box.id: index for index, box in enumerate(panel.boxes)}
        assert all(place[edge.tail] < place[edge.head] for edge in panel.edges)


def test_a_repeat_is_one_box_with_its_number() -> None:
    layer3 = boxes(picture("resnet:resnet152"))["layer3"]
    assert (layer3.title, layer3.details[0], layer3.repeat) == ("layer3", "bottleneck", 36)


def test_every_inception_module_is_one_box_that_says_its_branches() -> None:
    drawn = boxes(picture("googlenet"))
    assert drawn["inception3a"].details == ("64 + 128 + 32 + 32",)
    assert len([name for name in drawn if name.startswith("inception")]) == 9


def test_a_train_only_head_is_one_dashed_box() -> None:
    drawn = boxes(picture("googlenet"))
    assert drawn["aux1"].train_only
    assert not drawn["inception4b"].train_only


def test_depth_opens_level_by_level() -> None:
    assert "inception3a" in boxes(picture("googlenet", depth=1))
    assert "inception3a/concat" in boxes(picture("googlenet", depth=2))
    assert "inception3b/concat" in boxes(picture("googlenet", depth=2))


def test_expand_opens_one_block_and_what_is_around_it() -> None:
    drawn = boxes(picture("resnet:resnet18", expand=("layer2/0",)))
    assert "layer2/0/add" in drawn
    assert "layer2/1" in drawn
    assert "layer1" in drawn


def test_equal_parts_of_an_open_repeat_are_one_box() -> None:
    drawn = boxes(picture("resnet:resnet50", expand=("layer3",)))
    assert drawn["layer3/0"].repeat == 1
    assert (drawn["layer3/1"].title, drawn["layer3/1"].repeat) == ("layer3.1\N{EN DASH}5", 5)


@pytest.mark.parametrize("path", ["layer2.0", "layer2/0", "/layer2/0/"])
def test_paths_are_written_with_dots_or_slashes(path: str) -> None:
    assert "layer2/0/add" in boxes(picture("resnet:resnet18", expand=(path,)))


def test_an_unknown_path_offers_the_nearest() -> None:
    with pytest.raises(UnknownPath, match=r"^no block 'layr2' to expand; the nearest is 'layer2'$"):
        picture("resnet:resnet18", expand=("layr2",))


def test_the_blocks_drawn_closed_are_shown_below_once_for_each_form() -> None:
    titles = [(panel.title, panel.subtitle.partition(":")[0]) for panel in picture("resnet:resnet50").panels[1:]]
    assert titles == [("bottleneck", "layer1.1 and 11 more like it"), ("bottleneck", "layer1.0 and 3 more like it")]


def test_no_frame_stands_round_a_single_box() -> None:
    made = written(
        """
graph:
  outer:
    graph:
      inner:
        graph:
          conv: {op: conv2d, out_channels: 8, kernel_size: 3}
          relu: relu
  pool: {op: max_pool2d, kernel_size: 2}
"""
    )
    assert made.panels[0].groups == ()


@pytest.mark.parametrize("spec", ["conformer", "mixtral"])
def test_a_table_of_places_stays_closed_however_much_room_there_is(spec: str) -> None:
    """What depends on nothing that the network is given is not what it is about; `--expand` opens it."""
    still = {"conformer": "distances", "mixtral": "model/rotary"}[spec]
    assert still in boxes(picture(spec))
    assert still not in boxes(picture(spec, expand=(still,)))


def test_a_block_that_a_drawing_below_has_closed_several_times_is_drawn_below_that() -> None:
    assert [panel.title for panel in picture("esrgan").panels[1:]] == ["rrdb", "residual_dense"]
    assert picture("esrgan").panels[2].subtitle == "body.0.rdb1 and 68 more like it"


@pytest.mark.parametrize(
    ("spec", "titles"),
    [
        ("mixtral:small", ["layer", "experts"]),  # there once, with most of the work
        ("maxvit:maxvit_t", ["layer", "partition_attention"]),  # what has much of the work before another use
        ("ddpm_unet", ["up", "residual"]),  # what closes some gives way to what need not
    ],
)
def test_what_a_network_is_about_is_drawn_below_it(spec: str, titles: list[str]) -> None:
    assert [panel.title for panel in picture(spec).panels[1:]] == titles


@pytest.mark.parametrize(
    ("spec", "width", "opened"),
    [
        ("clip:vit_b_32", 504.0, "visual"),
        ("vae", 245.0, ""),  # neither half has most of the work
    ],
)
def test_most_of_the_work_is_not_hidden_in_closed_blocks_of_one_kind(spec: str, width: float, opened: str) -> None:
    drawn = boxes(fitted(network(spec), width=width))
    assert opened not in drawn
    assert ("encoder" in drawn) == (not opened)
