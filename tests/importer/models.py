"""Other people's models, to be imported: how each is made with random weights, and what it is run with."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from torch import Tensor, nn

from archspec.importer.inputs import takes
from archspec.importer.named import Size
from archspec.importer.opaque import Maker, maker_of

Sizes = dict[str, Size]
SIZE_WORDS = (
    "test",
    "atto",
    "femto",
    "pico",
    "nano",
    "xxs",
    "xxxs",
    "xs",
    "tiny",
    "_t",
    "mini",
    "small",
    "_s",
    "lite",
    "b0",
)


@dataclass(frozen=True)
class Model:
    """One model: how it is made, and what it is run with."""

    name: str
    make: Callable[[], nn.Module]
    maker: Maker | None
    sizes: Callable[[nn.Module], Sizes]


FIXED = {"vit": 224, "maxvit": 224, "inception": 299}  # models that take one size only, and what they are called


def torchvision() -> Iterator[Model]:
    """Classifiers, segmenters, networks of videos and of optical flow, and the backbones of detectors."""
    from archspec.runtime.peer import import_peer

    models = import_peer("torchvision.models")
    get: Callable[..., nn.Module] = models.get_model
    for name in models.list_models(module=models):
        more: dict[str, Any] = {"init_weights": False} if name.startswith("inception") else {}
        size = next((size for start, size in FIXED.items() if name.startswith(start)), 64)
        yield Model(name, *_builder(get, {"name": name, "weights": None, **more}), _image(size))
    for name in models.list_models(module=models.segmentation):
        yield Model(name, *_builder(get, {"name": name, **BARE}), _image(64))
    for name in models.list_models(module=models.video):
        sizes = next((sizes for start, sizes in VIDEOS.items() if name.startswith(start)), (3, 16, 64, 64))
        yield Model(f"video: {name}", *_builder(get, {"name": name, "weights": None}), _sized(sizes))
    for name in models.list_models(module=models.optical_flow):
        yield Model(f"optical flow: {name}", *_builder(get, {"name": name, "weights": None}), _pair)
    for name in models.list_models(module=models.detection):
        size = 300 if name.startswith("ssd300") else 128  # below that nothing is left of its last maps
        yield Model(f"backbone: {name}", *_builder(_backbone, {"name": name}), _image(size))
    for name in models.list_models(module=models.detection):
        size = 300 if name.startswith("ssd300") else 320 if name.startswith("ssdlite") else 128
        yield Model(f"raw outputs: {name}", *_builder(RawOutputs, {"name": name}), _image(size))


VIDEOS = {"mvit": (3, 16, 224, 224), "swin3d": (3, 8, 64, 64), "s3d": (3, 16, 224, 224)}
BARE = {"weights": None, "weights_backbone": None}


def _backbone(name: str) -> nn.Module:
    made = import_module("torchvision.models").get_model(name, **BARE)
    backbone: nn.Module = made.backbone
    return backbone


class RawOutputs(nn.Module):
    """A detector of torchvision up to what its convolutions give: what follows lets the data decide what runs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        made = import_module("torchvision.models").get_model(name, **BARE)
        self.backbone = made.backbone
        self.head = made.rpn.head if hasattr(made, "rpn") else made.head

    def forward(self, x: Tensor) -> object:
        found = self.backbone(x)
        return self.head(list(found.values()) if isinstance(found, dict) else [found])


def _sized(dims: tuple[int, ...]) -> Callable[[nn.Module], Sizes]:
    return lambda module: {next(iter(takes(module))): Size(dims)}


def _pair(module: nn.Module) -> Sizes:
    return {name: Size((3, 128, 128)) for name in list(takes(module))[:2]}


def timm() -> Iterator[Model]:
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")
    timm = import_module("timm")
    entry = import_module("timm.models").model_entrypoint
    families: dict[str, list[str]] = {}
    for name in timm.list_models():
        families.setdefault(entry(name).__module__.rpartition(".")[2], []).append(name)
    for family, names in families.items():
        for name in dict.fromkeys((min(names, key=_smallness), *filter(names.__contains__, SECOND))):
            yield Model(f"{family}: {name}", *_builder(timm.create_model, {"model_name": name}), _timm_size)


# Of timm's families, models with other parts than the smallest has.
SECOND = """
    resnetv2_50x1_bit ecaresnet26t seresnext26d_32x4d resnest26d res2next50 skresnext50_32x4d levit_128s coat_lite_tiny
    crossvit_9_dagger_240 pit_ti_distilled_224 twins_pcpvt_small visformer_small nest_tiny_jx mvitv2_small_cls
    edgenext_xx_small fastvit_mci0 repvit_m0_9 beitv2_base_patch16_224 vit_medium_patch16_rope_reg1_gap_256
    swinv2_cr_tiny_ns_224 coatnet_nano_rw_224 coatnext_nano_rw_224 maxxvit_rmlp_nano_rw_256 focalnet_tiny_srf hgnetv2_b0
    ghostnetv2_100 ghostnetv3_050 mobilenetv4_conv_small mobilenetv4_hybrid_medium rdnet_small mobilevitv2_050
    lambda_resnet26t gcresnet33ts sebotnet33ts_256 haloregnetz_b resnetblur50 repvgg_a0 mobileone_s0 resmlp_12_224
    vit_relpos_small_patch16_224 deit_tiny_distilled_patch16_224 flexivit_small mixnet_s nf_ecaresnet26 convnextv2_atto
    dla60_res2net pvt_v2_b2_li vit_base_r26_s32_224
""".split()  # noqa: SIM905


