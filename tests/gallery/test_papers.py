"""The papers' tables, row by row. Each table says which of its printed figures are right."""

import pytest

import archspec
from archspec.graph.report import report
from tests.gallery.networks import counted, network, reference, rows, weights

Fact = dict[str, str]
GOOGLENET = reference("googlenet_table1.csv")
RESNET = [  # the gallery has no net with the stride on the 3x3 convolution and zero-padding shortcuts
    fact for fact in reference("resnet_table1.csv") if (fact["shortcut"], fact["stride_on"]) != ("A", "3x3")
]
UNET = reference("unet_figure1.csv")


def sides(spec: str, path: str) -> tuple[int, ...]:
    return rows(spec)[path].shape.dims


@pytest.mark.parametrize("fact", GOOGLENET, ids=lambda fact: fact["block"])
def test_googlenet_table1(fact: Fact) -> None:
    row = rows("googlenet")[fact["block"]]
    size = tuple(int(side) for side in fact["output"].split("x"))
    assert row.shape.dims in (size, size[:1])
    if fact["macs"]:
        assert row.cost.params == int(fact["params"])
        assert row.cost.macs == int(fact["macs"])
        assert weights("googlenet", fact["block"]) == int(fact["weights"])


@pytest.mark.parametrize("fact", [fact for fact in GOOGLENET if fact["macs"]], ids=lambda fact: fact["block"])
def test_googlenet_table1_as_printed(fact: Fact) -> None:
    params, millions = int(fact["weights"]) / 1024, int(fact["macs"]) / 1e6
    printed_params, printed_ops = float(fact["printed_params"].rstrip("K")), float(fact["printed_ops"].rstrip("M"))
    with_biases = int(fact["params"]) / 1024
    reads_params = {
        "yes": round(params) == printed_params,
        "truncated": round(params) != printed_params == int(params),
        "with biases": round(params) != printed_params == round(with_biases),
        "no": printed_params not in (round(params), int(params), round(with_biases)),
    }
    reads_ops = {
        "yes": round(millions) == printed_ops,
        "truncated": round(millions) != printed_ops == int(millions),
        "no": printed_ops not in (round(millions), int(millions)),
    }
    assert reads_params[fact["params_reproduce"]]
    assert reads_ops[fact["ops_reproduce"]]


def test_googlenet_totals() -> None:
    totals = counted("googlenet").totals
    assert (totals.params, totals.macs) == (6_998_552, 1_582_671_872)
    assert rows("googlenet")["aux1"].cost.params == 3_188_840
    assert rows("googlenet")["aux2"].cost.params == 3_190_888
    assert counted("googlenet").train_only.params == 3_188_840 + 3_190_888


