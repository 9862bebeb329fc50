"""Codes of shapes and of the facts under `expect`."""

from archspec.diagnostics.codes.code import declare

declare(
    "shape-mismatch",
    "inputs that meet do not have fitting sizes",
    """
    `add` needs inputs of one shape, `concat` of one shape but for the joined dimension. The message shows the
    shapes, the labels where each comes from. Frequent causes: a stride that one branch has and the other has
    not, a convolution without padding. Where sizes differ by design, `align` says how they meet: `crop`, `pad`
    or `resize`.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 3, kernel_size: 3}
      sum: {op: add, from: [conv, image]}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 3, kernel_size: 3, padding: 1}
      sum: {op: add, from: [conv, image]}
    """,
)
declare(
    "rank-mismatch",
    "an input has another number of dimensions than the op works on",
    """
    A `conv2d` or a `batch_norm2d` works on N x C x H x W. Between an image and a `linear` layer stands a
    `flatten` or a global pool.
    """,
    """
    graph:
      flatten: {op: flatten}
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
      flatten: {op: flatten}
    """,
)
declare(
    "channels-not-divisible",
    "channels do not divide into the groups",
    """
    A grouped convolution divides input and output channels by `groups`, a group norm its channels by
    `num_groups`, attention its width by the heads. Each has to come out even.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3, groups: 2}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 9, kernel_size: 3, groups: 3}
    """,
)
declare(
    "size-not-divisible",
    "a size does not divide evenly",
    """
    The op cuts a dimension into equal parts, and this one leaves a rest. Change the size before it or the
    number of parts.
    """,
)
declare(
    "kernel-too-large",
    "a kernel is larger than its padded input",
    """
    There is no place to put the kernel. The input has often been downsampled further than expected: look at the
    strides before it, or at the declared input size.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 33}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 33, padding: 16}
    """,
)
declare(
    "size-below-one",
    "an output would have no elements",
    """
    The arithmetic of the op gives a size of 0 or less: a crop larger than its input, a transposed convolution
    whose padding eats its output.
    """,
    """
    graph:
      up: {op: conv_transpose2d, out_channels: 8, kernel_size: 1, padding: 16}
    """,
    """
    graph:
      up: {op: conv_transpose2d, out_channels: 8, kernel_size: 2, stride: 2}
    """,
)
declare(
    "bad-padding",
    "a padding does not go with the op's other fields",
    """
    PyTorch takes at most half the kernel as padding of a pool, `padding: same` only with stride 1, and an
    output padding that is smaller than the stride or the dilation.
    """,
    """
    graph:
      pool: {op: max_pool2d, kernel_size: 2, padding: 2}
    """,
    """
    graph:
      pool: {op: max_pool2d, kernel_size: 2, padding: 1}
    """,
)
declare(
    "unread-rows",
    "a warning: rows or columns at the end of a map are in no window",
    """
    A pooling or a convolution with a stride takes whole steps. Where the last one does not fit, what is left at
    the bottom and on the right is read by nothing: a 2 x 2 pooling of 7 rows reads 6. The network runs, and what
    stood there is lost; where the map is enlarged again, it comes out smaller. `check` says so of the declared
    sizes. `archspec sizes` tells at which sizes such a map meets others.
    """,
    """
    graph:
      pool: {op: max_pool2d, kernel_size: 5}
    """,
    """
    graph:
      pool: {op: max_pool2d, kernel_size: 4}
    """,
)
declare(
    "smaller-map",
    "values are put back into a smaller map than the one they were taken from",
    """
    The indices of a max pooling number the places of its input row by row. A pooling of 2 x 2 makes 4 of 9 columns, and
    max_unpool2d makes 8 of these, so that the places of the last row lie beyond the end: torch stops there, or
    puts values where they do not belong. Given the input of the pooling as its third input, the
    un-pooling takes the size of that.
    """,
    """
    graph:
      pool: {op: max_pool2d, kernel_size: 7}
      back: {op: max_unpool2d, kernel_size: 7, from: [pool, pool.indices]}
    """,
    """
    graph:
      pool: {op: max_pool2d, kernel_size: 7}
      back: {op: max_unpool2d, kernel_size: 7, from: [pool, pool.indices, image]}
    """,
)
declare(
    "too-few-rows",
    "a table has fewer rows than are counted",
    """
    An embedding of places has a row for each of them, and here there are more places than rows: torch stops with
    "index out of range". A language model takes no longer text than its table of places has rows.
    """,
    """
    graph:
      places: {op: positions, dim: 1}
      table: {op: embedding, num_embeddings: 2, embedding_dim: 8}
    """,
    """
    graph:
      places: {op: positions, dim: 1}
      table: {op: embedding, num_embeddings: 512, embedding_dim: 8}
    """,
)
declare(
    "too-few-values",
    "a norm has a single value in each group",
    """
    A norm over one value subtracts the value from itself: everything becomes 0, and PyTorch refuses it in
    training. Normalise before the image is reduced to one pixel, or over more channels.
    """,
)
declare(
    "expect-failed",
    "a fact under `expect` does not hold",
    """
    `expect` states what the paper or a reference says: parameters, MACs, shapes. The message shows both
    numbers. The spec differs from what it describes, or the fact is wrong: `archspec summary` shows the counts
    block by block.
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    expect: {params: 216}
    """,
    """
    graph:
      conv: {op: conv2d, out_channels: 8, kernel_size: 3}
    expect: {params: 224}
    """,
)
declare(
    "size-in-lists",
    "a member of rounds over lists reads a size of what its round is given",
    """
    `lists: true` puts the members of a repeat into lists of the graph around it, which has no name for what a round
    reads. A block has: its own input.
    """,
    """
    graph:
      rounds: {repeat: 4, lists: true, graph: {fcs: {op: linear, out_features: $x.features}, act: relu}}
    """,
    """
    blocks:
      same: {graph: {fc: {op: linear, out_features: $x.features}}}
    graph:
      rounds: {repeat: 4, lists: true, graph: {fcs: {block: same}, act: relu}}
    """,
)
