"""Models of transformers by small configurations: texts, images, sounds, pairs of them, and with heads."""

from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

from torch import nn

from archspec.importer.named import Size
from tests.importer.model import Model, Sizes, builder

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

_TOKENS: Sizes = {"input_ids": Size((12,), "int")}
_BOTH: Sizes = {"input_ids": Size((12,), "int"), "decoder_input_ids": Size((6,), "int")}
_IMAGE: Sizes = {"pixel_values": Size((3, 64, 64))}
_VIDEO: Sizes = {"pixel_values": Size((4, 3, 32, 32))}
_SOUND: Sizes = {"input_values": Size((400,))}
_PAIR: Sizes = {"input_ids": Size((8,), "int"), "pixel_values": Size((3, 32, 32))}
_SERIES: Sizes = {"past_values": Size((16, 3))}
_WINDOWS: dict[str, Any] = {
    "image_size": 64, "patch_size": 4, "embed_dim": 16, "depths": [2, 2], "num_heads": [2, 2], "window_size": 4,
    "num_hidden_layers": None, "num_attention_heads": None, "hidden_size": None,
}  # fmt: skip
_STAGES: dict[str, Any] = {"hidden_sizes": [16, 24, 32, 48], "depths": [1, 1, 2, 1]}
_PATCHES: dict[str, Any] = {"image_size": 64, "patch_size": 8}
_CUTS: dict[str, Any] = {"num_input_channels": 3, "context_length": 16, "patch_length": 4, "patch_stride": 4}
_WAVES: dict[str, Any] = {
    "conv_dim": [16, 16], "conv_stride": [5, 2], "conv_kernel": [10, 3], "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2,
}  # fmt: skip
_TOWERS: dict[str, Any] = {
    "text_config": {
        "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48, "vocab_size": 60,
        "max_position_embeddings": 16,
    },
    "vision_config": {
        "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48, "image_size": 32,
        "patch_size": 8,
    },
    "projection_dim": 16,
}  # fmt: skip
# Further models, with their inputs, and with what each needs beside SMALL; None for what it does not take.
MORE: dict[str, tuple[Sizes, dict[str, Any]]] = {
    **{name: (_TOKENS, {}) for name in "mra yoso tapas glm4 diffllama ernie4_5 fnet".split()},  # noqa: SIM905
    "modernbert": (_TOKENS, {"pad_token_id": 1}),
    "lfm2": (_TOKENS, {"layer_types": ["conv", "full_attention"]}),
    "mamba2": (_TOKENS, {"num_heads": 4, "head_dim": 16, "state_size": 8, "n_groups": 1, "chunk_size": 8, "expand": 2}),
    "phimoe": (_TOKENS, {"num_local_experts": 4}),
    "deepseek_v3": (
        _TOKENS,
        {
            "n_routed_experts": 4,
            "num_experts_per_tok": 2,
            "n_group": 1,
            "topk_group": 1,
            "first_k_dense_replace": 1,
            "moe_intermediate_size": 16,
            "q_lora_rank": 16,
            "kv_lora_rank": 16,
            "qk_rope_head_dim": 8,
            "qk_nope_head_dim": 8,
            "v_head_dim": 16,
            "head_dim": 8,
        },
    ),
    **{name: (_BOTH, {}) for name in "pegasus mt5 umt5 blenderbot marian mvp".split()},  # noqa: SIM905
    "longt5": (_BOTH, {"local_radius": 4, "global_block_size": 4}),
    **dict.fromkeys(("wav2vec2", "hubert", "unispeech", "sew", "wavlm", "wav2vec2-conformer"), (_SOUND, _WAVES)),
    "audio-spectrogram-transformer": (
        {"input_values": Size((32, 32))},
        {"max_length": 32, "num_mel_bins": 32, "patch_size": 16},
    ),
    "wav2vec2-bert": ({"input_features": Size((20, 160))}, {}),
    "vivit": (_VIDEO, {"image_size": 32, "num_frames": 4, "tubelet_size": [2, 16, 16]}),
    "videomae": (_VIDEO, {"image_size": 32, "num_frames": 4}),
    "timesformer": (_VIDEO, {"image_size": 32, "num_frames": 4}),
    "yolos": (_IMAGE, {"image_size": [64, 64], "patch_size": 16, "num_detection_tokens": 5}),
    **dict.fromkeys(("swinv2", "maskformer-swin", "donut-swin"), (_IMAGE, _WINDOWS)),
    "pvt": (
        _IMAGE,
        {
            "image_size": 64,
            "hidden_sizes": [16, 32, 40, 48],
            "num_attention_heads": [1, 2, 2, 2],
            "depths": [1, 1, 1, 1],
        },
    ),
    "dinov3_convnext": (_IMAGE, _STAGES),
    "dinov3_vit": (_IMAGE, {"image_size": 64, "patch_size": 16}),
    "vitdet": (_IMAGE, {"image_size": 64, "patch_size": 16, "window_size": 2}),
    "aimv2_vision_model": (_IMAGE, _PATCHES),
    "mlcd": (_IMAGE, _PATCHES),
    **{f"{name}": (_PAIR, _TOWERS) for name in "clip siglip blip clipseg groupvit chinese_clip".split()},  # noqa: SIM905
    "patchtst": (_SERIES, _CUTS),
    "patchtsmixer": (_SERIES, _CUTS),
    "gpt2, AutoModelForCausalLM": (_TOKENS, {}),
    "llama, AutoModelForCausalLM": (_TOKENS, {}),
    "bert, AutoModelForMaskedLM": (_TOKENS, {}),
    "bert, AutoModelForQuestionAnswering": (_TOKENS, {}),
    "electra, AutoModelForPreTraining": (_TOKENS, {}),
    "t5, AutoModelForSeq2SeqLM": (_BOTH, {}),
    "vit, AutoModelForImageClassification": (_IMAGE, _PATCHES),
    "swin2sr, Swin2SRForImageSuperResolution": (_IMAGE, {**_WINDOWS, "image_size": 32, "patch_size": 1}),
}


