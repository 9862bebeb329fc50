"""Small specs that ask for much end soon, whatever they say: what they come to is counted, and time is not."""

from collections.abc import Callable, Sequence

import pytest

from archspec.code.calls import Calls
from archspec.code.parts import OpPart, Template
from archspec.code.pytorch import emit
from archspec.code.rolled import _Roller
from archspec.diagnostics.diagnostic import Source, SpecError
from archspec.graph import walk
from archspec.graph.elaborate.copies import Copies, TooMuch
from archspec.graph.graph import Graph, Local, Member
from archspec.language.load import load_spec
from archspec.language.op_fields import build_op
from archspec.language.permit import COPIES
from archspec.pipeline import load_text
from archspec.values.source import Source as Expression
from tests.bounds.large import LARGE, doubling, nested_repeats, repeated, spec


def codes(text: str) -> set[str]:
    """What is wrong with a spec."""
    try:
        load_text(text)
    except SpecError as error:
        return {diagnostic.code for diagnostic in error.diagnostics}
    return set()


@pytest.mark.parametrize("name", LARGE)
def test_each_is_small(name: str) -> None:
    assert len(LARGE[name].encode()) < 10_000


@pytest.mark.parametrize(
    "text",
    [
        doubling(14),
        doubling(30),
        doubling(5, 10),
        nested_repeats(1000, 1000, 1000),
        nested_repeats(100, 100),
        repeated("op: relu", COPIES + 2),
        repeated("graph: {m: {op: relu, when: false}}", COPIES),
        repeated(
            "graph: {u: {op: chunk, chunks: 8}, z: {op: concat, from: [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7]}}", 2000
        ),
        LARGE["long_paths"],
        LARGE["expression_repeated"],
        LARGE["large_lists"],
        LARGE["large_list_slices"],
    ],
)
def test_what_multiplies_is_refused(text: str) -> None:
    assert codes(text) == {"too-many-nodes"}


@pytest.mark.parametrize("name", ["huge_rank", "huge_ranks_broadcast", "permute"])
def test_more_dimensions_than_pytorch_has_are_refused(name: str) -> None:
    assert "rank-mismatch" in codes(LARGE[name])


def test_a_condition_of_more_tests_than_an_expression_nests_is_refused() -> None:
    assert codes(LARGE["when_lists_repeated"]) == {"wrong-type"}
    text = repeated(f"op: linear, out_features: 8, when: [{', '.join(['$(x.features < 9)'] * 50)}]", 2)
    assert emit(load_text(text))


@pytest.mark.parametrize("levels", [8, 11])
def test_a_network_that_may_be_is_counted_whole(levels: int) -> None:
    network = load_text(doubling(levels))
    assert (len(network.graph.nodes), len(network.graph.scopes)) == (2**levels + 1, 2 ** (levels + 1))


def test_counting_stops_where_it_is_too_much_and_not_later() -> None:
    copies = Copies(COPIES)
    entry = load_spec(Source("net.yaml", doubling(1)), lambda *_: pytest.fail("it uses nothing"))[0].body.members[0]
    for _ in range(COPIES + 1):
        copies.member(entry, "")
    with pytest.raises(TooMuch, match="add more than 8,000 members"):
        copies.member(entry, "")
    assert copies.made == COPIES + 1


def tapped(count: int) -> str:
    """A list of modules in equal rounds, of which each value is read once more at the end."""
    rounds = "".join(f"\n  fcs.{i}: {{op: linear, out_features: 4}}\n  act{i}: tanh" for i in range(count))
    last = ", ".join(f"act{i}" for i in range(count))
    return f"archspec: 1\ninputs: {{x: [4]}}\ngraph:{rounds}\n  all: {{op: concat, from: [{last}]}}\n"


def calls_of(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, spec: Callable[[int], str]) -> tuple[int, int]:
    """How often a method is called while the source of a spec of 20 members is written, and of one of 40."""
    called: list[str] = []
    real = getattr(owner, name)

    def counting(*args: object) -> object:
        called.append(name)
        return real(*args)

    monkeypatch.setattr(owner, name, counting)
    emit(load_text(spec(20)))
    few = len(called)
    emit(load_text(spec(40)))
    return few, len(called) - few


def test_rounds_are_looked_for_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = calls_of(monkeypatch, _Roller, "_round", tapped)
    assert few
    assert many <= 3 * few


def kept_settings(count: int) -> str:
    """Settings that no module holds, each by itself."""
    ops = "".join(f"\n  m{i}: {{op: mul, other: $({i + 2} * k)}}" for i in range(count))
    return f"archspec: 1\nparams: {{k: 2.0}}\ninputs: {{x: [4]}}\ngraph:{ops}\n"


def test_what_members_are_called_is_asked_once_for_a_class(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = calls_of(monkeypatch, Calls, "_is_brief", kept_settings)
    assert few
    assert many <= 3 * few


def joined_values(count: int) -> str:
    """Modules of inputs of a block, each called inside of the one join that reads them all."""
    layers = f"a: {{op: tanh, repeat: {count}}}\n  b: {{block: fuse, from: a.*}}"
    block = "{inputs: [m.*], graph: {c: {op: linear, each: m, out_features: 4}, d: {op: concat, from: c.*}}}"
    return f"archspec: 1\ninputs: {{x: [4]}}\nblocks: {{fuse: {block}}}\ngraph:\n  {layers}\n"


def test_a_call_that_others_move_into_is_written_as_often_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    real = Calls.operation

    def counting(
        self: Calls, template: Template, part: OpPart, reads: Sequence[Local], args: Sequence[Expression]
    ) -> Expression:
        written.append(len(args))
        return real(self, template, part, reads, args)

    monkeypatch.setattr(Calls, "operation", counting)
    times = []
    for count in (20, 40):
        emit(load_text(joined_values(count)))
        times.append(written.count(count))
        written.clear()
    assert times[0] == times[1] > 0


def test_what_a_part_shares_is_told_by_two_parts_of_its_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = walk.shared

    def counting(graph: Graph, found: Member) -> str:
        asked.append(found.name)
        return real(graph, found)

    graph = load_text(spec("a: {op: linear, out_features: 8, repeat: 40}")).graph
    monkeypatch.setattr(walk, "shared", counting)
    for part in walk.children(graph, graph.scopes["a"]):
        walk.said_to_share(graph, part)
    assert len(asked) <= 3 * 40


def test_what_an_op_of_several_values_gives_is_said_once() -> None:
    assert build_op("chunk", {"chunks": 500}).ports is build_op("unbind", {"parts": 500}).ports
