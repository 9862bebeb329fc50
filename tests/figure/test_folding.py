"""What a picture opens and what it draws as one box."""

import pytest

from archspec.figure.place.fit import fitted
from archspec.figure.what.fold import BUDGET, UnknownPath
from archspec.pipeline import load_text
from tests.figure.drawn import GALLERY, boxes, network, picture, written
from tests.figure.geometry import faults


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
        (
            "maxvit:maxvit_t",
            ["layer", "partition_attention", "squeeze_excitation"],
        ),  # what has much of the work before another use
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


HEADS = """
blocks:
  stage:
    graph:
      - {op: conv2d, out_channels: 64, kernel_size: 3, stride: 2, padding: 1}
      - relu
  head:
    graph:
      tower: {graph: [{op: conv2d, out_channels: 64, kernel_size: 3, padding: 1}, relu], repeat: 4}
      cls: {op: conv2d, out_channels: 90, kernel_size: 3, padding: 1, from: tower}
      box: {op: conv2d, out_channels: 36, kernel_size: 3, padding: 1, from: tower}
    outputs: [cls, box]
graph:
  c3: {block: stage}
  c4: {block: stage}
  c5: {block: stage}
  h3: {block: head, from: c3}
  h4: {share: h3, from: c4}
  h5: {share: h3, from: c5}
outputs: {cls3: h3.cls, box3: h3.box, cls4: h4.cls, box4: h4.box, cls5: h5.cls, box5: h5.box}
"""


def test_equal_heads_of_several_maps_are_drawn_once() -> None:
    made = written(HEADS)
    assert {box.id for box in made.panels[0].boxes if box.kind == "block"} == {"h3", "h4", "h5"}
    assert [panel.title for panel in made.panels[1:]] == ["head"]


STYLES = """
archspec: 1
name: StyleGAN
inputs: {z: [512], noise8: [1, 8, 8], noise16: [1, 16, 16]}
blocks:
  mapping: {graph: [{op: linear, out_features: 512}, {op: leaky_relu, negative_slope: 0.2}]}
  style:
    inputs: [x, w, noise]
    params: {out: int}
    graph:
      up: {op: upsample, scale_factor: 2, from: x}
      conv: {op: conv2d, out_channels: $out, kernel_size: 3, padding: 1}
      scaled: {op: conv2d, out_channels: $out, kernel_size: 1, bias: false, from: noise}
      noisy: {op: add, from: [conv, scaled]}
      act: {op: leaky_relu, negative_slope: 0.2}
      norm: {op: instance_norm2d}
      affine: {op: linear, out_features: $out, from: w}
      gain: {op: unflatten, dim: 1, unflattened_size: [$out, 1, 1]}
      out: {op: mul, from: [norm, gain]}
graph:
  mapping: {block: mapping, repeat: 8, from: z}
  constant: {op: parameter, shape: [1, 512, 4, 4], init: normal}
  start: {op: expand, from: {x: constant, like: noise8}}
  s8: {block: style, out: 256, from: [start, mapping, noise8]}
  s16: {block: style, out: 128, from: [s8, mapping, noise16]}
  rgb: {op: conv2d, out_channels: 3, kernel_size: 1}
outputs: {image: rgb}
"""


def test_two_uses_of_a_block_are_both_open_or_both_closed() -> None:
    """The second use reads maps of two levels, and the first one map and a constant."""
    opened = {box.id for box in fitted(load_text(STYLES), width=504.0).panels[0].boxes}
    assert ("s8" in opened) == ("s16" in opened)


def test_the_channels_of_a_stack_of_slabs_stand_above_its_number() -> None:
    made = written(
        """
graph:
  wide: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  down: {op: max_pool2d, kernel_size: 2}
  row: {graph: [{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}, relu], repeat: 4}
  up: {op: conv_transpose2d, out_channels: 8, kernel_size: 2, stride: 2}
  both: {op: concat, from: [wide, up]}
  last: {op: conv2d, out_channels: 2, kernel_size: 1}
"""
    )
    assert any(box.form == "slab" and box.repeat == 4 for box in made.panels[0].boxes)
    assert faults(made) == []
