"""What figures say beyond boxes: templates and their tables, branches, levels, bars of cost, heat, buses."""

import pytest

from archspec.figure.diagram import Panel
from archspec.figure.look.heat import heat_paint
from archspec.figure.look.theme import DARK
from archspec.figure.place.compose import lay_out_blocks
from archspec.figure.place.drawing import draw, page_width, place
from archspec.figure.place.fit import fitted
from archspec.figure.place.grid import arrange
from archspec.figure.place.nest import nest
from archspec.figure.scene import Text
from archspec.figure.what.depict import Page, diagram
from archspec.figure.what.fold import DrawError
from archspec.pipeline import load_text
from tests.figure.drawn import boxes, network, picture

DENSE = """
archspec: 1
name: Dense
inputs: {image: [16, 32, 32]}
blocks:
  layer:
    graph:
      conv1: {op: conv2d, out_channels: 32, kernel_size: 1}
      relu: relu
      conv2: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}
graph:
  l1: {block: layer, from: image}
  c1: {op: concat, from: [image, l1]}
  l2: {block: layer}
  c2: {op: concat, from: [image, l1, l2]}
  l3: {block: layer}
  c3: {op: concat, from: [image, l1, l2, l3]}
  l4: {block: layer}
  c4: {op: concat, from: [image, l1, l2, l3, l4]}
  out: {op: conv2d, out_channels: 10, kernel_size: 1}
"""


def details(spec: str) -> dict[str, Panel]:
    return {panel.subtitle.partition(" ")[0]: panel for panel in picture(spec).panels[1:]}


# -- templates -----------------------------------------------------------------------------------------------------


def test_the_table_of_inception_modules_is_table_1_of_the_paper() -> None:
    """Szegedy et al., 2014, Table 1: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj; and the output's depth."""
    table = details("googlenet")["inception3a"].table
    assert table is not None
    assert table.columns == ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
    assert dict(table.rows) == {
        "n1x1": ("64", "128", "192", "160", "128", "112", "256", "256", "384"),
        "r3x3": ("96", "128", "96", "112", "128", "144", "160", "160", "192"),
        "n3x3": ("128", "192", "208", "224", "256", "288", "320", "320", "384"),
        "r5x5": ("16", "32", "16", "24", "24", "32", "32", "32", "48"),
        "n5x5": ("32", "96", "48", "64", "64", "64", "128", "128", "128"),
        "proj": ("32", "64", "64", "64", "64", "64", "128", "128", "128"),
        "out": ("256", "480", "512", "512", "512", "528", "832", "832", "1024"),
    }


def test_a_template_says_the_authors_expressions_where_uses_differ() -> None:
    panel = details("googlenet")["inception3a"]
    said = {box.id.removeprefix("inception3a/"): box.details for box in panel.boxes}
    assert said["conv1x1/conv"] == ("n1x1",)
    assert said["conv3x3/0/conv"] == ("r3x3",)
    assert said["pool/1/conv"] == ("proj",)
    assert said["pool/0"] == ("3×3",)


def test_a_template_gives_no_counts_that_hold_for_one_use_alone() -> None:
    assert all(not box.counts for box in details("resnet:resnet50")["layer1.1"].boxes)


def test_what_varies_little_is_a_sentence() -> None:
    first, other = details("resnet:resnet50")["layer1.0"], details("resnet:resnet50")["layer1.1"]
    stages = "in layer1, layer2, layer3, layer4"
    widths = "width 64, 128, 256, 512 · channels 256, 512, 1024, 2048"
    assert other.subtitle == f"layer1.1 and 11 more like it: {widths} {stages}"
    assert first.subtitle == f"layer1.0 and 3 more like it: {widths} · stride 1, 2, 2, 2 {stages}"
    said = {box.id.removeprefix("layer1/0/"): box.details for box in first.boxes}
    assert said["conv2"] == ("width, /stride",)
    assert said["downsample/0"] == ("channels, /stride", "no ReLU")


# -- forms ---------------------------------------------------------------------------------------------------------


