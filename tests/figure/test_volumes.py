"""Volumes: every feature map a solid, as high and deep as its resolution and as thick as its channels."""

from functools import cache
from itertools import pairwise

import pytest

from archspec.figure.diagram import Box, Diagram
from archspec.figure.look.color import contrast
from archspec.figure.look.theme import THEMES, Paint, Theme
from archspec.figure.place.cabinet import Slab, height_of, slabs, thickness_of, tones
from archspec.figure.place.drawing import draw, place
from archspec.figure.place.fit import fitted
from archspec.figure.place.placed import PlacedPanel
from archspec.figure.scene import Polygon, Text
from archspec.figure.solid import Part, Solid
from archspec.figure.what.outline import outline
from archspec.pipeline import load_text
from tests.figure.drawn import GALLERY, boxes, network
from tests.figure.geometry import faults, overlap, sides, span

HEAD = "archspec: 1\nname: Net\ninputs: {image: [3, 64, 256]}\ngraph:\n"


@cache
def volumes(spec: str, width: float = 504.0, theme: str = "light", heat: str = "") -> Diagram:
    return fitted(network(spec), style="volumes", width=width, theme=theme, heat=heat)


@cache
def placed(spec: str, width: float = 504.0) -> PlacedPanel:
    return place(volumes(spec, width))[0]


def written(graph: str) -> Diagram:
    return fitted(load_text(HEAD + graph), style="volumes")


def solid(box: Box) -> Solid:
    assert box.solid is not None
    return box.solid


def measured(panel: PlacedPanel) -> list[tuple[Part, list[Slab]]]:
    """Every feature map of a panel and its slabs."""
    found = []
    for box in panel.boxes:
        if box.box.solid:
            found += list(zip(box.box.solid.parts, slabs(box.box.solid), strict=True))
    return found


def kinds(box: Box, theme: Theme) -> list[str]:
    """The role of each slice, "" for the dark edge of an activation."""
    fills = {theme.paint(role).fill: role.value for role in theme.roles}
    return [fills.get(one.paint.fill, "") for part in solid(box).parts for one in part.slices]


# -- what is drawn -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", GALLERY)
def test_whatever_has_a_spatial_size_is_a_volume(spec: str) -> None:
    for box in volumes(spec).panels[0].boxes:
        join = box.kind in ("add", "concat") and box.form in ("add", "concat")
        assert join or (box.form == "volume" and bool(solid(box).parts)), box.id


@pytest.mark.parametrize("width", [504.0, 245.0])
@pytest.mark.parametrize("spec", GALLERY)
def test_volumes_and_their_words_do_not_overlap_and_stay_on_the_page(spec: str, width: float) -> None:
    made = volumes(spec, width)
    assert faults(made) == []
    assert draw(made).width == pytest.approx(width, abs=0.5)


@pytest.mark.parametrize("spec", GALLERY)
def test_the_words_of_a_volume_stand_outside_it(spec: str) -> None:
    """The corner of a resolution tucks in below the slanting edge, which a bounding box does not know of."""
    for mark in draw(volumes(spec)).marks:
        faces = [shape for shape in mark.shapes if isinstance(shape, Polygon)]
        if not mark.kind.startswith("box") or mark.id.startswith("panel"):
            continue
        for text in (shape for shape in mark.shapes if isinstance(shape, Text)):
            assert not any(_touches(face, text) for face in faces), f"{text.text} of {mark.id}"


def _touches(face: Polygon, text: Text) -> bool:
    """Whether a convex polygon has a point in common with the room of a text, by separating lines."""
    left, top, right, bottom = span(text)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    if not overlap(span(face), (left, top, right, bottom)):
        return False
    for (x0, y0), (x1, y1) in pairwise((*face.points, face.points[0])):
        normal = y1 - y0, x0 - x1
        ours = [x * normal[0] + y * normal[1] for x, y in face.points]
        theirs = [x * normal[0] + y * normal[1] for x, y in corners]
        if max(ours) <= min(theirs) or max(theirs) <= min(ours):
            return False
    return True


