"""What ops make of inputs and arguments that are more than names and numbers."""

from archspec.ops import Op
from archspec.values.expression import Binary, Literal, Name
from archspec.values.printing import text
from archspec.values.shape import Shape
from archspec.values.source import SELF, Member, Operation, Tuple, method
from tests.ops.oracle import make, module_source

IMAGE = Shape((64, 56, 56))
TOKENS = Shape((16, 32))


def test_sizes_that_are_params_are_declared_by_their_names() -> None:
    token, half = make("parameter", shape=(1, 1, 768)), Binary("//", Name("width"), Literal(2))
    sizes = Tuple((Literal(1), Literal(1), half))
    assert text(token.declaration({"shape": sizes})) == "torch.zeros(1, 1, width // 2)"
    assert text(token.declaration({"shape": Name("shape")})) == "torch.zeros(*shape)"
    scale = make("parameter", shape=(8,), init=1)
    scaled = scale.declaration({"shape": Tuple((Name("width"),)), "init": Name("scale")})
    assert text(scaled) == "torch.ones(width) * scale"


def test_operands_that_are_no_names_are_parenthesised() -> None:
    args = Operation("+", Name("a"), Name("b")), method(SELF, "gate", Name("c"))
    assert text(make("mul").expression(args, {}, (IMAGE, IMAGE))) == "(a + b) * self.gate(c)"


def called(op: Op, owner: str, inputs: str) -> str:
    return text(op.call(Member(SELF, owner), tuple(map(Name, inputs)), (TOKENS,) * len(inputs)))


def test_attention_with_projections_is_called_with_queries_keys_and_values() -> None:
    attention = make("multi_head_attention", num_heads=4)
    assert module_source(attention, (TOKENS,)) == "nn.MultiheadAttention(32, 4, batch_first=True)"
    assert called(attention, "attn", "x") == "self.attn(x, x, x, need_weights=False)[0]"
    assert called(attention, "attn", "xy") == "self.attn(x, y, y, need_weights=False)[0]"
    others = (TOKENS, Shape((9, 32)), Shape((9, 24)))
    assert module_source(attention, others) == "nn.MultiheadAttention(32, 4, vdim=24, batch_first=True)"
    assert called(attention, "attn", "xyz") == "self.attn(x, y, z, need_weights=False)[0]"
    assert called(make("relu"), "relu", "x") == "self.relu(x)"


def masked(*masks: Shape, **fields: object) -> str:
    """The call of attention of 16 tokens, or of 16 with itself and masks `m` and `n`."""
    attention, xs = make("multi_head_attention", num_heads=4, **fields), (*[TOKENS] * 3, *masks)
    return text(attention.call(Member(SELF, "a"), tuple(map(Name, "xxxmn"[: len(xs)])), xs))


def test_masks_are_given_as_torch_takes_them() -> None:
    start = "self.a(x, x, x, need_weights=False, "
    pairs, keys = Shape((16, 16)), Shape((16,))
    assert masked(Shape((16, 16), batch=0)) == f"{start}attn_mask=m)[0]"
    assert masked(pairs) == f"{start}attn_mask=m.repeat_interleave(self.a.num_heads, dim=0))[0]"
    assert masked(Shape((4, 16, 16))) == f"{start}attn_mask=m.flatten(0, 1))[0]"
    assert masked(keys) == f"{start}key_padding_mask=m)[0]"
    assert masked(Shape((4, 16, 16)), keys) == f"{start}attn_mask=m.flatten(0, 1), key_padding_mask=n)[0]"
    causal = "attn_mask=nn.Transformer.generate_square_subsequent_mask(x.shape[1], device=x.device"
    assert masked(is_causal=True) == f"{start}{causal}), is_causal=True)[0]"
    assert masked(keys, is_causal=True) == f"{start}key_padding_mask=m, {causal}, dtype=m.dtype), is_causal=True)[0]"


def test_states_have_their_batch_second_where_torch_takes_and_gives_them() -> None:
    lstm, gru = make("lstm", hidden_size=4), make("gru", hidden_size=4)
    assert called(gru, "gru", "xh") == "self.gru(x, h.transpose(0, 1).contiguous())"
    given = [Name("x"), *(lstm.read(port, Name(port)) for port in ("hidden", "cell"))]
    assert text(lstm.call(Member(SELF, "lstm"), given, (TOKENS,) * 3)) == "self.lstm(x, (hidden, cell))"
    assert text(lstm.read("hidden", Name("h"))) == "h.transpose(0, 1)"
    assert text(lstm.read("", Name("x"))) == "x"
    assert ", ".join(map(text, lstm.unpacked(tuple(map(Name, "xhc"))))) == "x, (h, c)"
    assert ", ".join(map(text, gru.unpacked(tuple(map(Name, "xh"))))) == "x, h"
    assert called(make("lstm_cell", hidden_size=4), "cell", "xhc") == "self.cell(x, (h, c))"
    assert called(make("gru_cell", hidden_size=4), "cell", "xh") == "self.cell(x, h)"


def test_an_element_behind_the_batch_of_a_transposed_value_is_one_of_its_first() -> None:
    last, state = make("select", dim=1, index=-1), make("gru", hidden_size=4).read("hidden", Name("h"))
    assert text(last.expression((state,), {"index": Literal(-1)}, (TOKENS,))) == "h[-1]"


def test_attention_gives_its_weights_where_they_are_asked_for() -> None:
    attention, xs = make("multi_head_attention", num_heads=4, need_weights=True), (TOKENS,)
    assert (attention.ports, called(attention, "attn", "x")) == (("", "weights"), "self.attn(x, x, x)")
    assert attention.infer(xs) == (TOKENS, Shape((16, 16)))
    each = make("multi_head_attention", num_heads=4, need_weights=True, average_attn_weights=False, add_zero_attn=True)
    assert called(each, "attn", "x") == "self.attn(x, x, x, average_attn_weights=False)"
    assert each.infer(xs) == (TOKENS, Shape((4, 16, 17)))
    assert module_source(each, xs) == "nn.MultiheadAttention(32, 4, add_zero_attn=True, batch_first=True)"
