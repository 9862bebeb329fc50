"""What runs only in training is told from what inference needs."""

from tests.graph.specs import network


def train_only(text: str) -> set[str]:
    graph = network(text).graph
    return {id for id, node in graph.nodes.items() if node.train_only} | {
        f"{id}/" for id, scope in graph.scopes.items() if scope.train_only
    }


def test_a_marked_block_takes_its_members_along() -> None:
    text = """
    graph: {a: relu, aux: {when: training, graph: {b: relu, c: relu}}, d: {op: relu, from: a}}
    outputs: {y: d, aux: aux}
    """
    assert train_only(text) == {"aux/b", "aux/c", "aux/"}


def test_what_only_a_marked_member_needs_is_train_only_too() -> None:
    text = "graph: {a: relu, b: relu, c: {op: relu, when: training}, d: {op: relu, from: a}}\noutputs: {y: d, aux: c}"
    assert train_only(text) == {"b", "c"}


def test_an_output_can_be_marked_in_place_of_a_member() -> None:
    text = """
    graph: {a: relu, b: {graph: [relu]}, d: {op: relu, from: a}}
    outputs: {y: d, aux: {from: b, when: training}}
    """
    assert train_only(text) == {"b/0", "b/"}
    assert [output.train_only for output in network(text).graph.outputs] == [False, True]


def test_without_marks_nothing_is_train_only() -> None:
    assert train_only("graph: {a: relu}") == set()


def test_an_empty_block_runs_where_what_it_hands_on_is_read() -> None:
    text = """
    blocks: {unit: {graph: {gate: {graph: [{op: relu, when: false}]}, last: abs}}}
    graph:
      stem: {block: unit}
      aux: {when: training, graph: {unit: {block: unit}}}
      after: {graph: [{op: relu, when: false}]}
      main: {op: sigmoid, from: stem}
    outputs: {main: main, aux: after}
    """
    assert train_only(text) == {"aux/unit/last", "aux/", "aux/unit/", "aux/unit/gate/", "after/"}


def test_an_output_through_a_marked_block_that_hands_on_is_train_only() -> None:
    text = """
    graph: {stem: relu, hand: {when: training, graph: [{op: relu, when: false}]}, main: {op: sigmoid, from: stem}}
    outputs: {main: main, aux: hand, second: stem}
    """
    assert train_only(text) == {"hand/"}
    assert [output.train_only for output in network(text).graph.outputs] == [False, True, False]