def _smallness(name: str) -> tuple[int, int, str]:
    rank = next((at for at, word in enumerate(SIZE_WORDS) if word in name), len(SIZE_WORDS))
    return rank, len(name), name


def _timm_size(module: nn.Module) -> Sizes:
    config: dict[str, Any] = module.default_cfg  # type: ignore[assignment]  # timm's own attribute
    channels, height, width = config["input_size"]
    if not config.get("fixed_input_size") and height > 128 and not _has_blocks_of_attention(module):
        height = width = 128
    return {"x": Size((channels, height, width))}


def _has_blocks_of_attention(module: nn.Module) -> bool:
    """Whether it cuts its maps into blocks, which do not come out even at another size."""
    return any(type(inner).__name__ == "HaloAttn" for inner in module.modules())


SMALL = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48, "vocab_size": 60,
    "max_position_embeddings": 64, "d_model": 32, "n_embd": 32, "n_layer": 2, "n_head": 2, "num_key_value_heads": 2,
    "encoder_layers": 2, "decoder_layers": 2, "num_layers": 2, "dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48,
    "image_size": 32, "patch_size": 8, "embedding_size": 32, "use_cache": False, "head_dim": 16,
    "embed_dim": 32, "num_heads": 2, "ffn_dim": 48, "word_embed_proj_dim": 32, "d_kv": 16, "d_ff": 48, "rotary_dim": 8,
}  # fmt: skip
SMALL_IMAGE = {"hidden_size": 32, "num_hidden_layers": 2, "image_size": 64, "num_attention_heads": 2}
# What only one of them needs, or calls otherwise; None for what it does not take.
OWN: dict[str, dict[str, Any]] = {
    "albert": {"embedding_size": 16, "num_hidden_groups": 1},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]], "num_heads": 2, "window_size": 8, "num_layers": 2},
    "falcon": {"num_kv_heads": 2, "head_dim": None},
    "funnel": {"block_sizes": [1, 1], "block_repeats": [1, 1], "num_hidden_layers": None, "d_head": 16, "d_inner": 48},
    "convnext": {"hidden_sizes": [16, 24, 32, 48], "depths": [1, 1, 2, 1], "num_hidden_layers": None},
    **{key: {"pad_token_id": 1} for key in ("roberta", "xlm-roberta", "camembert", "ibert", "data2vec-text", "esm")},
    "swin": {
        "embed_dim": 16,
        "depths": [2, 2],
        "num_heads": [2, 2],
        "window_size": 4,
        "num_hidden_layers": None,
        "num_attention_heads": None,
        "hidden_size": None,
    },
}
TEXT = [
    "bert",
    "roberta",
    "distilbert",
    "albert",
    "electra",
    "deberta-v2",
    "mpnet",
    "gpt2",
    "gpt_neo",
    "gpt_neox",
    "opt",
    "bloom",
    "llama",
    "mistral",
    "qwen2",
    "gemma",
    "phi",
    "falcon",
    "t5",
    "xlm-roberta",
    "camembert",
    "ernie",
    "convbert",
    "funnel",
    "squeezebert",
    *"""
    bart mbart roformer nystromformer rembert mobilebert megatron-bert layoutlm gptj codegen stablelm olmo starcoder2
    phi3 gemma2 qwen3 granite cohere mamba ctrl clip_text_model openai-gpt splinter data2vec-text ibert
    mixtral qwen2_moe gpt_oss granitemoe deberta rwkv falcon_mamba big_bird canine esm gpt_bigcode persimmon
    biogpt xglm cohere2 gemma3_text smollm3 olmo2 glm nemotron helium exaone4 mpt bitnet roc_bert arcee seed_oss
    imagegpt visual_bert
    """.split(),  # noqa: SIM905  words read better
]
VISION = """
    vit deit beit swin convnext resnet dinov2 segformer mobilevit poolformer regnet clip_vision_model
    siglip_vision_model pvt_v2 cvt efficientnet mobilenet_v1 mobilenet_v2 focalnet ijepa bit vit_msn data2vec-vision
    glpn dpt vit_mae dinov2_with_registers textnet hgnet_v2 swiftformer detr conditional_detr zoedepth
""".split()  # noqa: SIM905
WITH_DECODER = ("t5", "bart", "mbart")


def transformers() -> Iterator[Model]:
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")  # which transformers imports
    for name in (*TEXT, *VISION):
        sizes: Sizes = {"input_ids": Size((12,), "int")} if name in TEXT else {"pixel_values": Size((3, 64, 64))}
        if name in WITH_DECODER:
            sizes["decoder_input_ids"] = Size((6,), "int")
        yield Model(name, *_builder(_from_configuration, {"name": name}), lambda _, sizes=sizes: sizes)  # type: ignore[misc]