@pytest.mark.parametrize("fact", RESNET, ids=lambda fact: "-".join(list(fact.values())[:3]))
def test_resnet_table1(fact: Fact) -> None:
    if fact["stride_on"] == "3x3":
        spec, params = f"resnet:resnet{fact['layers']}", {}
        stages = {"conv2_x": "layer1", "conv3_x": "layer2", "conv4_x": "layer3", "conv5_x": "layer4"}
    else:
        spec, params = f"resnet_original:resnet{fact['layers']}", {"shortcut": fact["shortcut"]}
        stages = {}
    totals = counted(spec, **params).totals
    assert (totals.params, totals.macs) == (int(fact["params"]), int(fact["macs"]))
    for stage in ("conv1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "fc"):
        path = stages.get(stage, stage)
        assert weights(spec, path, **params) == int(fact[f"{stage}_weights"])
        assert rows(spec, **params)[path].cost.macs == int(fact[f"{stage}_macs"])


@pytest.mark.parametrize("spec", ["resnet:resnet18", "resnet:resnet152", "resnet_original:resnet34"])
def test_resnet_table1_output_sizes(spec: str) -> None:
    stage = "layer{}" if spec.startswith("resnet:") else "conv{}_x"
    first = 1 if spec.startswith("resnet:") else 2
    stages = ["conv1", *(stage.format(number) for number in range(first, first + 4))]
    assert [sides(spec, path)[1] for path in stages] == [112, 56, 28, 14, 7]


def test_plain_net_costs_what_the_residual_net_of_option_a_costs() -> None:
    plain, residual = counted("resnet_original:plain34").totals, counted("resnet_original:resnet34").totals
    assert (plain.params, plain.macs) == (residual.params, residual.macs) == (21_623_848, 3_644_493_824)
    assert not any(node.op.name == "add" for node in network("resnet_original:plain34").graph.nodes.values())


@pytest.mark.parametrize("layers", ["18", "34", "50"])
def test_option_c_projects_in_every_block(layers: str) -> None:
    graph = network(f"resnet_original:resnet{layers}", shortcut="C").graph
    projections = [id for id in graph.nodes if id.endswith("/shortcut/conv")]
    assert len(projections) == sum(node.op.name == "add" for node in graph.nodes.values())


@pytest.mark.parametrize("fact", reference("vgg_table2.csv"), ids=lambda fact: fact["column"])
def test_vgg_table2(fact: Fact) -> None:
    spec = {"A": "vgg:vgg11", "B": "vgg:vgg13", "C": "vgg:vgg16_c", "D": "vgg:vgg16", "E": "vgg:vgg19"}[fact["column"]]
    totals, features = counted(spec).totals, rows(spec)["features"].cost
    assert (totals.params, totals.macs) == (int(fact["params"]), int(fact["macs"]))
    assert (features.params, features.macs) == (int(fact["convolution_params"]), int(fact["convolution_macs"]))
    assert round(totals.params / 1e6) == int(fact["printed_millions"])


@pytest.mark.parametrize("fact", UNET, ids=lambda fact: fact["block"])
def test_unet_figure1(fact: Fact) -> None:
    size = int(fact["size"])
    assert sides("unet:unet", fact["block"]) == (int(fact["channels"]), size, size)


def test_unet_has_23_convolutional_layers() -> None:
    names = [node.op.name for node in network("unet:unet").graph.nodes.values()]
    assert (names.count("conv2d"), names.count("conv_transpose2d")) == (19, 4)


@pytest.mark.parametrize("fact", reference("fcn_geometry.csv"), ids=lambda fact: f"{fact['variant']}-{fact['block']}")
def test_fcn_geometry_at_500(fact: Fact) -> None:
    for variant in [fact["variant"]] if fact["variant"] else ["fcn8s"]:
        assert sides(f"fcn:{variant}", fact["block"])[1:] == (int(fact["size"]),) * 2


def test_fcn_offsets_are_the_papers() -> None:
    offsets = {
        variant: {
            node.name: node.op.model_dump()["offset"]
            for node in network(f"fcn:{variant}").graph.nodes.values()
            if node.op.name in ("crop", "add")
        }
        for variant in ("fcn32s", "fcn16s", "fcn8s")
    }
    assert offsets == {
        "fcn32s": {"score": 19},
        "fcn16s": {"fuse_pool4": 5, "score": 27},
        "fcn8s": {"fuse_pool4": 5, "fuse_pool3": 9, "score": 31},
    }


def test_fcn_trunk_and_score_are_the_134_million_of_table1() -> None:
    table = rows("fcn:fcn32s")
    parts = ("backbone", "fc6", "fc7", "score_fr")
    assert sum(table[part].cost.params for part in parts) == 134_346_581
    assert table["upscore"].cost.params == 1_806_336


@pytest.mark.parametrize(
    ("variant", "params", "macs"),
    [
        ("fcn32s", 136_152_917, 124_876_862_208),
        ("fcn16s", 134_815_994, 124_941_545_232),
        ("fcn8s", 134_489_759, 125_001_466_128),
    ],
)
def test_fcn_totals_at_384(variant: str, params: int, macs: int) -> None:
    design = archspec.load(f"fcn:{variant}", inputs={"image": (3, 384, 384)})
    totals = report(design.network).totals
    assert (totals.params, totals.macs) == (params, macs)


def test_alexnet_totals() -> None:
    assert counted("alexnet").totals.params == 61_100_840
    original = counted("alexnet_original").totals
    assert (original.params, original.macs) == (60_965_224, 724_406_816)


def test_squeezenet_table1() -> None:
    """Its last column; the sizes of the maps are for an image of 227 x 227."""
    table = rows("squeezenet:squeezenet1_0")
    paths = [f"features/{number}" for number in (0, 3, 4, 5, 7, 8, 9, 10, 12)] + ["classifier"]
    counts = [14_208, 11_920, 12_432, 45_344, 49_440, 104_880, 111_024, 188_992, 197_184, 513_000]
    assert [table[path].cost.params for path in paths] == counts
    assert counted("squeezenet:squeezenet1_0").totals.params == sum(counts) == 1_248_424


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("Conv2d_1a_3x3", (32, 149, 149)),
        ("Conv2d_2a_3x3", (32, 147, 147)),
        ("Conv2d_2b_3x3", (64, 147, 147)),
        ("maxpool1", (64, 73, 73)),
        ("Mixed_5d", (288, 35, 35)),
        ("Mixed_6e", (768, 17, 17)),
        ("Mixed_7a", (1280, 8, 8)),
        ("Mixed_7c", (2048, 8, 8)),
        ("avgpool", (2048, 1, 1)),
    ],
)
def test_inception_v3_table1_where_the_released_network_follows_it(path: str, size: tuple[int, ...]) -> None:
    assert sides("inception_v3", path) == size