@pytest.mark.parametrize("spec", GALLERY)
def test_a_finer_resolution_is_taller_and_deeper_and_more_channels_are_thicker(spec: str) -> None:
    maps = [(part, row) for part, row in measured(placed(spec)) if part.height]
    by_height = sorted((part.height, round(row[0].height, 6), round(row[0].depth, 6)) for part, row in maps)
    for (side, tall, deep), (finer, taller, deeper) in pairwise(by_height):
        assert (taller > tall and deeper > deep) if finer > side else (taller == tall)
    layers = {
        one.channels: slab.thickness / one.share for p, row in maps for one, slab in zip(p.slices, row, strict=True)
    }
    ordered = [thickness for channels, thickness in sorted(layers.items()) if channels]
    assert ordered == sorted(ordered)
    assert len(set(ordered)) == len(ordered)


def test_scales_are_logarithmic_so_that_the_coarsest_is_seen_beside_the_finest() -> None:
    steps = [height_of(2 * side) - height_of(side) for side in (28, 56, 112, 224)]
    assert steps == sorted(steps)
    assert all(6.5 < step < 8 for step in steps)
    assert 3 < height_of(224) / height_of(7) < 4
    assert 1.5 < thickness_of(512) / thickness_of(64) < 2


def test_the_depth_of_a_volume_is_the_width_of_its_resolution() -> None:
    made = written("  conv: {op: conv2d, out_channels: 8, kernel_size: 3, padding: 1}\n")
    image = solid(boxes(made)["image"])
    ((slab,),) = slabs(image)
    assert (slab.height, slab.depth) == (height_of(64), height_of(256))
    assert image.parts[0].resolution == "64×256"


# -- what stands together ------------------------------------------------------------------------------------------


def test_a_stage_of_vgg_is_its_layers_and_the_pool_behind_them() -> None:
    made = volumes("vgg:vgg16")
    box = boxes(made)["features/stage3/convs/0/conv"]
    layers, pool = solid(box).parts
    assert kinds(box, made.theme) == ["conv", "", "conv", "", "conv", "", "pool"]
    assert (layers.height, layers.channels, layers.resolution) == (56, "256", "")
    assert (pool.height, pool.channels, pool.resolution) == (28, "", "28\N{SUPERSCRIPT TWO}")
    assert (solid(box).above, solid(box).name) == (("3×3",), "stage3")
    assert [b.id.partition("/conv")[0] for b in made.panels[0].boxes if b.side] == [
        "image",
        *(f"features/stage{number}" for number in (1, 2, 3, 4, 5)),
    ]


def test_what_stands_together_is_told_in_words() -> None:
    lines = [line.strip() for line in outline(volumes("alexnet"))]
    assert "features.0: 11×11 conv, 64, /4, then max pool 3×3, /2, 23.3 k params, 70.3 M MACs, output 64×27²" in lines
    assert "classifier.6: linear, 1000, output logits, 4.10 M params, 4.10 M MACs, output 1000" in lines
    assert any("256, 2 in a row, then max pool 3×3, /2" in line for line in lines)


def test_many_equal_layers_are_one_volume_and_a_number() -> None:
    plain = boxes(volumes("resnet_original:plain34"))["conv2_x/0/conv1"]
    assert (plain.repeat, len(solid(plain).parts[0].slices), solid(plain).pill) == (6, 2, 6)
    four = boxes(volumes("vgg:vgg19_bn"))["features/stage3/convs/0/conv"]
    assert (four.repeat, len(solid(four).parts[0].slices), solid(four).pill) == (4, 8, 1)


