"""What is worked out of a network once is worked out for each network."""

from archspec.graph.network import Network
from archspec.graph.once import once
from tests.graph.specs import network


def test_a_network_is_asked_once_and_each_network_for_itself() -> None:
    asked: list[Network] = []

    @once
    def ops(of: Network) -> int:
        asked.append(of)
        return len(of.graph.nodes)

    small, large = network("graph: {a: relu}"), network("graph: {a: relu, b: relu}")
    assert [ops(small), ops(large), ops(small)] == [len(small.graph.nodes), len(large.graph.nodes), ops(small)]
    assert asked == [small, large]
