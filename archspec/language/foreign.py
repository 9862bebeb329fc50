"""Foreign: files of other tools, told by what stands at their top, so that one message says what a file is."""

import re

from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.language.yaml.document import Mapping
from archspec.language.yaml.parse import parse
from archspec.values.dataclass import dataclass

_WRITE = "a spec is written by hand: `archspec init` writes one to start from, and docs/quickstart.md explains it"


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a file is.

    Attributes:
        what: `a model of Ultralytics`.
        keys: that its top has, each of them.
        cure: how what it says is said here.
    """

    what: str
    keys: frozenset[str]
    cure: str = _WRITE


# The first that fits counts.
TOOLS = (
    Foreign(
        "a model of Ultralytics",
        frozenset({"backbone", "head"}),
        "a row [from, repeats, module, args] is a member here: name: {block: conv, from: ..., repeat: ...}; "
        "`csp_pan` of the gallery is such a detector",
    ),
    Foreign("a model of Keras", frozenset({"class_name", "config"})),
    Foreign("a model of Keras", frozenset({"keras_version", "backend"})),
    Foreign("a configuration of Ludwig", frozenset({"input_features", "output_features"})),
    Foreign("a set of plans of nnU-Net", frozenset({"configurations", "plans_name"})),
    Foreign("a configuration of Transformers", frozenset({"architectures", "model_type"})),
    Foreign("a configuration of Detectron2", frozenset({"MODEL"})),
    Foreign("a configuration of Hydra", frozenset({"_target_"})),
    Foreign("a configuration of MMEngine", frozenset({"model", "train_dataloader"})),
    Foreign("a training recipe, such as Lightning's", frozenset({"trainer", "model"})),
)
_PROTOTXT = re.compile(r"^\s*layers?\s*\{", re.MULTILINE)


def foreign(source: Source) -> Foreign | None:
    """What the file of another tool is; None for what no tool is known to write."""
    if source.name.endswith(".py"):
        return Foreign("a file of Python", frozenset(), f"name what makes the module in it: {source.name}:CALLABLE")
    if _PROTOTXT.search(source.text):
        return Foreign("a model of Caffe", frozenset())
    try:
        document = parse(source)
    except SpecError:
        return None
    keys = {key.text for key, _ in document.entries} if isinstance(document, Mapping) else set[str]()
    return next((tool for tool in TOOLS if tool.keys <= keys), None)
