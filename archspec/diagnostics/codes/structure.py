"""Codes of keys, values, names and settings: what a spec says, before the graph is built."""

from archspec.diagnostics.codes.code import declare

declare(
    "unknown-key",
    "a key is not part of the language",
    """
    No key is silently ignored. The nearest known key is offered. Keys of an entry are `from`, `when`, `repeat`,
    `first`, `last`, `share` and `doc`, then the op's fields or the block's params.
    """,
    "docs: a small net",
    "doc: a small net",
)
declare(
    "missing-key",
    "a key that has to be there is not",
    """
    A spec has `archspec`, the language version, and a `graph`; an entry of a graph has one of `op`, `block` and
    `graph`.
    """,
    """
    graph:
      conv: {out_channels: 8, kernel_size: 3}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "conflicting-keys",
    "two keys stand together that exclude each other",
    """
    An entry of a graph is one thing: an op, a block or an inline graph.
    """,
    """
    graph:
      conv: {op: conv2d, block: stem, out_channels: 8, kernel_size: 3}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "wrong-type",
    "a value is of another kind than its key takes",
    """
    Types are strict: `"3"` is a text and no number, `1` is no bool, and a float is no int. An int stands where
    a float is wanted. `yes`, `no`, `on` and `off` are texts in YAML 1.2: write `true` and `false`.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, bias: no}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, bias: false}
    """,
)
declare(
    "unknown-version",
    "the spec is written in another version of the language",
    """
    `archspec` at the top is the version of the language that the spec is written in. This program reads version
    1.
    """,
    "archspec: 2",
    "archspec: 1",
)
declare(
    "unknown-op",
    "there is no op of this name",
    """
    Ops are named as in `torch.nn` and `torch.nn.functional`, in snake_case: `conv2d`, `batch_norm2d`,
    `max_pool2d`. `archspec ops` lists them. Ops of your own come from an installed package or from `--ops
    FILE`.
    """,
    """
    graph:
      conv: {op: conv2, out_channels: 8, kernel_size: 3}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "unknown-option",
    "the op has no such field",
    """
    An op's fields are PyTorch's own arguments, with PyTorch's names; `archspec ops NAME` lists them. Input
    channels and features are inferred and never written.
    """,
    """
    graph:
      conv: {op: conv2d, in_channels: 3, out_channels: 8, kernel_size: 3}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "missing-option",
    "a field that the op requires is not given",
    """
    A field without a default in PyTorch has to be written; `archspec ops NAME` says which.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "bad-option",
    "a value is outside of what its field or param allows",
    """
    The value has the right type and PyTorch, or the param's `choices`, would not take it: a negative stride, a
    mode that does not exist, two fields that exclude each other.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, stride: 0}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, stride: 1}
    """,
)
declare(
    "unknown-block",
    "there is no block of this name",
    """
    `block` names a block under `blocks` or a spec under `use`, in this file. After a `#` under `use` stands a block of
    the other spec.
    """,
    """
    blocks:
      stem: {graph: {relu: {op: relu}}}
    graph:
      first: {block: sten}
    """,
    """
    blocks:
      stem: {graph: {relu: {op: relu}}}
    graph:
      first: {block: stem}
    """,
)
declare(
    "unknown-param",
    "the block or spec has no such param",
    """
    Arguments of a block, settings of a variant and `--set` name declared params. A block's arguments stand
    beside `block`.
    """,
    """
    blocks:
      stem: {params: {width: 8}, graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 3}}}
    graph:
      first: {block: stem, widht: 16}
    """,
    """
    blocks:
      stem: {params: {width: 8}, graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 3}}}
    graph:
      first: {block: stem, width: 16}
    """,
)
declare(
    "missing-param",
    "a param without a default is not given",
    """
    A param declared by its type alone (`width: int`) is required. Give it where the block is used; for a param
    of the whole spec, in the variant or by `--set`.
    """,
    """
    blocks:
      stem: {params: {width: int}, graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 3}}}
    graph:
      first: {block: stem}
    """,
    """
    blocks:
      stem: {params: {width: int}, graph: {conv: {op: conv2d, out_channels: $width, kernel_size: 3}}}
    graph:
      first: {block: stem, width: 16}
    """,
)
declare(
    "unknown-variant",
    "the spec has no such variant",
    """
    Variants are declared under `variants`; `archspec list` shows those of the gallery. The name stands after
    the colon in `resnet:resnet50`, beside `block` for a used spec, and as a key under `expect`.
    """,
    """
    variants: {small: {}}
    graph:
      relu: {op: relu}
    expect:
      smal: {params: 0}
    """,
    """
    variants: {small: {}}
    graph:
      relu: {op: relu}
    expect:
      small: {params: 0}
    """,
)
declare(
    "unknown-input",
    "there is no input of this name",
    """
    A mapping under `from` names inputs of the op or block; `--input` and `inputs` under `expect` name inputs of
    the spec.
    """,
    """
    graph:
      a: {op: relu}
      b: {op: relu, from: {y: a}}
    """,
    """
    graph:
      a: {op: relu}
      b: {op: relu, from: {x: a}}
    """,
)
declare(
    "bad-name",
    "a name cannot be a Python name",
    """
    Names become attributes and classes of the emitted code: letters, digits and underscores, no digit first,
    and no Python keyword. Members of a graph written as a list are numbered by themselves.
    """,
    """
    graph:
      conv-1: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
    """
    graph:
      conv_1: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
)
declare(
    "reserved-name",
    "a name has a meaning of its own already",
    """
    A member becomes an attribute of an `nn.Module`, so it cannot have the name of one that modules have:
    `forward`, `train`, `parameters`, `half`. Words of the language, such as `training` and `i`, are reserved
    too.
    """,
    """
    graph:
      forward: {op: relu}
    """,
    """
    graph:
      relu: {op: relu}
    """,
)
declare(
    "duplicate-name",
    "two things of one scope have the same name",
    """
    Inside one graph, members and inputs share one set of names, and so do blocks and used specs: a reference
    has to mean one of them.
    """,
    """
    inputs: {image: [3, 32, 32]}
    graph:
      image: {op: relu}
    """,
    """
    inputs: {image: [3, 32, 32]}
    graph:
      relu: {op: relu}
    """,
)
declare(
    "use-outside-folder",
    "`use` leaves the folder of the spec",
    """
    A spec may use what stands in its own folder, or in folders inside it, and the networks of the gallery, wherever
    symbolic links lead. `--allow-path PATH` allows a file or a folder besides; in Python it is
    `archspec.load(spec, permit=archspec.Permit(paths=(path,)))`.
    """,
    """
    use: {backbone: ../elsewhere/net.yaml}
    graph:
      relu: {op: relu}
    """,
    """
    use: {backbone: resnet}
    graph:
      trunk: {block: backbone}
    """,
)
declare(
    "not-a-spec",
    "a file that is taken for a spec holds none",
    """
    The file has no line that starts with `archspec:`, which says the version of the language and stands in every
    spec. Nothing of such a file is shown.
    """,
)
declare(
    "spec-not-found",
    "a spec named by `use` or on the command line is not there",
    """
    `use` gives a path relative to the file it stands in, or the name of a spec in the gallery (`archspec
    list`); `resnet#bottleneck` is a block of one.
    """,
    """
    use: {backbone: ./no-such-file.yaml}
    graph:
      relu: {op: relu}
    """,
    """
    use: {backbone: vgg}
    graph:
      features: {block: backbone, variant: vgg16, outputs: [features]}
    """,
)
declare(
    "recursive-use",
    "a spec uses itself",
    """
    Specs that use each other in a circle have no end. Move what they share into a third one.
    """,
)