def transformers() -> Iterator[Model]:
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")  # which transformers imports
    for name in (*TEXT, *VISION):
        sizes: Sizes = {"input_ids": Size((12,), "int")} if name in TEXT else {"pixel_values": Size((3, 64, 64))}
        if name in WITH_DECODER:
            sizes["decoder_input_ids"] = Size((6,), "int")
        yield Model(name, *builder(_from_configuration, {"name": name}), lambda _, sizes=sizes: sizes)  # type: ignore[misc]
    for name, (sizes, _) in MORE.items():
        yield Model(name, *builder(_small, {"name": name}), lambda _, sizes=sizes: sizes)  # type: ignore[misc]


def _small(name: str) -> nn.Module:
    """A model of `MORE`, as small as it can be made; behind a comma stands the class that puts a head on it."""
    library = import_module("transformers")
    key, _, head = name.partition(", ")
    kind = getattr(library, head or "AutoModel")
    known, given = library.AutoConfig.for_model(key), MORE[name][1]
    if "text_config" in given:
        return kind.from_config(type(known)(**given))  # type: ignore[no-any-return]
    fields = {field: value for field, value in SMALL.items() if _has(known, field)} | given
    configuration = library.AutoConfig.for_model(
        key, **{field: one for field, one in fields.items() if one is not None}
    )
    if "pad_token_id" not in given and hasattr(configuration, "pad_token_id"):
        configuration.pad_token_id = None
    made: nn.Module = kind.from_config(configuration) if head.startswith("Auto") or not head else kind(configuration)
    return made


def _has(configuration: object, field: str) -> bool:
    """Whether it has a field; some raise another error than Python's for one that they do without."""
    try:
        return hasattr(configuration, field)
    except NotImplementedError:
        return False


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