def test_a_closed_inception_module_shows_its_branches_by_their_share() -> None:
    box = boxes(picture("googlenet"))["inception3a"]
    assert (box.form, box.title) == ("bands", "3a")
    assert [band.channels for band in box.bands] == [64, 128, 32, 32]
    assert [band.share for band in box.bands] == [0.25, 0.5, 0.125, 0.125]
    template = {b.id: b for b in details("googlenet")["inception3a"].boxes}
    ends = ("conv1x1/conv", "conv3x3/1/conv", "conv5x5/1/conv", "pool/1/conv")
    assert [template[f"inception3a/{name}"].paint for name in ends] == [band.paint for band in box.bands]


def test_an_encoder_decoder_is_slabs_with_pools_as_arrows() -> None:
    made = picture("unet")
    panel = made.panels[0]
    drawn = boxes(made)
    assert [name for level, name in panel.levels] == ["572²", "280²", "136²", "64²", "28²"]
    assert drawn["down1/conv1"].form == "slab"
    assert drawn["concat1"].form == "copy"
    pools = [(edge.tail, edge.head, edge.nodes) for edge in panel.edges if edge.nodes]
    assert pools == [(f"down{n}/conv1", f"down{n + 1}/conv1", (f"pool{n}",)) for n in (1, 2, 3, 4)]
    assert [key.label for key in made.legend][:4] == ["3×3 conv", "1×1 conv, no ReLU", "max pool, 2×2, /2", "up-conv"]


def test_skips_of_an_encoder_decoder_run_straight_and_do_not_cross() -> None:
    panel = place(picture("unet"))[0]
    heights = set()
    for route in panel.routes:
        if route.edge.kind == "skip":
            assert len({y for _, y in route.points}) == 1
            heights.add(route.points[0][1])
    assert len(heights) == 4


def test_finer_resolution_is_taller_and_more_channels_are_wider() -> None:
    sizes = {box.box.id: box.size for box in place(picture("unet"))[0].boxes}
    slabs = [sizes[f"down{level}/conv1"] for level in (1, 2, 3, 4, 5)]
    assert [size.height for size in slabs] == sorted((size.height for size in slabs), reverse=True)
    assert [size.width for size in slabs] == sorted(size.width for size in slabs)


def test_heads_of_training_are_dashed_stubs() -> None:
    drawn = boxes(picture("googlenet"))
    assert drawn["aux1"].train_only
    assert "output@aux1" not in drawn


# -- lanes ---------------------------------------------------------------------------------------------------------


def test_of_dense_connections_each_value_has_a_lane_of_its_own() -> None:
    panel = diagram(load_text(DENSE)).panels[0]
    grid = arrange(nest(panel)[""])
    long = [link for link in grid.ways if grid.columns[link.head] - grid.columns[link.tail] > 1]
    assert len(long) == 10  # 1 + 2 + 3 + 4 sources that are not right before
    assert len({(grid.ways[link], link.source) for link in long}) == len({grid.ways[link] for link in long}) == 4


def test_branches_stand_in_the_order_in_which_they_are_written() -> None:
    panel = details("googlenet")["inception3a"]
    placed = lay_out_blocks(panel, width=492)
    middle = {box.box.id.removeprefix("inception3a/"): box.y for box in placed.boxes}
    ends = ["conv1x1/conv", "conv3x3/1/conv", "conv5x5/1/conv", "pool/1/conv"]
    assert sorted(ends, key=lambda name: middle[name]) == ends
    (bar,) = [box for box in placed.boxes if box.box.kind == "concat"]
    top, bottom = bar.y - bar.size.height / 2, bar.y + bar.size.height / 2
    assert all(top < middle[name] < bottom for name in ends)


def test_a_residual_edge_arches_over_its_block() -> None:
    placed = lay_out_blocks(details("resnet:resnet50")["layer1.1"], width=492)
    (arch,) = [route for route in placed.routes if route.edge.kind == "residual"]
    tops = [box.y - box.size.height / 2 for box in placed.boxes if box.box.kind == "op"]
    assert min(y for _, y in arch.points) < min(tops)
    assert arch.points[-1][0] == pytest.approx(next(b.x for b in placed.boxes if b.box.kind == "add"))


