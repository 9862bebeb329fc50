"""Letters: what a reader calls the sizes of inputs: `H` and `W` of an image, `D`, `H`, `W` of a volume, `L` of a text.

Sizes that have to be equal have one letter. Those of several inputs that need not be have the input's name with it,
`L_source`. A size that can be one number only needs no letter.
"""

from collections import Counter
from collections.abc import Mapping

from archspec.graph.network import Network
from archspec.sizes.box import Box
from archspec.sizes.form import Form, Variable, of_atom
from archspec.sizes.words import Names, words_of_form

SPATIAL = {1: "L", 2: "HW", 3: "DHW"}


def letters(network: Network, region: Box) -> Names:
    """The name of every size that is free in a region, and of those that follow one."""
    plain = {size: _letter(network, region, size) for size, held in region.sets.items() if held.only is None}
    count = Counter(plain.values())
    named = {size: letter if count[letter] == 1 else f"{letter}_{size.input}" for size, letter in plain.items()}
    return {**named, **{size: named[to] for size, (to, _) in region.ties.items() if to in named}}


def _letter(network: Network, region: Box, size: Variable) -> str:
    rank = len(network.shapes[size.input][0].dims)
    if rank > 2:
        spatial = SPATIAL.get(rank - 1, "")
        return "C" if size.axis == 0 else spatial[size.axis - 1] if spatial else f"S{size.axis}"
    others = [axis for axis in range(rank) if axis != size.axis and _free(region, Variable(size.input, axis))]
    return "LE"[size.axis] if others else "L"


def _free(region: Box, size: Variable) -> bool:
    return size in region.ties or region.sets[size].only is None


def dims_of(id: str, network: Network, region: Box, names: Names) -> tuple[str, ...]:
    """The sizes of an input as a reader has them: `("3", "H", "W")`."""
    rank = len(network.shapes[id][0].dims)
    return tuple(words_of_form(of_atom(Variable(id, axis)), region, names) for axis in range(rank))


def shown(dims: tuple[Form, ...], batch: int, region: Box, names: Names) -> str:
    """A shape: `N x 64 x H / 2 x W / 2`; a sum has brackets."""
    first = () if not batch else ("N",) if batch == 1 else (f"{batch}N",)
    return by((*first, *(words_of_form(form, region, names) for form in dims)))


def by(told: tuple[str, ...]) -> str:
    """Sizes with `x` between them; what is more than one word has brackets."""
    return " x ".join(f"({one})" if " " in one else one for one in told) or "one number"


def asked(sizes: Mapping[str, tuple[int, ...]]) -> str:
    """Numbers of inputs: `3 x 224 x 224`, or with names where there are several."""
    told = {id: " x ".join(map(str, dims)) or "one number" for id, dims in sizes.items()}
    if len(told) == 1:
        return next(iter(told.values()))
    return ", ".join(f"{id} {one}" for id, one in told.items())