@pytest.mark.parametrize(
    ("variant", "millions", "billions"),
    [
        ("regnet_x_800mf", 7.3, 0.8),
        ("regnet_x_1_6gf", 9.2, 1.6),
        ("regnet_x_3_2gf", 15.3, 3.2),
        ("regnet_x_8gf", 39.6, 8.0),
        ("regnet_x_16gf", 54.3, 15.9),
        ("regnet_x_32gf", 107.8, 31.7),
        ("regnet_y_400mf", 4.3, 0.4),
        ("regnet_y_1_6gf", 11.2, 1.6),
        ("regnet_y_3_2gf", 19.4, 3.2),
        ("regnet_y_16gf", 83.6, 15.9),
        ("regnet_y_32gf", 145.0, 32.3),
    ],
)
def test_regnet_params_and_flops_of_the_paper(variant: str, millions: float, billions: float) -> None:
    """X-400MF, Y-800MF and Y-8.0GF are left out: torchvision rounds their widths to other numbers of groups."""
    totals = counted(f"regnet:{variant}").totals
    assert (round(totals.params / 1e6, 1), round(totals.macs / 1e9, 1)) == (millions, billions)


@pytest.mark.parametrize(
    ("variant", "millions", "flops"),
    [("x0_5", 1.4, 41), ("x1_0", 2.3, 146), ("x1_5", 3.5, 299), ("x2_0", 7.4, 591)],
)
def test_shufflenet_v2_table5(variant: str, millions: float, flops: int) -> None:
    """Table 5 counts operations of batch norm too, so its FLOPs lie up to 1.5% above the MACs."""
    totals = counted(f"shufflenet_v2:shufflenet_v2_{variant}").totals
    assert round(totals.params / 1e6, 1) == millions
    assert 0.985 * flops <= totals.macs / 1e6 <= flops