# -- costs ---------------------------------------------------------------------------------------------------------


def test_bars_say_where_the_cost_is() -> None:
    params, macs = picture("resnet:resnet50").bars
    assert (params.label, macs.label) == ("params", "MACs")
    shares = {name: share for name, share, _ in params.parts}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["layer4"] == pytest.approx(14_964_736 / 25_557_032)
    assert "maxpool" not in shares


def test_heat_colours_by_share_of_the_hottest_box() -> None:
    made = diagram(network("resnet:resnet50"), heat="macs", theme="dark")
    drawn = boxes(made)
    hottest = drawn["layer3"]
    assert hottest.paint == heat_paint(DARK, 1.0)
    assert drawn["conv1"].paint == heat_paint(DARK, drawn["conv1"].macs / hottest.macs)
    assert [(key.label, key.sample) for key in made.legend] == [
        ("MACs: 0 to 1.46 G a box; each block below on a scale of its own", "ramp"),
        ("residual", "edge"),  # its line has a colour of its own
    ]


@pytest.mark.parametrize("heat", ["params", "macs", "activations"])
def test_heat_changes_colours_alone(heat: str) -> None:
    plain, hot = (place(diagram(network("googlenet"), heat=h))[0] for h in ("", heat))
    assert [(box.x, box.y, box.size) for box in plain.boxes] == [(box.x, box.y, box.size) for box in hot.boxes]


# -- pages ---------------------------------------------------------------------------------------------------------


def test_a_narrower_page_closes_blocks_before_it_wraps() -> None:
    wide, narrow = (fitted(network("vgg:vgg16"), width=width) for width in (504.0, 245.0))
    assert len(narrow.panels[0].boxes) < len(wide.panels[0].boxes)


def test_type_keeps_its_size_whatever_the_page() -> None:
    sizes = [
        {
            shape.size
            for mark in draw(fitted(network("googlenet"), width=w)).marks
            for shape in mark.shapes
            if isinstance(shape, Text)
        }
        for w in (504.0, 245.0)
    ]
    assert sizes[0] == sizes[1] == {10.0, 8.4, 7.2, 6.4, 6.0}


def test_a_page_too_narrow_says_how_wide_it_must_be() -> None:
    with pytest.raises(
        DrawError, match=r"^80 pt is too narrow: what is shown needs (\d+) pt; use --width \1pt"
    ) as caught:
        fitted(network("googlenet"), width=80.0)
    needed = float(str(caught.value).partition("needs ")[2].partition(" ")[0])
    made = fitted(network("googlenet"), width=needed + 1)
    assert page_width(place(made)) <= needed + 1.5


HEATS = "params, macs, activations, peak_memory, receptive_field, saved_memory, stride and time"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style": "volume"}, "no style 'volume'; there are auto, figure, graph and volumes"),
        ({"heat": "flops"}, f"no heat 'flops'; there are {HEATS}"),
        ({"theme": "sepia"}, "no theme 'sepia'; there are light, dark and print"),
    ],
)
def test_unknown_names_list_those_there_are(options: dict[str, str], message: str) -> None:
    with pytest.raises(DrawError) as caught:
        diagram(network("alexnet"), **options)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_a_graph_has_a_box_for_every_op() -> None:
    made = fitted(network("resnet:resnet18"), style="graph")
    assert [box.nodes for box in made.panels[0].boxes if box.nodes] == [
        (name,) for name in network("resnet:resnet18").graph.nodes
    ]


def test_a_long_chain_of_residuals_takes_two_lanes_however_long() -> None:
    body = "".join(
        f"  c{i}: {{op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}}\n"
        f"  a{i}: {{op: add, from: [c{i}, {f'a{i - 1}' if i else 'image'}]}}\n"
        for i in range(500)
    )
    text = f"archspec: 1\nname: Long\ninputs: {{image: [8, 8, 8]}}\ngraph:\n{body}"
    panel = diagram(load_text(text), depth=1).panels[0]
    grid = arrange(nest(panel)[""])
    assert grid.count == 1002
    assert {*grid.lanes.values(), *grid.ways.values()} == {0, 1}


