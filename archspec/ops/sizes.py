"""Arithmetic of sliding windows, and the faults that all windowed ops share.

Per spatial dimension, with `span = dilation * (kernel - 1) + 1`:

    floor: y = floor((x + 2 * padding - span) / stride) + 1
    ceil:  y = ceil((x + 2 * padding - span) / stride) + 1,
           less one where the last window would start in the padding after the input

Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), relationships 6 and 15; the rule
of the last window is PyTorch's `pooling_output_shape`.
"""

from operator import index

from archspec.ops.op import ShapeFault
from archspec.values.shape import Shape

LAYOUTS = {0: "N x C", 1: "N x C x W", 2: "N x C x H x W", 3: "N x C x D x H x W"}

# The cure where an op would mix the samples of a batch: dimensions are counted as PyTorch does.
AFTER_THE_BATCH = "dimension 0 is the batch, 1 the first after it and -1 the last; samples stay apart"

# The cure where something is computed between the samples, such as the logits of a contrastive loss.
BETWEEN_SAMPLES = "samples stay apart: let the code that trains compute what is between them, from the outputs"


def by(sizes: tuple[int, ...]) -> str:
    """Sizes in a message: `(3, 3) -> "3 x 3"`."""
    return " x ".join(map(str, sizes))


def plural(count: int, noun: str) -> str:
    """`(1, "input") -> "1 input"`, `(2, "input") -> "2 inputs"`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def require_rank(name: str, x: Shape, *ranks: int) -> None:
    """Raises ShapeFault `rank-mismatch` where `x` has none of these numbers of spatial dimensions."""
    if not x.batch or len(x.dims) - 1 not in ranks:
        wanted = " or ".join(LAYOUTS.get(rank, plural(rank, "spatial dimension")) for rank in ranks)
        raise ShapeFault("rank-mismatch", f"{name} needs {wanted}, not {x}", help=help_of_batch(x, *ranks))


def help_of_batch(x: Shape, *ranks: int) -> str:
    """How `x`, which has no batch, comes by the one that an op needs; "" where its dimensions are others too."""
    if x.batch:
        return ""
    repeat = "repeat it for each sample of another value: {op: expand, from: [it, another]}"
    if x.dims[:1] == (1,) and len(x.dims) - 2 in ranks:
        return repeat
    return (
        f"give it a first size of 1, [1, {', '.join(map(str, x.dims))}], and {repeat}"
        if len(x.dims) - 1 in ranks
        else ""
    )


def resolve_dim(name: str, x: Shape, dim: int, field: str = "dim") -> int:
    """The index into `x.dims` of PyTorch's `dim`. Raises ShapeFault where there is none or it is the batch."""
    rank, dim = rank_of(x), index(dim)  # a plain number: sizes do not follow from which dimension it is
    if not -rank <= dim < rank:
        raise ShapeFault("rank-mismatch", f"{name} over dimension {dim} needs more dimensions than {x}", field=field)
    if x.batch and dim % rank == 0:
        message = f"{name} over dimension {dim} mixes the samples of a batch"
        raise ShapeFault("bad-option", message, help=AFTER_THE_BATCH, field=field)
    return dim % rank - (1 if x.batch else 0)


def rank_of(x: Shape) -> int:
    """How many dimensions PyTorch counts, the batch included."""
    return len(x.dims) + (1 if x.batch else 0)


def spans(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    """What a dilated kernel covers."""
    return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))


def same_elsewhere(size: int, kernel: int, stride: int, dilation: int) -> int:
    """What TensorFlow's padding `same` adds to a size, so that the output has ceil(size / stride): the odd one behind.

    Source: the documentation of tf.nn.convolution.
    """
    (span,) = spans((kernel,), (dilation,))
    return max((-(-size // stride) - 1) * stride + span - size, 0)


def slide(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    *,
    ceil: bool = False,
) -> tuple[int, ...]:
    """How many windows fit in each dimension. `padding` is (before, after). Raises ShapeFault `kernel-too-large`."""
    covered = spans(kernel, dilation)
    counts = tuple(
        _windows(size, span, step, pad, ceil)
        for size, span, step, pad in zip(sizes, covered, stride, padding, strict=True)
    )
    if any(count < 1 for count in counts):
        raise _too_large(sizes, kernel, padding, dilation, covered)
    return counts


def spread_out(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    extra: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[int, ...]:
    """What a transposed convolution makes of each size. Raises ShapeFault `bad-padding` where `extra` is too much."""
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        said, step, apart = (v[0] if len(set(v)) == 1 else v for v in (extra, stride, dilation))
        message = f"output_padding {said} is not smaller than the stride {step} or the dilation {apart}"
        raise ShapeFault("bad-padding", message, field="output_padding")
    return tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, k, s, p, e, d in zip(sizes, kernel, stride, padding, extra, dilation, strict=True)
    )


def left_over(
    sizes: tuple[int, ...],
    counts: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> tuple[int, ...]:
    """How many elements at the end of each dimension lie beyond the last window.

    Those that a step passes over between all windows, of a kernel of 1 with stride 2, are no loss of the end.

        0 1 2 3 4 5 6      kernel 3, stride 3: 6 is read by no window
        [---] [---]
    """
    return tuple(
        max(size + pad[0] - (count - 1) * step - max(span, step), 0)
        for size, count, span, step, pad in zip(sizes, counts, spans(kernel, dilation), stride, padding, strict=True)
    )


def _windows(size: int, span: int, stride: int, pad: tuple[int, int], ceil: bool) -> int:
    room = size + sum(pad) - span
    if not ceil:
        return room // stride + 1
    count = -(-room // stride) + 1
    return count - 1 if (count - 1) * stride >= size + pad[0] else count


def _too_large(
    sizes: tuple[int, ...],
    kernel: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
    covered: tuple[int, ...],
) -> ShapeFault:
    padded = tuple(size + sum(pad) for size, pad in zip(sizes, padding, strict=True))
    dilated = "" if set(dilation) == {1} else f", {by(covered)} with its dilation,"
    kind = "padded input" if any(map(sum, padding)) else "input"
    short = max(span - size for span, size in zip(covered, padded, strict=True))
    more = -(-short // 2)
    return ShapeFault(
        "kernel-too-large",
        f"the kernel {by(kernel)}{dilated} is larger than the {kind} {by(padded)}",
        help=f"use a smaller kernel_size, {more} more padding on each side, or a larger input",
        field="kernel_size",
    )


def require_sizes(name: str, sizes: tuple[int, ...], x: Shape) -> None:
    """Raises ShapeFault `size-below-one` where an output size is not positive."""
    if any(size < 1 for size in sizes):
        raise ShapeFault("size-below-one", f"{name} of {x} comes out as {by(sizes)}: every size must be 1 or more")
