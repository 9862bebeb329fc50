"""Specs with a twin in transformers, made from a configuration of small sizes: same weights in, same numbers out.

They need a package that takes seconds to import, so only a whole run has them.
"""

import re
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from archspec.runtime.compare import randomise
from tests.gallery.small import built, tensors, words

pytestmark = pytest.mark.whole
WORDS, LENGTH = 50, 16
# Their names as patterns, and ours.
T5 = (
    (r"block\.0\.layer\.0\.SelfAttention\.relative", "bias.relative"),
    (r"final_layer_norm", "norm"),
    (r"encoder\.block\.(\d+)\.layer\.1\.(DenseReluDense)", r"encoder.layers.\1.\2"),
    (r"decoder\.block\.(\d+)\.layer\.2\.(DenseReluDense)", r"decoder.layers.\1.\2"),
    (r"DenseReluDense\.wi", "perceptron.0"),
    (r"DenseReluDense\.wo", "perceptron.3"),
    (r"block\.(\d+)\.layer\.0\.layer_norm", r"layers.\1.norm1"),
    (r"block\.(\d+)\.layer\.1\.layer_norm", r"layers.\1.norm2"),
    (r"block\.(\d+)\.layer\.2\.layer_norm", r"layers.\1.norm3"),
    (r"block\.(\d+)\.layer\.0\.SelfAttention", r"layers.\1.attention"),
    (r"block\.(\d+)\.layer\.1\.EncDecAttention", r"layers.\1.memory_attention"),
    (r"ttention\.q\.", "ttention.query.0."),
    (r"ttention\.k\.", "ttention.key.0."),
    (r"ttention\.v\.", "ttention.value.0."),
    (r"ttention\.o\.", "ttention.out."),
)
CLIP = (
    (r"^logit_scale", "likeness.logit_scale"),
    (r"^text_model\.embeddings\.token_embedding", "token_embedding"),
    (r"^text_model\.embeddings\.position_embedding\.weight", "positional_embedding"),
    (r"^text_model\.final_layer_norm", "ln_final"),
    (r"^vision_model\.embeddings\.class_embedding", "visual.class_embedding"),
    (r"^vision_model\.embeddings\.patch_embedding", "visual.conv1"),
    (r"^vision_model\.embeddings\.position_embedding\.weight", "visual.positional_embedding"),
    (r"^vision_model\.pre_layrnorm", "visual.ln_pre"),
    (r"^vision_model\.post_layernorm", "visual.ln_post"),
    (r"^text_model\.encoder\.layers", "transformer.resblocks"),
    (r"^vision_model\.encoder\.layers", "visual.transformer.resblocks"),
    (r"layer_norm(\d)", r"ln_\1"),
    (r"mlp\.fc1", "mlp.c_fc"),
    (r"mlp\.fc2", "mlp.c_proj"),
    (r"self_attn", "attn"),
    (r"^text_projection\.weight", "text_projection"),
    (r"^visual_projection\.weight", "visual.proj"),
)
CONFORMER = (
    (r"ffn1_layer_norm", "before.feed_forward.0"),
    (r"ffn2_layer_norm", "after.feed_forward.0"),
    (r"ffn1\.intermediate_dense", "before.feed_forward.1"),
    (r"ffn2\.intermediate_dense", "after.feed_forward.1"),
    (r"ffn1\.output_dense", "before.feed_forward.4"),
    (r"ffn2\.output_dense", "after.feed_forward.4"),
    (r"self_attn_layer_norm", "attention.norm"),
    (r"self_attn\.pos_bias_u", "attention.content_bias"),
    (r"self_attn\.pos_bias_v", "attention.place_bias"),
    (r"linear_pos", "place"),
    (r"linear_q", "query"),
    (r"linear_k", "key"),
    (r"linear_v", "value"),
    (r"linear_out", "out"),
    (r"self_attn", "attention"),
    (r"conv_module\.layer_norm", "convolution.norm"),
    (r"conv_module\.(\w+)_conv", r"convolution.\1"),
    (r"conv_module\.batch_norm", "convolution.batch_norm"),
    (r"final_layer_norm", "norm"),
)


@pytest.fixture(scope="module")
def transformers(torchvision: ModuleType) -> ModuleType:
    """It imports torchvision, whose operators have to be declared."""
    pytest.importorskip("transformers")
    return import_module("transformers")


def renamed(state: dict[str, Tensor], *patterns: tuple[str, str]) -> dict[str, Tensor]:
    """The state_dict under our names."""
    found = {}
    for key, tensor in state.items():
        ours = key
        for pattern, name in patterns:
            ours = re.sub(pattern, name, ours)
        found[ours] = tensor
    return found


def random(theirs: Any) -> nn.Module:
    """Their module in eval mode with random weights."""
    assert isinstance(theirs, nn.Module)
    randomise(theirs.eval())
    return theirs