@pytest.mark.parametrize(
    ("variant", "multiplier", "macs", "params"),
    [("1_0", 1.0, 569, 4.2), ("0_75", 0.75, 325, 2.6), ("0_5", 0.5, 149, 1.3), ("0_25", 0.25, 41, 0.5)],
)
def test_mobilenet_v1_table6(variant: str, multiplier: float, macs: int, params: float) -> None:
    spec = f"mobilenet_v1:mobilenet_v1_{variant}"
    totals = counted(spec).totals
    assert (round(totals.macs / 1e6), round(totals.params / 1e6, 1)) == (macs, params)
    assert sides(spec, "conv6") == (1024 * multiplier, 7, 7)


@pytest.mark.parametrize(("size", "macs"), [(224, 569), (192, 418), (160, 290), (128, 186)])
def test_mobilenet_v1_table7(size: int, macs: int) -> None:
    """The table rounds but for 290, which is 290.7 cut off."""
    design = archspec.load("mobilenet_v1:mobilenet_v1_1_0", inputs={"image": (3, size, size)})
    millions = report(design.network).totals.macs / 1e6
    assert macs in (round(millions), int(millions))


def test_xception_table3() -> None:
    assert counted("xception").totals.params == 22_855_952


@pytest.mark.parametrize(
    ("path", "size"), [("entry1", (128, 74, 74)), ("middle", (728, 19, 19)), ("exit", (1024, 10, 10))]
)
def test_xception_figure5(path: str, size: tuple[int, ...]) -> None:
    assert sides("xception", path) == size


@pytest.mark.parametrize(
    ("variant", "billions"),
    [
        ("se_resnet50", 3.87),
        ("se_resnet101", 7.60),
        ("se_resnet152", 11.32),
        ("se_resnext50_32x4d", 4.25),
        ("se_resnext101_32x4d", 8.00),
    ],
)
def test_se_resnet_table2(variant: str, billions: float) -> None:
    """Table 2 counts more than multiply-adds of convolutions and linear layers: up to 0.5% more."""
    macs = counted(f"se_resnet:{variant}").totals.macs / 1e9
    assert 0.995 * billions <= macs <= billions


