"""The table of what import makes of other people's models.

    nice python tests/importer/table.py torchvision --slice 0:20

Nothing is downloaded: all weights are random. A row says whether a model is a spec as a whole, with opaque members, or
refused and why; how many lines the spec has; whether the keys are equal, and the outputs.
"""

import argparse
import gc
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from types import FrameType
from typing import Any

import torch
from torch import nn

from archspec.importer.importing import Imported
from archspec.importer.importing import import_module as imported
from archspec.importer.inputs import KINDS, takes
from archspec.importer.made import logged
from archspec.importer.named import Size
from archspec.importer.refused import ImportFault, Refused

Sizes = dict[str, Size]
MOST_PARAMS = 150_000_000
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
    sizes: Callable[[nn.Module], Sizes]


def torchvision() -> Iterator[Model]:
    from archspec.runtime.peer import import_peer

    models = import_peer("torchvision.models")
    for kind in (models, models.segmentation):
        for name in models.list_models(module=kind):
            more: dict[str, Any] = {"weights": None, **({"weights_backbone": None} if kind is not models else {})}
            if name.startswith("inception"):
                more["init_weights"] = False
            fixed = 224 if name.startswith(("vit", "maxvit")) else 299 if name.startswith("inception") else 64
            yield Model(name, _builder(models.get_model, name, more), _image(fixed))


def timm() -> Iterator[Model]:
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")
    timm = import_module("timm")
    entry = import_module("timm.models").model_entrypoint
    families: dict[str, list[str]] = {}
    for name in timm.list_models():
        families.setdefault(entry(name).__module__.rpartition(".")[2], []).append(name)
    for family, names in families.items():
        name = min(names, key=_smallness)
        yield Model(f"{family}: {name}", _builder(timm.create_model, name, {}), _timm_size)


def _smallness(name: str) -> tuple[int, int, str]:
    rank = next((at for at, word in enumerate(SIZE_WORDS) if word in name), len(SIZE_WORDS))
    return rank, len(name), name


def _timm_size(module: nn.Module) -> Sizes:
    config: dict[str, Any] = module.default_cfg  # type: ignore[assignment]  # timm's own attribute
    channels, height, width = config["input_size"]
    if not config.get("fixed_input_size") and height > 128:
        height = width = 128
    return {"x": Size((channels, height, width))}


SMALL = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48, "vocab_size": 60,
    "max_position_embeddings": 64, "d_model": 32, "n_embd": 32, "n_layer": 2, "n_head": 2, "num_key_value_heads": 2,
    "encoder_layers": 2, "decoder_layers": 2, "num_layers": 2, "dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 48,
    "image_size": 32, "patch_size": 8, "embedding_size": 32, "use_cache": False, "head_dim": 16,
    "embed_dim": 32, "num_heads": 2, "ffn_dim": 48, "word_embed_proj_dim": 32, "d_kv": 16, "d_ff": 48, "rotary_dim": 8,
}  # fmt: skip
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
]
VISION = "vit deit beit swin convnext resnet dinov2 segformer mobilevit poolformer regnet".split()  # noqa: SIM905


def transformers() -> Iterator[Model]:
    from archspec.runtime.peer import import_peer

    import_peer("torchvision")  # which transformers imports
    for name in (*TEXT, *VISION):
        sizes: Sizes = {"input_ids": Size((12,), "int")} if name in TEXT else {"pixel_values": Size((3, 64, 64))}
        if name == "t5":
            sizes["decoder_input_ids"] = Size((6,), "int")
        yield Model(name, _builder(_from_configuration, name, {}), lambda _, sizes=sizes: sizes)  # type: ignore[misc]


def _from_configuration(name: str) -> nn.Module:
    library = import_module("transformers")
    known = library.AutoConfig.for_model(name)
    fields = {key: value for key, value in SMALL.items() if hasattr(known, key)} | {"pad_token_id": None}
    if name not in TEXT:
        fields = {
            key: value for key, value in fields.items() if key in ("hidden_size", "num_hidden_layers", "image_size")
        }
        if hasattr(known, "image_size"):
            fields |= {"image_size": 64, "num_attention_heads": 2} if hasattr(known, "num_attention_heads") else {}
    with suppress(Exception):
        known = library.AutoConfig.for_model(name, **fields)
    made: nn.Module = library.AutoModel.from_config(known, attn_implementation="eager")
    return made