def assert_close(ours: nn.Module, inputs: tuple[Tensor, ...], *expected: Tensor) -> None:
    with torch.no_grad():
        torch.testing.assert_close(tensors(ours(*inputs)), list(expected))


def mask(length: int = LENGTH) -> Tensor:
    return torch.arange(length) < torch.tensor([[length], [length - 5]])


def test_bert(transformers: ModuleType) -> None:
    theirs = random(
        transformers.BertModel(
            transformers.BertConfig(
                vocab_size=WORDS, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=96,
                max_position_embeddings=LENGTH,
            )
        )
    )  # fmt: skip
    ours = built("bert", vocabulary=WORDS, width=24, layers=2, heads=3, context=LENGTH)
    ours.load_state_dict(renamed(theirs.state_dict(), (r"\.self\.", ".self_attention.")))
    inputs = words(WORDS, 2, LENGTH), words(2, 2, LENGTH), mask()
    with torch.no_grad():
        out = theirs(input_ids=inputs[0], token_type_ids=inputs[1], attention_mask=inputs[2].long())
    assert_close(ours, inputs, out.last_hidden_state, out.pooler_output)


def assert_same(ours: nn.Module, theirs: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Ours has these keys in this order, and with these weights the logits of theirs."""
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)
    tokens = words(WORDS, 2, LENGTH)
    with torch.no_grad():
        logits = theirs(tokens).logits
    assert_close(ours, (tokens,), logits)


@pytest.mark.parametrize("groups", [4, 2])
def test_llama(transformers: ModuleType, groups: int) -> None:
    theirs = random(
        transformers.LlamaForCausalLM(
            transformers.LlamaConfig(
                vocab_size=WORDS, hidden_size=24, num_hidden_layers=2, num_attention_heads=4,
                num_key_value_heads=groups, intermediate_size=40, rms_norm_eps=1e-5, tie_word_embeddings=False,
            )
        )
    )  # fmt: skip
    ours = built("llama", vocabulary=WORDS, width=24, layers=2, heads=4, groups=groups, hidden=40, context=LENGTH)
    assert_same(ours, theirs, theirs.state_dict())


def test_t5(transformers: ModuleType) -> None:
    theirs = random(
        transformers.T5ForConditionalGeneration(
            transformers.T5Config(vocab_size=WORDS, d_model=24, d_kv=5, d_ff=40, num_layers=2, num_heads=3)
        )
    )
    ours = built("t5", vocabulary=WORDS, width=24, head=5, hidden=40, layers=2, heads=3, length=200)
    state = theirs.state_dict()
    own = {key: tensor for key, tensor in state.items() if "embed_tokens" not in key}
    ours.load_state_dict(
        renamed(
            own,
            *T5,
        )
    )
    source, target, read = words(WORDS, 2, 200), words(WORDS, 2, 150, seed=2), mask(200)
    with torch.no_grad():
        out = theirs(input_ids=source, attention_mask=read.long(), decoder_input_ids=target)
    assert_close(ours, (source, target, read), out.logits)


def test_mixtral(transformers: ModuleType) -> None:
    theirs = random(
        transformers.MixtralForCausalLM(
            transformers.MixtralConfig(
                vocab_size=WORDS, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                intermediate_size=40, rope_theta=1e6, num_local_experts=4, num_experts_per_tok=2,
            )
        )
    )  # fmt: skip
    ours = built(
        "mixtral", vocabulary=WORDS, width=24, layers=2, heads=4, groups=2, hidden=40, experts=4, context=LENGTH
    )
    assert_same(ours, theirs, theirs.state_dict())


def test_gpt_neox(transformers: ModuleType) -> None:
    theirs = random(
        transformers.GPTNeoXForCausalLM(
            transformers.GPTNeoXConfig(
                vocab_size=WORDS, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=96,
                rotary_pct=0.5, hidden_act="gelu", use_parallel_residual=True, tie_word_embeddings=False,
            )
        )
    )  # fmt: skip
    ours = built("gpt_neox", vocabulary=WORDS, width=24, layers=2, heads=3, turning=4, context=LENGTH)
    state = renamed(theirs.state_dict(), (r"^lm_head", "embed_out"))  # as the published weights have it
    assert_same(ours, theirs, state)


def test_mamba(transformers: ModuleType) -> None:
    theirs = random(
        transformers.MambaForCausalLM(
            transformers.MambaConfig(vocab_size=WORDS, hidden_size=24, num_hidden_layers=2, state_size=5, conv_kernel=3)
        )
    )
    ours = built("mamba", vocabulary=WORDS, width=24, layers=2, states=5, kernel=3, context=LENGTH)
    ours.load_state_dict(renamed(theirs.state_dict(), (r"mixer\.(A_log|D)$", r"mixer.scan.\1")))
    tokens = words(WORDS, 2, LENGTH)
    with torch.no_grad():
        logits = theirs(tokens, use_cache=False).logits
    assert_close(ours, (tokens,), logits)


def test_albert(transformers: ModuleType) -> None:
    theirs = random(
        transformers.AlbertModel(
            transformers.AlbertConfig(
                vocab_size=WORDS, embedding_size=6, hidden_size=24, num_hidden_layers=3, num_attention_heads=3,
                intermediate_size=96, max_position_embeddings=LENGTH,
            )
        )
    )  # fmt: skip
    ours = built("albert", vocabulary=WORDS, embedding=6, width=24, layers=3, heads=3, context=LENGTH)
    state = renamed(
        theirs.state_dict(),
        (r"encoder\.embedding_hidden_mapping_in", "widen"),
        (r"encoder\.albert_layer_groups\.0\.albert_layers\.0", "layer"),
        (r"attention\.dense", "attention.out_proj"),
        (r"attention\.LayerNorm", "norm1"),
        (r"full_layer_layer_norm", "norm2"),
        (r"layer\.norm1", "layer.norm1"),
    )
    for kind in ("weight", "bias"):
        parts = [state.pop(f"layer.attention.{name}.{kind}") for name in ("query", "key", "value")]
        state[f"layer.attention.in_proj_{kind}"] = torch.cat(parts)
    ours.load_state_dict(renamed(state, (r"layer\.attention\.norm1", "layer.norm1")))
    inputs = words(WORDS, 2, LENGTH), words(2, 2, LENGTH), ~mask()
    with torch.no_grad():
        out = theirs(input_ids=inputs[0], token_type_ids=inputs[1], attention_mask=mask().long())
    assert_close(ours, inputs, out.last_hidden_state, out.pooler_output)


def test_clip(transformers: ModuleType) -> None:
    """Its towers; the parts are named otherwise, and its projections are layers where OpenAI's are tensors."""
    text = {"vocab_size": WORDS, "hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2,
            "intermediate_size": 64, "max_position_embeddings": 13, "eos_token_id": 2}  # fmt: skip
    image = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 96,
             "image_size": 48, "patch_size": 16}  # fmt: skip
    config = transformers.CLIPConfig(text_config=text, vision_config=image, projection_dim=12)
    theirs = random(transformers.CLIPModel(config))
    ours = built(
        "clip", vocabulary=WORDS, size=48, patch=16, layers=2, width=24, context=13, text_layers=3, text_width=16,
        embedding=12, head=8,
    )  # fmt: skip
    state = renamed(
        theirs.state_dict(),
        *CLIP,
    )
    for key in ("text_projection", "visual.proj"):
        state[key] = state[key].T
    for block in {key.partition(".attn.")[0] for key in state if ".attn." in key}:
        for kind in ("weight", "bias"):
            parts = [state.pop(f"{block}.attn.{name}_proj.{kind}") for name in "qkv"]
            state[f"{block}.attn.in_proj_{kind}"] = torch.cat(parts)
    ours.load_state_dict(state)
    pixels = torch.randn(2, 3, 48, 48, generator=torch.Generator().manual_seed(1))
    tokens = words(WORDS, 2, 13)
    with torch.no_grad():
        out = theirs(input_ids=tokens, pixel_values=pixels)
        found = ours(pixels, tokens)
    torch.testing.assert_close(nn.functional.normalize(found.image), out.image_embeds)
    torch.testing.assert_close(nn.functional.normalize(found.text), out.text_embeds)
    torch.testing.assert_close(found.logits, out.logits_per_image.diagonal())


def test_layers_of_conformer(transformers: ModuleType) -> None:
    """Its convolutions have no bias."""
    config = transformers.Wav2Vec2ConformerConfig(
        hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=96, hidden_act="swish",
        position_embeddings_type="relative", conv_depthwise_kernel_size=5, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    module = import_module("transformers.models.wav2vec2_conformer.modeling_wav2vec2_conformer")
    theirs = random(module.Wav2Vec2ConformerEncoder(config))
    ours = built("conformer", layers=2, heads=3, width=24, kernel=5, frames=60, mels=20)
    layers, places = ours.get_submodule("layers"), ours.get_submodule("distances")
    state = renamed(
        theirs.get_submodule("layers").state_dict(),
        *CONFORMER,
    )
    biases = {key: torch.zeros_like(tensor) for key, tensor in layers.state_dict().items() if key not in state}
    assert {key.rpartition(".")[2] for key in biases} == {"bias"}
    layers.load_state_dict({**state, **biases})
    x = torch.randn(2, 14, 24, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = theirs(x).last_hidden_state
        waves, index = places(x)
        for layer in layers.children():
            x = layer(x, waves, index)
        torch.testing.assert_close(theirs.get_submodule("layer_norm")(x), expected)