def test_a_closed_stage_is_cut_into_its_repeats_and_says_its_name_and_number() -> None:
    stage = boxes(volumes("resnet:resnet50"))["layer3"]
    assert [one.share for one in solid(stage).parts[0].slices] == [pytest.approx(1 / 6)] * 6
    assert (solid(stage).name, solid(stage).pill, solid(stage).above) == ("layer3", 6, ("bottleneck",))
    texts = [s.text for mark in draw(volumes("resnet:resnet50")).marks for s in mark.shapes if isinstance(s, Text)]
    assert {"layer3", "×6", "1024", "14\N{SUPERSCRIPT TWO}"} <= set(texts)


def test_an_inception_module_is_cut_into_its_branches() -> None:
    box = boxes(volumes("googlenet"))["inception3b"]
    branches, pool = solid(box).parts
    assert [one.share for one in branches.slices] == [band.share for band in box.bands]
    assert [one.paint for one in branches.slices] == [band.paint for band in box.bands]
    assert pool.height == branches.height // 2


def test_vectors_are_bars_beside_each_other() -> None:
    layers = solid(boxes(volumes("alexnet"))["classifier/1"])
    assert [(part.height, part.channels) for part in layers.parts] == [(0, "4096"), (0, "")]
    first, second = slabs(layers)
    assert first[-1].right < second[0].x
    assert first[0].depth > 5 * first[0].height


def test_frames_are_left_where_there_are_branches() -> None:
    assert volumes("vgg:vgg16").panels[0].groups == ()
    opened = fitted(network("resnet:resnet18"), style="volumes", depth=3)
    names = [group.id for group in opened.panels[0].groups]
    assert {"layer1", "layer1/0", "layer1/1"} <= set(names)
    assert {box.form for box in opened.panels[0].boxes} == {"volume", "add"}


def test_blocks_beside_each_other_say_their_names_or_none_does() -> None:
    made = fitted(network("vgg:vgg16_c"), style="volumes", width=504.0)
    assert [solid(box).name for box in made.panels[0].boxes if box.side] == ["image", *[""] * 8]


# -- encoder-decoders ----------------------------------------------------------------------------------------------


def test_an_encoder_decoder_is_a_u_of_volumes_with_straight_skips() -> None:
    panel = placed("unet")
    assert panel.panel.arrangement == "levels"
    skips = [route for route in panel.routes if route.edge.kind == "skip"]
    heights = {round(y, 3) for route in skips for _, y in route.points}
    assert len(skips) == len(heights) == 4


def test_a_copied_feature_map_is_pale_and_dashed_beside_what_comes_up() -> None:
    made = volumes("unet")
    box = boxes(made)["up3/conv1"]
    both, layers = solid(box).parts
    copied, up = both.slices
    assert (copied.paint.dashed, copied.paint.stroke) == (True, made.theme.skip.stroke)
    assert (up.paint.fill, up.paint.dashed) == (made.theme.roles[boxes(made)["out"].role.UPSAMPLE].fill, False)
    assert (copied.channels, copied.share, up.share) == (512, 0.5, 0.5)
    assert (both.resolution, layers.resolution) == ("", "100\N{SUPERSCRIPT TWO}")


def test_a_pool_stands_before_its_reader_where_a_skip_starts_behind_what_it_follows() -> None:
    made = volumes("unet")
    box = boxes(made)["down2/conv1"]
    assert kinds(box, made.theme) == ["pool", "conv", "", "conv", ""]
    assert solid(box).beside == ("after max pool 2×2, /2",)


def test_stairs_that_would_be_too_high_become_a_row() -> None:
    panel = placed("fcn:fcn8s")
    assert panel.panel.arrangement == "rows"
    assert panel.height < 504


# -- lines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["vgg:vgg16", "googlenet", "unet"])
def test_lines_begin_in_the_middle_of_the_right_face_and_end_at_the_left_edge(spec: str) -> None:
    panel = placed(spec)
    rooms = sides(panel)
    slabs_of = {box.box.id: [s for row in slabs(box.box.solid) for s in row] for box in panel.boxes if box.box.solid}
    for route in (route for route in panel.routes if route.edge.kind == "flow" and not route.edge.train_only):
        tail, head = (rooms[name] for name in (route.edge.tail, route.edge.head))
        (x0, y0), (x1, _) = route.points[0], route.points[-1]
        assert tail[0] < x0 < tail[2]
        assert y0 == pytest.approx((tail[1] + tail[3]) / 2)
        if slabs_of[route.edge.head][0].height > 20 and not route.edge.head.startswith("up"):
            assert x1 == pytest.approx(head[0])