def test_a_template_names_groups_strides_and_sizes_that_differ() -> None:
    def first(panel: Panel, title: str) -> str:
        return next(box.details[0] for box in panel.boxes if box.title == title)

    [_, separable] = picture("mobilenet_v1:mobilenet_v1_1_0").panels
    assert first(separable, "3×3") == "C, depthwise, /stride"
    [_, _, bottleneck] = picture("regnet:regnet_x_400mf").panels
    assert first(bottleneck, "3×3") == "width, b groups, /2"
    assert "b groups 2, 4, 10, 25 in block1, block2, block3, block4" in bottleneck.subtitle
    [_, _, bottleneck, _] = picture("se_resnet:se_resnet50").panels
    assert first(bottleneck, "1×1") == "width, /stride"
    assert "stride 1, 2, 2, 2 in layer1, layer2, layer3, layer4" in bottleneck.subtitle
    [_, level, *_] = diagram(network("pspnet:pspnet_resnet50"), page=Page(budget=12)).panels
    assert first(level, "avg pool") == "to bins"


def test_a_template_says_depthwise_and_each_kernel_and_writes_out_what_does_not_differ() -> None:
    panel = picture("efficientnet:b0").panels[1]
    filtered = next(box for box in panel.boxes if box.title == "3×3 or 5×5")
    assert filtered.details == ("6C, depthwise",)
    assert "channels = C 24, 40, 80, 112, 192 \N{MIDDLE DOT} kernel 3, 5, 3, 5, 5 in features.2, " in panel.subtitle


def test_groups_of_several_channels_are_not_depthwise() -> None:
    text = "archspec: 1\nname: G\ninputs: {image: [8, 8, 8]}\ngraph:\n"
    for groups in (4, 8):
        text += f"  c{groups}: {{op: conv2d, out_channels: 16, kernel_size: 3, groups: {groups}}}\n"
    assert boxes(diagram(load_text(text)))["c4"].details == ("16, 4 groups",)
    assert boxes(diagram(load_text(text)))["c8"].details == ("16, 8 groups",)
    assert boxes(diagram(load_text(text.replace("  c4", "  #c4"))))["c8"].details == ("16, depthwise",)


def test_blocks_of_equal_parts_but_other_activations_are_not_one_kind() -> None:
    panels = picture("mobilenet_v3:mobilenet_v3_large").panels[1:]
    assert [panel.subtitle.partition(":")[0] for panel in panels] == [
        "features.12 and 2 more like it",
        "features.5 and 1 more like it",
        "features.4.block.2 and 7 more like it",
    ]


def test_an_activation_in_the_place_of_the_usual_one_stands_alone() -> None:
    drawn = boxes(picture("deeplabv3_mobilenet_v3"))
    assert drawn["classifier/1"].details == ("256", "ReLU")
    assert drawn["classifier/4"].details == ("21", "no BN or hard-swish")


def test_outputs_of_a_closed_block_are_called_what_the_spec_calls_them() -> None:
    closed = diagram(network("hrnet:hrnet_w18"), page=Page(by_level=False)).panels[0]
    labels = {(edge.head, edge.label) for edge in closed.edges if edge.tail == "stage4"}
    assert labels == {("incre0", "maps_0"), ("incre1", "maps_1"), ("incre2", "maps_2"), ("incre3", "")}
    assert ("backbone", "low") in {(edge.tail, edge.label) for edge in fitted(network("lraspp")).panels[0].edges}


def test_a_sum_of_a_template_counts_only_what_all_uses_count() -> None:
    panel = next(panel for panel in fitted(network("vnet")).panels if panel.title == "up")
    assert "256, 128" in panel.subtitle
    assert [box.counts for box in panel.boxes if box.kind == "add"] == [""]


def test_a_block_with_several_outputs_does_not_name_the_resolution_of_its_row() -> None:
    made = picture("fpn:fpn_resnet50", depth=1, expand=("fpn.inner_blocks.0", "fpn.layer_blocks.0"))
    assert [name for _, name in made.panels[0].levels] == ["200²", "100²", "50²", "25²", "13²"]