def test_segnet_is_29_million_params_with_an_encoder_of_vgg16() -> None:
    """ "Model size: 117 MB" of Table VI, in float32."""
    params = counted("segnet").totals.params
    assert (round(params / 1e6, 2), params * 4 // 10**6) == (29.45, 117)
    weights_of_encoder = sum(weights("segnet", f"encoder{number}") for number in range(1, 6))
    assert weights_of_encoder == weights("vgg:vgg16", "features")


def test_unet_plusplus_params_of_table2() -> None:
    assert round(counted("unet_plusplus").totals.params / 1e6, 2) == 9.04


def test_pspnet_section_3_and_4() -> None:
    """1/8 of the image, four levels of a quarter of the channels each, joined with the map itself."""
    table = rows("pspnet:pspnet_resnet50")
    assert table["backbone"].shape.dims == (2048, 60, 60)
    assert [sides("pspnet:pspnet_resnet50", f"level{bins}/pool") for bins in (1, 2, 3, 6)] == [
        (2048, bins, bins) for bins in (1, 2, 3, 6)
    ]
    assert table["pyramid"].shape.dims == (2048 + 4 * 512, 60, 60)


@pytest.mark.parametrize("depth", [121, 161, 169, 201])
def test_densenet_is_named_after_its_layers(depth: int) -> None:
    names = [node.op.name for node in network(f"densenet:densenet{depth}").graph.nodes.values()]
    assert names.count("conv2d") + names.count("linear") == depth


@pytest.mark.parametrize("depth", [121, 161, 169, 201])
def test_densenet_table1_output_sizes(depth: int) -> None:
    parts = [
        "conv0",
        "pool0",
        *(f"{part}{i}" for i in (1, 2, 3) for part in ("denseblock", "transition")),
        "denseblock4",
    ]
    assert [sides(f"densenet:densenet{depth}", f"features/{part}")[1] for part in parts] == [
        *(112, 56),
        *(56, 28),
        *(28, 14),
        *(14, 7),
        7,
    ]


def test_mobilenet_v2_table2() -> None:
    """Table 2: side of the map that each row reads, its channels; its row n is the bottleneck repeated n times."""
    rows_read = [(112, 32), (112, 16), (56, 24), (28, 32), (14, 64), (14, 96), (7, 160), (7, 320)]
    ends = [0, 1, 3, 6, 10, 13, 16, 17]
    maps = [sides("mobilenet_v2", f"features/{end}") for end in ends]
    assert [(side, channels) for channels, side, _ in maps] == rows_read


@pytest.mark.parametrize(
    ("spec", "params", "macs"),
    [
        ("mobilenet_v2", 3.4, 300),  # Table 4
        ("mobilenet_v3:mobilenet_v3_large", 5.4, 219),  # Table 3
        ("mobilenet_v3:mobilenet_v3_small", 2.5, 56),
    ],
)
def test_mobilenets_are_as_large_as_printed_within_a_few_percent(spec: str, params: float, macs: int) -> None:
    """In millions. torchvision's have our counts, not the printed ones."""
    totals = counted(spec).totals
    assert totals.params / 1e6 == pytest.approx(params, rel=0.035)
    assert totals.macs / 1e6 == pytest.approx(macs, rel=0.015)


@pytest.mark.parametrize(
    ("spec", "params"),
    [
        *zip((f"efficientnet:b{size}" for size in range(8)), (5.3, 7.8, 9.2, 12, 19, 30, 43, 66), strict=True),
        *zip((f"efficientnet_v2:{size}" for size in "sml"), (22, 54, 120), strict=True),
    ],
)
def test_efficientnets_have_the_printed_params(spec: str, params: float) -> None:
    """In millions, from Table 2 of EfficientNet and Table 7 of EfficientNetV2; of b2, s and l they are rounded up."""
    assert counted(spec).totals.params / 1e6 == pytest.approx(params, rel=0.025)


@pytest.mark.parametrize(
    ("variant", "params", "gflops"),
    [("hrnet_w18", 21.3, 3.99), ("hrnet_w32", 41.2, 8.31), ("hrnet_w48", 77.5, 16.1)],
)
def test_hrnet_is_as_large_as_its_authors_say(variant: str, params: float, gflops: float) -> None:
    """The table of HRNet-Image-Classification. What it calls GFLOPs are MACs in units of 2^30."""
    totals = counted(f"hrnet:{variant}").totals
    assert round(totals.params / 1e6, 1) == params
    assert round(totals.macs / 2**30, 1 if gflops > 10 else 2) == gflops


@pytest.mark.parametrize(
    ("variant", "params", "gflops"),
    [("n", 1_872_157, 4.5), ("s", 7_235_389, 16.5), ("m", 21_190_557, 49.0), ("l", 46_563_709, 109.1)],
)
def test_csp_pan_is_as_large_as_yolov5(variant: str, params: int, gflops: float) -> None:
    """YOLOv5 6.0 as it prints itself. Its FLOPs include batch norm, less than 1 % of them."""
    totals = counted(f"csp_pan:{variant}").totals
    assert totals.params == params
    assert gflops * 0.99 < 2 * totals.macs / 1e9 < gflops


def test_hourglass_goes_down_to_4_and_back() -> None:
    levels = ["stack1/hourglass" + depth * "/low2" for depth in range(4)]
    assert [sides("hourglass:hourglass2", f"{level}/low1")[1] for level in levels] == [32, 16, 8, 4]
    assert [sides("hourglass:hourglass2", level)[1] for level in levels] == [64, 32, 16, 8]


@pytest.mark.parametrize(("variant", "stacks"), [("hourglass2", 2), ("hourglass8", 8)])
def test_hourglass_predicts_after_every_stack(variant: str, stacks: int) -> None:
    loaded = network(f"hourglass:{variant}")
    assert [loaded.shape(output.ref).dims for output in loaded.graph.outputs] == [(16, 64, 64)] * stacks
