"""Other people's models, to be imported: how each is made with random weights, and what it is run with."""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from torch import Tensor, nn

from archspec.importer.forward import takes
from archspec.importer.named import Size
from tests.importer.model import Model, Sizes, builder, image, sized
from tests.importer.transformers_models import transformers

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


FIXED = {"vit": 224, "maxvit": 224, "inception": 299}  # models that take one size only, and what they are called


def torchvision() -> Iterator[Model]:
    """Classifiers, segmenters, networks of videos and of optical flow, and the backbones of detectors."""
    from archspec.runtime.peer import import_peer

    models = import_peer("torchvision.models")
    get: Callable[..., nn.Module] = models.get_model
    for name in models.list_models(module=models):
        more: dict[str, Any] = {"init_weights": False} if name.startswith("inception") else {}
        size = next((size for start, size in FIXED.items() if name.startswith(start)), 64)
        yield Model(name, *builder(get, {"name": name, "weights": None, **more}), image(size))
    for name in models.list_models(module=models.segmentation):
        yield Model(name, *builder(get, {"name": name, **BARE}), image(64))
    for name in models.list_models(module=models.video):
        sizes = next((sizes for start, sizes in VIDEOS.items() if name.startswith(start)), (3, 16, 64, 64))
        yield Model(f"video: {name}", *builder(get, {"name": name, "weights": None}), sized(sizes))
    for name in models.list_models(module=models.optical_flow):
        yield Model(f"optical flow: {name}", *builder(get, {"name": name, "weights": None}), _pair)
    for name in models.list_models(module=models.detection):
        size = 300 if name.startswith("ssd300") else 128  # below that nothing is left of its last maps
        yield Model(f"backbone: {name}", *builder(_backbone, {"name": name}), image(size))
    for name in models.list_models(module=models.detection):
        size = 300 if name.startswith("ssd300") else 320 if name.startswith("ssdlite") else 128
        yield Model(f"raw outputs: {name}", *builder(RawOutputs, {"name": name}), image(size))


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
            yield Model(f"{family}: {name}", *builder(timm.create_model, {"model_name": name}), _timm_size)


# Of timm's families, models with other parts than the smallest has.
SECOND = """
    resnetv2_50x1_bit ecaresnet26t seresnext26d_32x4d resnest26d res2next50 skresnext50_32x4d levit_128s coat_lite_tiny
    crossvit_9_dagger_240 pit_ti_distilled_224 twins_pcpvt_small visformer_small nest_tiny_jx mvitv2_small_cls
    edgenext_xx_small fastvit_mci0 repvit_m0_9 beitv2_base_patch16_224 vit_medium_patch16_rope_reg1_gap_256
    swinv2_cr_tiny_ns_224 coatnet_nano_rw_224 coatnext_nano_rw_224 maxxvit_rmlp_nano_rw_256 focalnet_tiny_srf hgnetv2_b0
    ghostnetv2_100 ghostnetv3_050 mobilenetv4_conv_small mobilenetv4_hybrid_medium rdnet_small mobilevitv2_050
    lambda_resnet26t gcresnet33ts sebotnet33ts_256 haloregnetz_b resnetblur50 repvgg_a0 mobileone_s0 resmlp_12_224
    vit_relpos_small_patch16_224 deit_tiny_distilled_patch16_224 flexivit_small mixnet_s nf_ecaresnet26 convnextv2_atto
    dla60_res2net pvt_v2_b2_li vit_base_r26_s32_224 seresnet50 resnet18d darknet53 cs3darknet_s gernet_s semnasnet_075
    lcnet_035 fbnetc_100 tf_mixnet_s caformer_s18 poolformerv2_s12 mixer_s32_224 gmixer_24_224 gmlp_ti16_224
    mobilevit_xxs cait_xxs24_224 eva02_tiny_patch14_224 vit_tiny_patch16_224 resnetaa50d hgnet_tiny
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


def segmentation_models_pytorch() -> Iterator[Model]:
    """Every architecture over one encoder."""
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")
    package = import_module("segmentation_models_pytorch")
    for name in package.MODEL_ARCHITECTURES_MAPPING:
        given = {"arch": name, "encoder_name": "resnet18", "encoder_weights": None, "classes": 2}
        yield Model(name, *builder(package.create_model, given), image(128))


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
    "ResNet": {
        "block": "basic",
        "layers": [1, 1, 1, 1],
        "block_inplanes": [4, 8, 8, 16],
        "spatial_dims": 3,
        "n_input_channels": 1,
        "num_classes": 2,
    },
    "EfficientNetBN": {
        "model_name": "efficientnet-b0",
        "spatial_dims": 3,
        "in_channels": 1,
        "num_classes": 2,
        "pretrained": False,
    },
    "ViT": {
        "in_channels": 1,
        "img_size": (32, 32, 32),
        "patch_size": (8, 8, 8),
        "hidden_size": 24,
        "mlp_dim": 32,
        "num_layers": 2,
        "num_heads": 4,
    },
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
        yield Model(name, *builder(getattr(nets, name), given), sized((1, 32, 32, 32)))


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
    "AutoencoderTiny": {
        "encoder_block_out_channels": (8, 8),
        "decoder_block_out_channels": (8, 8),
        "num_encoder_blocks": (1, 1),
        "num_decoder_blocks": (1, 1),
    },
    "AsymmetricAutoencoderKL": {
        "down_block_types": ("DownEncoderBlock2D",) * 2,
        "down_block_out_channels": (8, 16),
        "up_block_types": ("UpDecoderBlock2D",) * 2,
        "up_block_out_channels": (8, 16),
        "norm_num_groups": 4,
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
        yield Model(name, *builder(getattr(package, name), given), lambda _, sizes=sizes: sizes)  # type: ignore[misc]


SOURCES: dict[str, Callable[[], Iterator[Model]]] = {
    "torchvision": torchvision,
    "timm": timm,
    "transformers": transformers,
    "segmentation_models_pytorch": segmentation_models_pytorch,
    "monai": monai,
    "diffusers": diffusers,
}
