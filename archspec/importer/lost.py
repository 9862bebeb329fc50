"""Lost: values that no spec can say, such as a loss over the samples of a batch, and what follows from them.

loss = F.mse_loss(y, x)       no op has the batch among the dimensions that it sums over
return y, 0.5 * loss          the spec gives y, and says that it leaves the other out
"""

from collections.abc import Sequence

from archspec.importer.recording import Item, Scope
from archspec.importer.tree import Member, read_by
from archspec.importer.values import Values


def follows(values: Values, item: Item) -> bool:
    """Whether one of the values that are read is lost, so that those that are given are lost too.

    Raises:
        Refused: a module with parameters reads it, which the spec is to show.
    """
    why = next((values.lost[number] for number in item.reads if number in values.lost), None)
    if why is None:
        return False
    if item.module is not None and any(True for _ in item.module.parameters()):
        raise why
    values.lost |= dict.fromkeys(item.gives, why)
    return True


def needed(members: Sequence[Member], scope: Scope, values: Values) -> list[Member]:
    """The members of a call of a module without the ops that lead to nothing but what is lost."""
    found = values.found
    losing = (item for item in scope.items if not values.lost.keys().isdisjoint(item.gives))
    led = {found(number) for item in losing for number in item.reads}
    read = {found(number) for number in scope.gives if number not in values.lost}
    kept: list[Member] = []
    for member in reversed(members):
        reads = set(map(found, read_by(member)))
        plain = not (member.name or member.graph or member.own)
        if plain and led.issuperset(member.gives) and read.isdisjoint(member.gives):
            led |= reads
        else:
            read |= reads
            kept.append(member)
    return kept[::-1]