def _from_configuration(name: str) -> nn.Module:
    library = import_module("transformers")
    fields: dict[str, Any] = dict(SMALL) if name in TEXT else dict(SMALL_IMAGE)
    # Else it looks for padding in what it is given.
    quiet: dict[str, Any] = {"pad_token_id": None} if name in TEXT else {}
    known = library.AutoConfig.for_model(name)
    fields = {key: value for key, value in fields.items() if hasattr(known, key)} | OWN.get(name, {})
    fields = quiet | {key: value for key, value in fields.items() if value is not None}
    with suppress(Exception):
        known = library.AutoConfig.for_model(name, **fields)
    made: nn.Module = library.AutoModel.from_config(known, attn_implementation="eager")
    return made


def _builder(
    make: Callable[..., nn.Module], arguments: Mapping[str, object]
) -> tuple[Callable[[], nn.Module], Maker | None]:
    return lambda: make(**arguments), maker_of(make, arguments)


def _image(size: int) -> Callable[[nn.Module], Sizes]:
    return _sized((3, size, size))


def segmentation_models_pytorch() -> Iterator[Model]:
    """Every architecture over one encoder."""
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")
    package = import_module("segmentation_models_pytorch")
    for name in package.MODEL_ARCHITECTURES_MAPPING:
        given = {"arch": name, "encoder_name": "resnet18", "encoder_weights": None, "classes": 2}
        yield Model(name, *_builder(package.create_model, given), _image(128))


VOLUME = {"spatial_dims": 3, "in_channels": 1, "out_channels": 2}
MONAI: dict[str, dict[str, Any]] = {
    "UNet": {**VOLUME, "channels": (4, 8, 16), "strides": (2, 2), "num_res_units": 2},
    "AttentionUnet": {**VOLUME, "channels": (4, 8, 16), "strides": (2, 2)},
    "SegResNet": {**VOLUME, "init_filters": 8},
    "VNet": VOLUME,
    "HighResNet": VOLUME,
    "DenseNet": {**VOLUME, "init_features": 8, "growth_rate": 4, "block_config": (2, 2, 2)},
    "DynUNet": {
        **VOLUME,
        "kernel_size": [3, 3, 3],
        "strides": [1, 2, 2],
        "upsample_kernel_size": [2, 2],
        "filters": [4, 8, 16],
    },
    "BasicUNetPlusPlus": {**VOLUME, "features": (4, 4, 8, 8, 8, 4)},
    "SegResNetVAE": {
        "input_image_size": (32, 32, 32),
        "spatial_dims": 3,
        "init_filters": 8,
        "in_channels": 1,
        "out_channels": 2,
    },
    "AutoEncoder": {**VOLUME, "channels": (4, 8), "strides": (2, 2)},
    "BasicUNet": {**VOLUME, "features": (4, 4, 8, 8, 8, 4)},
    "UNETR": {
        "in_channels": 1,
        "out_channels": 2,
        "img_size": (32, 32, 32),
        "feature_size": 8,
        "hidden_size": 24,
        "mlp_dim": 32,
        "num_heads": 4,
    },
}


def monai() -> Iterator[Model]:
    """Networks of volumes, made small."""
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")
    nets = import_module("monai.networks.nets")
    for name, given in MONAI.items():
        yield Model(name, *_builder(getattr(nets, name), given), _sized((1, 32, 32, 32)))


SMALL_BLOCKS = {"block_out_channels": (8, 16), "norm_num_groups": 4, "layers_per_block": 1}
DIFFUSERS: dict[str, dict[str, Any]] = {
    "UNet2DModel": {
        **SMALL_BLOCKS,
        "sample_size": 16,
        "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": 4,
    },
    "VQModel": {"block_out_channels": (8,), "norm_num_groups": 4, "latent_channels": 3, "num_vq_embeddings": 8},
    "AutoencoderKL": {
        **SMALL_BLOCKS,
        "down_block_types": ("DownEncoderBlock2D",) * 2,
        "up_block_types": ("UpDecoderBlock2D",) * 2,
        "latent_channels": 2,
    },
}


def diffusers() -> Iterator[Model]:
    """A network that takes noise away, and an autoencoder, made small."""
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")
    package = import_module("diffusers")
    for name, given in DIFFUSERS.items():
        sizes: Sizes = {"sample": Size((3, 16, 16))}
        if name == "UNet2DModel":
            sizes["timestep"] = Size((), "int")
        yield Model(name, *_builder(getattr(package, name), given), lambda _, sizes=sizes: sizes)  # type: ignore[misc]


SOURCES: dict[str, Callable[[], Iterator[Model]]] = {
    "torchvision": torchvision,
    "timm": timm,
    "transformers": transformers,
    "segmentation_models_pytorch": segmentation_models_pytorch,
    "monai": monai,
    "diffusers": diffusers,
}
