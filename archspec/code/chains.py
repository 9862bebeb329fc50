"""Chains: which values of a class go from call to call without a name of their own.

    pad = F.pad(x, (0, 0, 0, 1))                         a value that later calls read has the author's name
    pool = F.avg_pool2d(x, 3, stride=1, padding=1)       so has a branch, each call of it that of its end
    pool = self.pool_proj(pool)
    x = torch.cat([self.branch1(x), pad, pool], 1)       the main chain is `x`

Every value has one it goes on from: what its call reads. Of a call of several, that is the one that was computed from
all others, a block after its skip. Where there is none, a call goes on from its first input; but where its inputs are
on a par, as those of a join are, or a query, a key and a value, a sum goes on from its longest term, of those that
follow from the first input of the block, and else it goes on from where what is read parts. So values are a tree, and
what stands between its root and what the class returns is the main chain.
"""

from collections.abc import Iterable, Mapping, Sequence

from archspec.code.parts import OpPart
from archspec.code.step import Step
from archspec.graph.graph import Local

_ROOT = 0
PAIR = 2  # values of which the first is what an op changes, and the other what by; of more, none is


class Chains:
    """Which value goes on from which. n log n in what steps read.

    Args:
        steps: of a class, in order.
        inputs: what it is given, from which everything goes on.
        outputs: what it returns.
    """

    def __init__(self, steps: Sequence[Step], inputs: Iterable[Local], outputs: Iterable[Local]) -> None:
        given = tuple(inputs)
        self.at: dict[Local, int] = dict.fromkeys(given, _ROOT)
        self.of_first = set(given[:1])  # what is computed from the first input
        self.parent, self.depth = [_ROOT], [0]
        self._jump = [_ROOT]  # an ancestor further up: so that a way of n is gone in log n
        for step in (one for outer in steps for one in outer.inside_out()):
            before = self._goes_on_from(step)
            if not self.of_first.isdisjoint(step.all_reads()):
                self.of_first.update(step.gives)
            for local in step.gives:
                self._add(local, before)
        main, last = {_ROOT}, tuple(outputs)
        self.read = frozenset((*(local for step in steps for local in step.all_reads()), *last))
        for local in last:
            at = self.at.get(local, _ROOT)
            while at not in main:
                main.add(at)
                at = self.parent[at]
        self.main = frozenset(main)

    def is_main(self, local: Local) -> bool:
        """Whether a value is of the main chain."""
        return self.at.get(local, _ROOT) in self.main

    def ends(self, steps: Sequence[Step], running: Mapping[Local, int]) -> dict[Local, Local]:
        """Value of a branch that needs no name of its own -> the value that its chain ends in.

        None of a chain that ends in parts: in `q, k, v = out.unbind(1)`, `out` is no `q`.

        Args:
            steps: of the class.
            running: value that one call reads -> the number of that.
        """
        found: dict[Local, Local] = {}
        cut: set[Local] = set()
        for local, reader in reversed(tuple(running.items())):
            if self.is_main(local):
                continue
            gives = [one for one in steps[reader].gives if one in self.read] or list(steps[reader].gives[:1])
            following = gives[0]
            goes_on = self._before(steps[reader], following) == self.at[local] and not self.is_main(following)
            goes_on = goes_on and not _is_given_beside(steps[reader], local)
            if goes_on and (following in cut or (len(gives) > 1 and not steps[reader].module)):
                cut.add(local)
            else:
                found[local] = found.get(following, following) if goes_on else local
        return found

    def _before(self, step: Step, local: Local) -> int:
        """What a value of a statement goes on from, past what is written inside of it."""
        inside = {self.at[one] for inner in step.nested.values() for each in inner.inside_out() for one in each.gives}
        at = self.parent[self.at[local]]
        while at in inside:
            at = self.parent[at]
        return at

    def _add(self, local: Local, before: int) -> None:
        self.at[local] = len(self.parent)
        jump = self._jump[before]
        twice = self.depth[before] - self.depth[jump] == self.depth[jump] - self.depth[self._jump[jump]]
        self._jump.append(self._jump[jump] if twice else before)
        self.parent.append(before)
        self.depth.append(self.depth[before] + 1)

    def _goes_on_from(self, step: Step) -> int:
        values = _values(step)
        found = (self.at.get(local, _ROOT) for local in values)
        read = [at for at in dict.fromkeys(found) if at != _ROOT]
        if not read:
            return _ROOT
        longest, *others = sorted(read, key=lambda at: -self.depth[at])
        if all(self._above(longest, self.depth[other]) == other for other in others):
            return longest
        op = step.part.sample.op if isinstance(step.part, OpPart) else None
        if op is None or step.module or not (op.variadic or op.commutes or len(read) > PAIR):
            return read[0]
        if op.accumulates:
            first = {self.at.get(local, _ROOT) for local in values if local in self.of_first}
            longest, *shorter = [at for at in (longest, *others) if at in first] or [longest, *others]
            if not shorter or self.depth[shorter[0]] < self.depth[longest]:
                return longest
        return self._where_parted(longest, [at for at in read if at != longest])

    def _where_parted(self, first: int, others: Iterable[int]) -> int:
        """The last that stands above all of them."""
        found = first
        for other in others:
            depth = min(self.depth[found], self.depth[other])
            a, b = self._above(found, depth), self._above(other, depth)
            while a != b:
                way = self._jump if self._jump[a] != self._jump[b] else self.parent
                a, b = way[a], way[b]
            found = a
        return found

    def _above(self, at: int, depth: int) -> int:
        """What stands above a value, or is it, with so many before it."""
        while self.depth[at] > depth:
            at = self._jump[at] if self.depth[self._jump[at]] >= depth else self.parent[at]
        return at


def _is_given_beside(step: Step, local: Local) -> bool:
    """Whether a module is given a value beside its first, a mask, so that what it makes is no other form of that."""
    return step.module and len(step.reads) > 1 and step.reads[0] != local


def _values(step: Step) -> tuple[Local, ...]:
    """What a call reads more of than the size."""
    part = step.part
    reads: Sequence[int] = range(len(step.reads))
    if isinstance(part, OpPart) and len(part.sample.inputs) <= len(reads):
        read = part.sample.op.reads_size
        reads = [k for k in reads[: len(part.sample.inputs)] if not read(k)] or reads
    return tuple(local for k in reads for local in _from(step, k))


def _from(step: Step, k: int) -> tuple[Local, ...]:
    """What a call reads at a place: a module that is called there goes on from what it reads itself."""
    inner = step.nested.get(k)
    return inner.all_reads() if inner is not None and inner.module else (step.reads[k],)
