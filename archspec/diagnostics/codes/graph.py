"""Codes of the graph: references, blocks, what runs in training, what nobody reads."""

from archspec.diagnostics.codes.code import declare

declare(
    "unknown-reference",
    "a reference names nothing in its graph",
    """
    `from`, `outputs` and `share` name members of the same graph, or its inputs. Inner members of a block are
    reached from its entry's `outputs`, not from outside.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      relu: {op: relu, from: cnov}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      relu: {op: relu, from: conv}
    """,
)
declare(
    "forward-reference",
    "a member reads one that is written below it",
    """
    Order is flow: a member reads what stands above it. Move the entry up.
    """,
    """
    graph:
      relu: {op: relu, from: conv}
      conv: {op: conv2d, from: image, out_channels: 8, kernel_size: 3}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      relu: {op: relu}
    """,
)
declare(
    "ambiguous-reference",
    "a reference can mean two things",
    """
    A dotted name is a port of a member, or a path to a member inside it. Where both are there, rename one.
    """,
)
declare(
    "unknown-port",
    "a member has no output of this name",
    """
    `pool.indices` reads the output `indices` of `pool`. Ops have the outputs that `archspec ops NAME` lists; a
    block has those under its `outputs`.
    """,
    """
    graph:
      pool: {op: max_pool2d, kernel_size: 2}
      relu: {op: relu, from: pool.index}
    """,
    """
    graph:
      pool: {op: max_pool2d, kernel_size: 2}
      relu: {op: relu, from: pool}
    """,
)
declare(
    "missing-input",
    "an input of an op or block reads nothing",
    """
    Without `from` the member above feeds the first input. A join such as `add` needs a list of what it joins,
    and a block with several inputs a list or a mapping.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 3, kernel_size: 1}
      sum: {op: add}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 3, kernel_size: 1}
      sum: {op: add, from: [conv, image]}
    """,
)
declare(
    "unequal-parts",
    "the parts of a repeat take different numbers of inputs",
    """
    Where `i` chooses the block or op of a part, each part still reads the one before, and the other inputs are
    the same for all.
    """,
    """
    blocks:
      first: {graph: {conv: {op: conv2d, out_channels: 3, kernel_size: 1}}}
      other: {inputs: [x, y], graph: {add: {op: add, from: [x, y]}}}
    graph:
      stage: {block: $('first' if i == 0 else 'other'), repeat: 3}
    """,
    """
    blocks:
      first: {graph: {conv: {op: conv2d, out_channels: 3, kernel_size: 1}}}
      other: {graph: {add: {op: add, from: [x, x]}}}
    graph:
      stage: {block: $('first' if i == 0 else 'other'), repeat: 3}
    """,
)
declare(
    "too-many-inputs",
    "`from` names more than the op or block reads",
    """
    An op that is not a join reads as many inputs as PyTorch's own; a block reads those under its `inputs`.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 3, kernel_size: 1}
      relu: {op: relu, from: [conv, image]}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 3, kernel_size: 1}
      relu: {op: relu, from: conv}
    """,
)
declare(
    "cycle",
    "members read each other in a circle",
    """
    A network is a graph without cycles. Unroll a recurrence with `repeat`.
    """,
    """
    graph:
      a: {op: relu, from: b}
      b: {op: relu, from: a}
    """,
    """
    graph:
      a: {op: relu}
      b: {op: relu}
    """,
)
declare(
    "recursive-block",
    "a block contains itself without an end",
    """
    Blocks that use each other in a circle need a condition that ends it: a `when` that other arguments make false. Use
    `repeat` for a part that comes several times.
    """,
    """
    blocks:
      stage: {graph: {relu: {op: relu}, inner: {block: stage}}}
    graph:
      stage: {block: stage}
    """,
    """
    blocks:
      stage: {graph: {relu: {op: relu}}}
    graph:
      stage: {block: stage, repeat: 2}
    """,
)
declare(
    "empty-graph",
    "a graph has no members",
    """
    A graph holds one member or more; one whose members are all left out by `when` is empty too, where nothing
    feeds its output.
    """,
    "graph: {}",
    """
    graph:
      relu: {op: relu}
    """,
)
declare(
    "too-many-nodes",
    "the graph expands to too many nodes",
    """
    Blocks in blocks multiply, so a few lines can ask for more than a machine can hold. Uses of blocks and repeats
    may add 8,000 members to those that are written; each further input and output of one counts as a member. Look
    for a `repeat` that is larger than it was meant to be. `--allow-copies N` allows more; in Python it is
    `archspec.load(spec, permit=archspec.Permit(copies=N))`. A network that is written out may have 250,000 nodes.
    """,
)
declare(
    "flat-not-a-chain",
    "a flat block branches",
    """
    `flat: true` numbers everything inside as one `nn.Sequential`, which has no names for branches: each member
    reads the one above it.
    """,
    """
    blocks:
      stem:
        flat: true
        graph:
          - {op: conv2d, out_channels: 3, kernel_size: 1}
          - {op: add, from: ["0", x]}
    graph:
      stem: {block: stem}
    """,
    """
    blocks:
      stem:
        flat: true
        graph:
          - {op: conv2d, out_channels: 3, kernel_size: 1}
          - {op: relu}
    graph:
      stem: {block: stem}
    """,
)
declare(
    "size-in-flat",
    "an op inside of a flat graph reads a size",
    """
    `flat: true` numbers everything inside as one `nn.Sequential`, which hands on a value and no sizes of another. A
    flat graph of ops only is a class of its own, whose ops may read the sizes of its input.
    """,
    """
    graph:
      stem:
        flat: true
        graph:
          - {graph: [{op: max_pool2d, kernel_size: 2}, {op: upsample, size: [$x.height, $x.width]}]}
    """,
    """
    graph:
      stem:
        flat: true
        graph: [{op: max_pool2d, kernel_size: 2}, {op: upsample, size: [$x.height, $x.width]}]
    """,
)
declare(
    "train-only-value",
    "inference reads a part that runs only in training",
    """
    What is marked `when: training` does not exist in inference, so no output that inference gives may need it. Mark the
    reader or the output `when: training` as well. Its parameters may be used by what inference runs (`share`).
    """,
    """
    graph:
      aux: {op: relu, when: training}
      head: {op: relu, from: aux}
    outputs: {y: head}
    """,
    """
    graph:
      aux: {op: relu, when: training}
      head: {op: relu, from: image}
    outputs: {y: head, aux: aux}
    """,
)
declare(
    "train-only-outputs",
    "every output runs only in training",
    """
    A network gives at least one output in inference too. Where `outputs` is left out, its output is the last member:
    name the one that inference gives, and the train-only one beside it.
    """,
    """
    graph:
      head: {op: relu}
      aux: {op: sigmoid, when: training}
    """,
    """
    graph:
      head: {op: relu}
      aux: {op: sigmoid, when: training}
    outputs: {y: head, aux: aux}
    """,
)
declare(
    "share-mismatch",
    "a member cannot use the parameters of the one it shares with",
    """
    `share` uses another member's parameters again: both are the same op with the same fields, or the same block
    with the same arguments, on as many input channels.
    """,
    """
    graph:
      a: {op: conv2d, out_channels: 3, kernel_size: 3}
      b: {op: conv2d, out_channels: 3, kernel_size: 1, share: a}
    """,
    """
    graph:
      a: {op: conv2d, out_channels: 3, kernel_size: 3}
      b: {op: conv2d, out_channels: 3, kernel_size: 3, share: a}
    """,
)
declare(
    "carried-by-place",
    "a warning: a repeat hands an output on to an input of another name",
    """
    A part of a repeat gives its outputs to the inputs of the next part: by name where every output is called as an
    input is, else by place. Where some outputs are called as inputs and others are not, the names say one thing and
    the places do another.
    """,
    """
    inputs: {image: [3, 8, 8], style: [3, 8, 8]}
    blocks:
      flow:
        inputs: [x, style]
        graph: {scale: {op: relu, from: style}, moved: {op: mul, from: [x, scale]}}
        outputs: {x: moved, scale: scale}
    graph:
      flows: {block: flow, from: [image, style], repeat: 2}
    """,
    """
    inputs: {image: [3, 8, 8], style: [3, 8, 8]}
    blocks:
      flow:
        inputs: [x, style, scale]
        graph: {relu: {op: relu, from: style}, moved: {op: mul, from: [x, relu]}}
        outputs: {x: moved, scale: relu}
    graph:
      flows: {block: flow, from: [image, style, style], repeat: 2}
    """,
)
declare(
    "unused-node",
    "a warning: no output needs this node",
    """
    No output of the network needs the node, also through the blocks that it goes into, so it is left out of the
    emitted code, the counts and the picture. What is needed of a block is told apart for each of its uses. Add the
    node to `outputs`, read it, or remove it.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      side: {op: relu}
      relu: {op: relu, from: conv}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      relu: {op: relu}
    """,
)
declare(
    "unused-param",
    "a warning: no expression reads this param",
    """
    A setting that changes nothing misleads the reader. Use the param or remove it.
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
    """
    params: {width: 8}
    graph:
      conv: {op: conv2d, out_channels: $width, kernel_size: 3}
    """,
)
declare(
    "unused-block",
    "a warning: nothing uses this block or spec",
    """
    A block that no entry names, and no expression can choose, is not part of the network. Use it or remove it.
    """,
    """
    blocks:
      stem: {graph: {relu: {op: relu}}}
    graph:
      relu: {op: relu}
    """,
    """
    blocks:
      stem: {graph: {relu: {op: relu}}}
    graph:
      stem: {block: stem}
    """,
)
declare(
    "bad-alternatives",
    "a member is one of several things, and some of them can never be there",
    """
    A list says what a member is under one condition or another: the first whose `when` holds is there. Each but the
    last needs a `when`, and none is for training only.
    """,
    """
    graph:
      pool:
        - {op: max_pool2d, kernel_size: 2}
        - {op: conv2d, out_channels: 8, kernel_size: 3, stride: 2, when: $strided}
    """,
    """
    graph:
      pool:
        - {op: conv2d, out_channels: 8, kernel_size: 3, stride: 2, when: $strided}
        - {op: max_pool2d, kernel_size: 2}
    """,
)