# -- pages ---------------------------------------------------------------------------------------------------------


def test_volumes_are_as_large_as_one_row_can_be() -> None:
    scales = {spec: solid(placed(spec).boxes[0].box).scale for spec in ("alexnet", "vgg:vgg16", "googlenet", "unet")}
    assert scales["alexnet"] > scales["vgg:vgg16"] > scales["googlenet"] >= scales["unet"]
    for spec in scales:
        panel = placed(spec)
        assert panel.width <= 492.01
        if panel.panel.arrangement == "rows":
            assert len({round(box.y, 3) for box in panel.boxes if not box.box.train_only}) == 1


@pytest.mark.parametrize("spec", GALLERY)
def test_volumes_are_the_same_each_time(spec: str) -> None:
    again = fitted(network(spec), style="volumes", width=504.0)
    assert again == volumes(spec)
    assert draw(again) == draw(volumes(spec))


# -- colours -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_three_faces_differ_in_tone_in_every_theme(theme: Theme) -> None:
    for paint in (*theme.roles.values(), theme.other, theme.terminal, Paint("none", theme.ink)):
        front, top, side = tones(paint, theme)
        assert contrast(front, top) >= 1.05
        assert contrast(front, side) >= 1.05
        assert contrast(top, side) >= 1.1


def test_heat_colours_every_slice_and_keeps_every_solid() -> None:
    """What a slice says by its colour, a pooling or a norm, heat makes a solid of its own: its colour says the cost."""
    plain, hot = volumes("googlenet"), volumes("googlenet", heat="macs")
    there, hotter = ([box.box.id for box in place(made)[0].boxes] for made in (plain, hot))
    assert [id for id in hotter if id in there] == there
    assert {id.partition("/")[0].rstrip("1234") for id in hotter if id not in there} == {"pool", "norm"}
    for box in hot.panels[0].boxes[1:]:
        assert {one.paint.fill for part in solid(box).parts for one in part.slices} == {box.paint.fill}


def test_what_runs_in_training_alone_is_dashed() -> None:
    head = boxes(volumes("googlenet"))["aux1"]
    assert all(one.paint.dashed for part in solid(head).parts for one in part.slices)
    assert solid(head).name == "aux1"


def test_the_legend_says_what_slices_are_and_nothing_twice() -> None:
    assert [key.label for key in volumes("alexnet_original").legend] == [
        "convolution",
        "ReLU",
        "LRN",
        "max pool 3×3, /2",
        "linear",
    ]
    assert volumes("alexnet").footnotes[:2] == (
        "Solids are as high and deep as the resolution, as thick as the channels, on logarithmic scales.",
        "Below them: channels, params, MACs.",
    )


def test_an_activation_unlike_the_others_is_named() -> None:
    made = written(
        "  conv1: {op: conv2d, out_channels: 8, kernel_size: 3}\n  relu: relu\n"
        "  conv2: {op: conv2d, out_channels: 16, kernel_size: 3}\n  gelu: gelu\n"
    )
    assert solid(boxes(made)["conv1"]).above == ("3×3", "+ ReLU")
    assert solid(boxes(made)["conv2"]).above == ("3×3", "+ GELU")
    assert [key.label for key in made.legend] == ["convolution", "activation"]


def test_what_is_written_below_the_last_solid_of_a_row_is_on_the_page() -> None:
    """The name of `denseblock2` and its pill are three times as wide as it."""
    assert faults(fitted(network("densenet"), style="volumes", width=245.0)) == []