def _builder(make: Callable[..., nn.Module], name: str, more: dict[str, Any]) -> Callable[[], nn.Module]:
    return lambda: make(name, **more)


def _image(size: int) -> Callable[[nn.Module], Sizes]:
    return lambda module: {next(iter(takes(module))): Size((3, size, size))}


SOURCES: dict[str, Callable[[], Iterator[Model]]] = {
    "torchvision": torchvision,
    "timm": timm,
    "transformers": transformers,
}


@dataclass(frozen=True)
class Row:
    """What became of a model."""

    name: str
    verdict: str
    lines: int = 0
    keys: str = ""
    output: str = ""
    why: str = ""
    seconds: float = 0.0

    def line(self) -> str:
        cells = (self.name, self.verdict, str(self.lines or ""), self.keys, self.output, self.why)
        return f"| {' | '.join(cells)} | {self.seconds:.0f} |"


def row(model: Model, limit: int, show: bool) -> Row:
    start = time.time()
    try:
        with _limited(limit):
            torch.manual_seed(0)
            torch.set_num_threads(1)
            with logged() as log:
                module = model.make()
            if sum(p.numel() for p in module.parameters()) > MOST_PARAMS:
                return Row(model.name, "left out", why="too large for this machine")
            sizes = model.sizes(module)
            inputs = {name: torch.zeros((1, *size.dims), dtype=KINDS[size.dtype]) for name, size in sizes.items()}
            found = imported(module, inputs, log)
    except (Refused, ImportFault) as refused:
        why = refused.line() if isinstance(refused, Refused) else str(refused).splitlines()[0]
        return Row(model.name, "refused", why=why, seconds=time.time() - start)
    except OutOfTime as late:
        return Row(model.name, "left out", why=str(late), seconds=time.time() - start)
    except Exception as fault:  # noqa: BLE001  a fault is a row too
        return Row(model.name, "FAULT", why=f"{type(fault).__name__}: {str(fault)[:150]}", seconds=time.time() - start)
    if show:
        sys.stdout.write(found.text)
    return _row_of(model.name, found, time.time() - start)


def _row_of(name: str, found: Imported, seconds: float) -> Row:
    claims = found.proof.claims
    keys = next((c for c in claims if c.name == "strict load"), None)
    order = "" if keys is None else "no" if not keys.holds else "yes, other order" if "order" in keys.detail else "yes"
    outputs = [claim for claim in claims if claim.name.startswith("output")]
    said = "" if not outputs else "exact" if all(c.exact for c in outputs) else "last bits"
    said = said if all(claim.holds for claim in outputs) else "no"
    verdict = "opaque" if found.opaque else "whole"
    why = "; ".join(dict.fromkeys(one.reason for one in found.opaque))
    failing = next((claim.line() for claim in claims if not claim.holds), "")
    return Row(
        name, verdict if not failing else "unproven", found.text.count("\n"), order, said, failing or why, seconds
    )


class OutOfTime(BaseException):
    """A model took too long; nothing that catches what the model raises catches this."""


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"more than {seconds} s")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", choices=SOURCES)
    parser.add_argument("--slice", default=":", help="which of them: 0:20")
    parser.add_argument("--only", default="", help="those whose name has one of these in it: coat,levit")
    parser.add_argument("--limit", type=int, default=120, help="seconds for one")
    parser.add_argument("--show", action="store_true", help="print the specs too")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    first, _, last = given.slice.partition(":")
    models = [model for model in SOURCES[given.source]() if any(word in model.name for word in given.only.split(","))]
    counts: dict[str, int] = {}
    for model in models[int(first) if first else None : int(last) if last else None]:
        made = row(model, given.limit, given.show)
        counts[made.verdict] = counts.get(made.verdict, 0) + 1
        sys.stdout.write(made.line() + "\n")
        sys.stdout.flush()
        gc.collect()
    sys.stdout.write(f"{counts}\n")


if __name__ == "__main__":
    main()
