"""Attention of tokens. L queries of E features meet S keys; the batch comes first.

Multiply-adds are those of the projections and of the two products, `q @ k.T` and `weights @ v`; the softmax counts its
elements. fvcore sees the projections alone: the fused product is one op that it does not know, unless the weights are
an output.

Source: Vaswani et al., Attention is all you need (2017), section 3.2.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from archspec.ops.align import listing
from archspec.ops.attention_masks import later, of_each_head, pads, require_mask
from archspec.ops.broadcast import broadcast
from archspec.ops.fields import PositiveInt, Probability, channel_axis, laid_out
from archspec.ops.label import Label, Part
from archspec.ops.names import BIASES, HEADS, INFERRED, RATES
from archspec.ops.op import Op, Role, ShapeFault, op
from archspec.ops.reach import WHOLE, Along, Reading, but, pointwise
from archspec.ops.saved import Saved
from archspec.ops.sizes import help_of_batch
from archspec.ops.strides import Read, Strides, alike, matrices_of, sizes
from archspec.values.cost import Cost
from archspec.values.expression import Value
from archspec.values.shape import Shape, Shapes
from archspec.values.source import SELF, Choice, Invoke, Item, Member, Source, constant, invoke

CAUSAL_AND_MASK = "is_causal has no meaning with a mask of its own"


@op
class MultiHeadAttention(Op):
    """Attention with learned projections: (N, L, E), or (N, L, E), (N, S, K), (N, S, V) -> (N, L, E).

    One input attends to itself; with a key and no value, the key is the value too. A mask is (L, S) for all samples,
    (N, L, S) or (N, heads, L, S), and (N, S) where it is that of the keys, `key_padding_mask`. Numbers are added to the
    scores; of truth values, as torch has it, one that holds keeps a query from a key.

    With `need_weights` the output `weights` is (N, L, S), the mean over the heads, or (N, heads, L, S); torch then
    forms the scores, which it otherwise never holds. `add_bias_kv` and `add_zero_attn` add a key each to S.
    """

    low_precision: ClassVar[bool] = True
    name: ClassVar[str] = "multi_head_attention"
    also_called: ClassVar[Mapping[str, str]] = {
        "mha": "",
        "multi_head_self_attention": "",
        "multi_head_dot_product_attention": "",
    }
    role: ClassVar[Role] = Role.ATTENTION
    input_names: ClassVar[tuple[str, ...]] = ("query", "key", "value", "attn_mask", "key_padding_mask")
    stand_ins: ClassVar[Mapping[str, str]] = {"key": "query", "value": "key"}
    told_apart: ClassVar[frozenset[str]] = frozenset({"attn_mask", "key_padding_mask"})
    module: ClassVar[str] = "nn.MultiheadAttention"
    tensors: ClassVar[tuple[str, ...]] = (
        "in_proj_weight",
        "q_proj_weight",
        "k_proj_weight",
        "v_proj_weight",
        "in_proj_bias",
        "bias_k",
        "bias_v",
        "out_proj.weight",
        "out_proj.bias",
    )
    known_as: ClassVar[Mapping[str, tuple[str, str]]] = {
        "out_proj.weight": ("linear", "weight"),
        "out_proj.bias": ("linear", "bias"),
    }
    may_lack: ClassVar[frozenset[str]] = frozenset({"bias_k", "bias_v"})
    real: ClassVar[frozenset[str]] = frozenset({"query", "key", "value"})
    positional: ClassVar[int] = 2
    stateful: ClassVar[bool] = True
    sequential: ClassVar[bool] = False
    port_names: ClassVar[tuple[str, ...]] = ("", "weights")
    ports_by_field: ClassVar[Mapping[str, str]] = {"weights": "need_weights"}
    in_a_pair: ClassVar[bool] = True
    options_elsewhere: ClassVar[Mapping[str, str]] = {
        "key_dim": "leave it out: each head has its share of the features, embed_dim / num_heads",
        "qkv_features": "leave it out: they are those of the query",
        "kdim": INFERRED,
        "vdim": INFERRED,
    }

    num_heads: Annotated[PositiveInt, HEADS] = Field(description="heads that the features are split into")
    dropout: Annotated[Probability, RATES] = Field(
        default=0.0, description="probability of a zero among the weights, in training"
    )
    bias: Annotated[bool, BIASES] = Field(default=True, description="adds learned numbers in the projections")
    add_bias_kv: bool = Field(default=False, description="one more key and value of each sample, which are learned")
    add_zero_attn: bool = Field(default=False, description="one more key and value of each sample, which are zero")
    is_causal: bool = Field(default=False, description="a query meets no key after its own place")
    need_weights: bool = Field(default=False, description="gives the weights too; PyTorch's own default is true")
    average_attn_weights: bool = Field(
        default=True, description="with need_weights: the weights are the mean over the heads; false gives each head's"
    )
    batch_first: Literal[True] = Field(
        default=True, description="values have their batch first; false, PyTorch's own default, would have it second"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        for x in xs[:3]:
            if not x.batch or len(x.dims) != 2:
                raise ShapeFault("rank-mismatch", f"{self.name} needs N x L x E, not {x}", help=help_of_batch(x, 1))
        query, key, value = self._three(xs)
        if key.dims[0] != value.dims[0]:
            message = f"{self.name} needs as many values as keys"
            raise ShapeFault("shape-mismatch", message, pointed=listing((key, value)))
        if query.dims[1] % self.num_heads:
            message = f"{self.num_heads} heads do not divide the {query.dims[1]} features of the input"
            raise ShapeFault("channels-not-divisible", message, field="num_heads")
        self._require_masks(query, key, xs[3:])
        if not self.need_weights and not self.average_attn_weights:
            message = "average_attn_weights has no meaning without need_weights"
            raise ShapeFault("bad-option", message, field="average_attn_weights")
        y, places = Shape(query.dims, query.batch), (query.dims[0], key.dims[0] + self._added())
        weights = Shape(places if self.average_attn_weights else (self.num_heads, *places), query.batch)
        return (y, weights) if self.need_weights else (y,)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        if index or output or len(xs) == 1:
            return (WHOLE,) * len(xs[index].dims)
        return Along(0), WHOLE

    def keeps(self, port: str) -> bool:
        return port == "weights" and not self.average_attn_weights  # what the values are multiplied by; no mean of it

    def _added(self) -> int:
        """Keys beside those of the input."""
        return self.add_bias_kv + self.add_zero_attn

    def _require_masks(self, query: Shape, key: Shape, masks: tuple[Shape, ...]) -> None:
        length, keys, kinds = query.dims[0], key.dims[0], [pads(mask) for mask in masks]
        for mask in masks:
            require_mask(self.name, mask)
            each_head = ((self.num_heads, length, keys),) if mask.batch else ()
            if mask.batch not in (0, query.batch) or mask.dims not in ((keys,), (length, keys), *each_head):
                fitting = f"{length} x {keys} for queries and keys, or N x {keys} for keys"
                message = f"{self.name} takes a mask of {fitting}, not {mask}"
                help = "`is_causal: true` hides the keys after each query" if mask.dims == (1, 1, length, keys) else ""
                raise ShapeFault("shape-mismatch", message, help=help, pointed=listing((query, key, mask)))
        if len(set(kinds)) < len(kinds):
            message = f"{self.name} takes one mask of queries and keys and one of keys, not two of a kind"
            raise ShapeFault("shape-mismatch", message, pointed=listing(masks))
        if self.is_causal and False in kinds:
            raise ShapeFault("bad-option", CAUSAL_AND_MASK, field="is_causal")
        if self.is_causal and self._added():
            # It is later than every query, and torch hides it or not by the way that it takes inside.
            field = "add_bias_kv" if self.add_bias_kv else "add_zero_attn"
            help = "give a mask as attn_mask in place of is_causal; it does not hide what is added"
            raise ShapeFault("bad-option", f"{field} adds a key that is_causal would hide", field=field, help=help)
        if self.is_causal and length != keys:
            message = f"is_causal needs as many keys as queries: {keys} are not {length}"
            raise ShapeFault("shape-mismatch", message, field="is_causal")

    def _three(self, xs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
        query, key = xs[0], xs[1] if len(xs) > 1 else xs[0]
        return query, key, xs[2] if len(xs) > 2 else key

    def parameters(self, xs: tuple[Shape, ...]) -> dict[str, tuple[int, ...]]:
        query, key, value = (x.dims[1] for x in self._three(xs))
        weights: dict[str, tuple[int, ...]] = {"in_proj_weight": (3 * query, query)}
        if {key, value} != {query}:
            weights = {"q_proj_weight": (query, query), "k_proj_weight": (query, key), "v_proj_weight": (query, value)}
        added: dict[str, tuple[int, ...]] = dict.fromkeys(
            ("bias_k", "bias_v") if self.add_bias_kv else (), (1, 1, query)
        )
        output: dict[str, tuple[int, ...]] = {"out_proj.weight": (query, query)}
        if not self.bias:
            return {**weights, **added, **output}
        return {**weights, "in_proj_bias": (3 * query,), **added, **output, "out_proj.bias": (query,)}

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        query, key, value = self._three(xs)
        length, width = query.dims
        projections = (2 * query.numel + key.numel + value.numel) * width
        scores = query.batch * length * (key.dims[0] + self._added())
        # With weights it knows the products, but of the first one only the form without a mask.
        seen = (1 if len(xs) > 3 or self.is_causal else 2) * self.need_weights
        macs, fvcore = projections + 2 * scores * width, projections + seen * scores * width
        return Cost(macs=macs, activation=self.num_heads * scores, fvcore=fvcore)

    def derived(self, xs: tuple[Shape, ...]) -> dict[str, int]:
        query, key, value = (x.dims[1] for x in self._three(xs))
        widths = {"embed_dim": query, "kdim": key, "vdim": value}
        return {slot: width for slot, width in widths.items() if slot == "embed_dim" or width != query}

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        derived = self.derived(xs)
        names = ("num_heads", "dropout", "bias", "add_bias_kv", "add_zero_attn")
        fields: dict[str, Value] = {name: getattr(self, name) for name in names}
        widths: dict[str, Value] = {slot: derived[slot] for slot in ("kdim", "vdim") if slot in derived}
        return {"embed_dim": derived["embed_dim"], **fields, **widths, "batch_first": True}

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        return {**super().defaults(), "batch_first": False}

    def form(self, xs: tuple[Shape, ...]) -> Hashable:
        given = self.need_weights, self.average_attn_weights
        return self.is_causal, *given, tuple((mask.batch > 0, len(mask.dims), mask.dtype) for mask in xs[3:])

    def call(self, owner: Source, args: Sequence[Source], xs: tuple[Shape, ...]) -> Source:
        query, *others = args[:3]
        key = others[0] if others else query
        value = others[1] if len(others) > 1 else key
        keywords: dict[str, Source] = {}
        for mask, x in zip(args[3:], xs[3:], strict=True):
            keywords |= {"key_padding_mask": mask} if pads(x) else {"attn_mask": of_each_head(mask, x, owner)}
        if self.is_causal:
            keywords |= {"attn_mask": later(query, args[3:], xs[3:]), "is_causal": constant(True)}
        if self.need_weights:
            each = {} if self.average_attn_weights else {"average_attn_weights": constant(False)}
            return Invoke(owner, (query, key, value), (*keywords.items(), *each.items()))
        keywords = {"need_weights": constant(False), **keywords}
        return Item(Invoke(owner, (query, key, value), tuple(keywords.items())), (constant(0),))

    def label(self) -> Label:
        title = "causal attention" if self.is_causal else "attention"
        unit = "head" if self.num_heads == 1 else "heads"
        return Label(title, (Part("num_heads", str(self.num_heads), "heads", unit=unit),))

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        if len(xs) == 1:  # of a value that attends to itself torch has a kernel; else what it brings, twice
            kernel = self.bias and not (self.num_heads % 2 or self.is_causal or self._added())
            return () if kernel else xs * 5
        query, key, value = self._three(xs)
        width, places, out = query.dims[1], key.dims[0] + value.dims[0], query.numel
        # Keys and values before their bias is added and after, together where they come from one weight.
        brought = width * places * 2 if {key.dims[1], value.dims[1]} == {width} else width * (places + value.dims[0])
        scores = self.num_heads * query.dims[0] * (key.dims[0] * 2 if self.need_weights else 1)
        most = max(out + brought, 2 * out + width * places + scores)
        return (Shape((most - out,), query.batch),)

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        query, key, _ = self._three(xs)
        scores = self.num_heads * query.dims[0] * key.dims[0] * (2 * self.need_weights or bool(self.dropout))
        brought = (4 if len(xs) == 1 else 2) * query.numel  # the gradients of queries, keys and values, and as one
        return (Shape((max(brought, brought - 3 * query.numel + scores),), query.batch),)

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        query, key, value = self._three(xs)
        scores = Shape((self.num_heads, query.dims[0], key.dims[0] + self._added()), query.batch)
        rows = Shape((self.num_heads, query.dims[0]), query.batch)
        # Inputs are brought to (L, N, E), which copies them; then come q, k, v and what the heads give.
        projected = (query, *(Shape((x.dims[0], query.dims[1]), x.batch) for x in (key, value)), query)
        copies = tuple(range(min(len(xs), 3)))
        if self.dropout or self.need_weights:
            return Saved(made=(*projected, scores, *[scores] * (2 * bool(self.dropout))), copies=copies)
        return Saved(made=(*projected, rows), copies=copies)


@op
class ScaledDotProductAttention(Op):
    """Attention without projections: (N, ..., L, E), (N, ..., S, E), (N, ..., S, V) -> (N, ..., L, V).

    The mask is (L, S) or what broadcasts to (N, ..., L, S). Numbers are added to the scores; of truth values, as torch
    has it, one that holds lets a query meet a key. There may be fewer heads of keys and values, (N, heads / n, S, E),
    each of which n heads of queries meet.
    """

    low_precision: ClassVar[bool] = True
    name: ClassVar[str] = "scaled_dot_product_attention"
    also_called: ClassVar[Mapping[str, str]] = {"sdpa": "", "dot_product_attention": "", "attention": ""}
    role: ClassVar[Role] = Role.ATTENTION
    input_names: ClassVar[tuple[str, ...]] = ("query", "key", "value", "attn_mask")
    required: ClassVar[int] = 3
    function: ClassVar[str] = "F.scaled_dot_product_attention"
    real: ClassVar[frozenset[str]] = frozenset({"query", "key", "value"})
    function_positional: ClassVar[int] = 0
    saves_output: ClassVar[bool] = True

    dropout_p: Probability = Field(default=0.0, description="probability of a zero among the weights, in training")
    is_causal: bool = Field(default=False, description="a query meets no key after its own place")
    scale: float | None = Field(default=None, description="what the scores are multiplied by; none is E ** -0.5")
    enable_gqa: bool = Field(
        default=False, description="several heads of queries meet one of keys; follows where there are fewer of these"
    )

    def infer(self, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
        query, key, value = xs[:3]
        for x in xs[:3]:
            if len(x.dims) < 2:
                raise ShapeFault("rank-mismatch", f"{self.name} needs N x L x E or more dimensions, not {x}")
        fits = query.dims[-1] == key.dims[-1] and key.dims[-2] == value.dims[-2]
        grouped = _grouped(query, key)
        heads = {(x.batch, x.dims[:-2]) for x in xs[grouped:3]}
        if not fits or len(heads) > 1:
            message = "queries and keys have as many features, keys and values as many places, and all the same heads"
            help = "heads of keys and values may be fewer where they divide those of queries" if fits else ""
            raise ShapeFault("shape-mismatch", message, help=help, pointed=listing(xs[:3]))
        if self.enable_gqa and len(query.dims) < 3:
            raise ShapeFault("bad-option", f"enable_gqa needs N x heads x L x E, not {query}", field="enable_gqa")
        if len(xs) > 3:
            self._require_mask(xs[3], self._scores(xs))
        return (laid_out((*query.dims[:-1], value.dims[-1]), value, channel_axis(value), "float"),)

    def reach(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...], index: int, output: int = 0) -> tuple[Reading, ...]:
        alike = pointwise(replace(xs[index], dims=(*xs[index].dims[:-2], *ys[0].dims[-2:])), ys[0])
        last = len(alike) - 1
        return but(alike, last) if not index else but(alike, last - 1, *([] if index == 2 else [last]))

    def _scores(self, xs: tuple[Shape, ...]) -> Shape:
        return Shape((*xs[0].dims[:-1], xs[1].dims[-2]), xs[0].batch)

    def slots(self, xs: tuple[Shape, ...]) -> dict[str, Value]:
        return {**super().slots(xs), "enable_gqa": self.enable_gqa or _grouped(*xs[:2])}

    def _require_mask(self, mask: Shape, scores: Shape) -> None:
        if self.is_causal:
            raise ShapeFault("bad-option", CAUSAL_AND_MASK, field="is_causal")
        require_mask(self.name, mask)
        y = broadcast(self.name, (scores, mask))
        if (y.dims, y.batch) != (scores.dims, scores.batch):
            raise ShapeFault("shape-mismatch", f"the mask {mask} is larger than the scores {scores}")

    def count(self, xs: tuple[Shape, ...], ys: tuple[Shape, ...]) -> Cost:
        scores = self._scores(xs).numel
        return Cost(macs=scores * (xs[0].dims[-1] + xs[2].dims[-1]), activation=scores)

    def expression(self, args: Sequence[Source], slots: Mapping[str, Source], xs: tuple[Shape, ...]) -> Source:
        named = dict(slots)
        if "dropout_p" in named:  # the function knows no mode
            named["dropout_p"] = Choice(Member(SELF, "training"), named["dropout_p"], constant(0.0))
        mask = dict(zip(("attn_mask",), args[3:], strict=False))
        return invoke(self.function, *args[:3], **mask, **named)

    def label(self) -> str:
        return "causal attention" if self.is_causal else "attention"

    def saves(self, xs: Shapes, ys: Shapes, wants: Sequence[bool], *, inplace: bool = False) -> Saved:
        if self.dropout_p or not self._fused(xs):
            scores = self._scores(xs)
            return Saved(inputs=(2,), made=(*xs[:2], scores, *[scores] * (2 * bool(self.dropout_p))))
        return Saved(inputs=(0, 1, 2), outputs=(0,), made=(self._rows(xs),))

    def scratch(self, xs: Shapes, ys: Shapes) -> Shapes:
        if self._fused(xs):
            return (self._rows(xs),)
        # Scaled queries, and with them the scaled keys and the scores, or the scores and their softmax.
        query, scores = xs[0], self._scores(xs).numel
        most = max(xs[1].numel + scores, 2 * scores, scores + ys[0].numel) - ys[0].numel
        return query, Shape((most,), query.batch)

    def scratch_forward(self, xs: Shapes, ys: Shapes) -> Shapes:
        return () if self._fused(xs) else (self._scores(xs),)  # before their softmax

    def scratch_backward(self, xs: Shapes, ys: Shapes) -> Shapes:
        # The gradients of the weights and of the scores, before those of queries and keys are there.
        most = max(2 * self._scores(xs).numel - xs[0].numel - xs[1].numel, 0)
        return () if self._fused(xs) else (Shape((most,), xs[0].batch),)

    def strides(self, xs: Shapes, ys: Shapes, given: Sequence[Strides]) -> tuple[Strides | None, ...]:
        return (alike(sizes(ys[0]), given[0]) if self._fused(xs) else None,) * len(ys)  # as the queries lie

    def read_as(self, xs: Shapes, ys: Shapes, *, training: bool) -> tuple[Read | None, ...]:
        split = training and not self._fused(xs)  # at inference a copy of the values is part of `scratch`
        return (None, None, matrices_of(xs[2], sizes(ys[0])[:-2])) if split else ()

    def _fused(self, xs: Shapes) -> bool:
        """Whether torch has a kernel for it: of queries and values of one length, with heads."""
        return len(xs[0].dims) == 3 and xs[0].dims[-1] == xs[2].dims[-1]

    def _rows(self, xs: Shapes) -> Shape:
        """The logarithm of the sum of each row of weights."""
        return Shape(xs[0].dims[:-1], xs[0].batch)


def _grouped(query: Shape, key: Shape) -> bool:
    """Whether each head of keys stands for several of queries: 8 heads and 2, and all before them the same."""
    same = len(key.dims) == len(query.dims) > 2 and query.batch == key.batch and query.dims[:-3] == key.dims[:-3]
    return same and query.dims[-3] != key.dims[-3] and query.dims[-3] % key.dims[-3] == 0
