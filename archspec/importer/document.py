"""Document: blocks and the root as the keys and values of a spec, which `page` writes as YAML."""

from collections.abc import Container, Mapping
from dataclasses import field
from typing import TypeAlias

from archspec.importer.blocks.classes import Blocks
from archspec.importer.blocks.filled import either, expr_of, with_params
from archspec.importer.blocks.template import Block, Mismatch, Param, Part, Ref, Said, Solution, Template
from archspec.importer.blocks.unify import network_inputs
from archspec.importer.naming import free
from archspec.importer.order import moved, place
from archspec.importer.values import defaults_of
from archspec.language.expression.symbolic import simplify
from archspec.language.names import fault_of_output
from archspec.ops import OPS
from archspec.values.dataclass import dataclass
from archspec.values.expression import Binary, Expr, Literal, Name

Yaml: TypeAlias = "Said | list[Yaml] | dict[str, Yaml]"


@dataclass(frozen=True, slots=True)
class Given:
    """An input of the network: its name, its sizes after the batch, and what it holds."""

    name: str
    dims: tuple[int | Expr, ...]
    dtype: str = "float"


@dataclass(frozen=True, slots=True)
class Titles:
    """What stands at the top of a spec."""

    name: str
    doc: str
    inputs: tuple[Given, ...]
    outputs: Mapping[str, int]
    trained: frozenset[str] = frozenset()  # outputs that only training gives, though inference has their values
    params: Mapping[str, Param] = field(default_factory=dict)


def document(blocks: Blocks, titles: Titles) -> dict[str, Yaml]:
    """The whole spec."""
    made: dict[str, Yaml] = {"archspec": 1, "name": titles.name}
    if titles.doc:
        made["doc"] = titles.doc
    if titles.params:
        made["params"] = {name: _param(param) for name, param in titles.params.items()}
    names = network_inputs([one.name for one in titles.inputs], blocks.root.parts)
    made["inputs"] = {name: _input(one) for name, one in zip(names, titles.inputs, strict=True)}
    if named := [block for block in blocks.blocks if not block.template.lead.rounds]:
        made["blocks"] = {block.name: _block(block) for block in named}
    writer = _Writer(blocks.root, blocks.solution, names)
    made["graph"] = writer.graph()
    outputs = writer.network_outputs(titles.outputs, titles.trained)
    if outputs:
        made["outputs"] = outputs
    if order := writer.order():
        made["order"] = order
    return made


def _input(one: Given) -> Yaml:
    dims: list[Yaml] = list(one.dims)
    return dims if one.dtype == "float" and dims else {"shape": dims, "dtype": one.dtype}


def _block(block: Block) -> Yaml:
    writer = _Writer(block.template, block.solution, block.template.inputs)
    made: dict[str, Yaml] = {}
    if block.doc:
        made["doc"] = block.doc
    if block.params:
        made["params"] = {name: _param(param) for name, param in block.params.items()}
    return made | writer.body()


def _param(param: Param) -> Yaml:
    if param.required:
        return param.type
    inferred = (param.default is None) == (param.type == "any")
    default = _yaml(param.default)
    if param.choices:
        return {"default": default, "choices": list(param.choices)}
    if param.length:
        return {"default": default, "length": param.length}
    return default if inferred and not isinstance(param.default, str) else {"type": param.type, "default": default}


def output_names(template: Template) -> tuple[str, ...]:
    """What the outputs of a block are called; "" where there is one."""
    if len(template.outputs) < 2:
        return ("",) * len(template.outputs)
    members = {part.name for part in template.parts}  # a further output of one cannot be called as another is
    made: list[str] = []
    for ref in template.outputs:
        part = template.parts[ref.at]
        name = template.inputs[ref.port] if ref.at < 0 else part.name
        base = f"out{name}" if name.isdigit() else name.replace(".", "_").replace("-", "_")
        further = ref.at >= 0 and ref.port > 0
        base = f"{base}_{_port_name(template, part, ref.port)}" if further else base
        made.append(free(base, {*made, *members} if further else set(made)))
    return tuple(made)


def _port_name(template: Template, part: Part, number: int) -> str:
    """What an output of a part is called."""
    if not part.first.op:
        part = template.owner(part)
    if part.first.op:
        op = OPS[part.first.op]
        if part.first.results:
            return part.first.results[number]
        return str(number) if op.numbered else op.port_names[number]
    inner = part.block.template if part.block is not None else part.template
    return output_names(inner)[number] if inner is not None else str(number)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes one template, with the names that its inputs have."""

    template: Template
    solution: Solution
    inputs: tuple[str, ...]

    def body(self) -> dict[str, Yaml]:
        """The inputs, members and outputs of a block."""
        made: dict[str, Yaml] = {}
        if self.inputs not in ((), ("x",)):
            made["inputs"] = list(self.inputs)
        made["graph"] = self.graph()
        if self.template.outputs and self.template.outputs != (self.last(),):  # what only holds tensors gives none
            made["outputs"] = self.outputs()
        order = self.order()
        if order:
            made["order"] = order
        return made

    def order(self) -> list[Yaml]:
        """The members in the order in which the module registers them, where it is another one."""
        if self.template.listed:
            return []
        at = {part.name: self.place(part) for part in self.template.parts}
        held = [name for name, where in at.items() if where]
        return list(moved(held, sorted(held, key=lambda name: at[name])))

    def place(self, part: Part) -> tuple[int, ...]:
        """Where the module registers what it has of a part, of rounds the first of their lists; empty of nothing."""
        inner = part.block.template.parts if part.rounds and part.block is not None else (part,)
        places = (place(self.template.lead.module, one.name) for one in inner if _holds(one))
        return min(filter(None, places), default=())

    def graph(self) -> Yaml:
        entries = [self.entry(at) for at in range(len(self.template.parts))]
        if self.template.listed:
            return entries
        return {part.name: entry for part, entry in zip(self.template.parts, entries, strict=True)}

    def last(self) -> Ref:
        return Ref(len(self.template.parts) - 1)

    def outputs(self) -> Yaml:
        refs = [self.ref(ref) for ref in self.template.outputs]
        names = output_names(self.template)
        if len(refs) == 1:
            return refs[0]
        return dict(zip(names, refs, strict=True))

    def network_outputs(self, names: Mapping[str, int], trained: Container[str]) -> Yaml:
        """The outputs by the names that the module has for them, of which several may be one value.

        Those in `trained` say that they are given in training only. Nothing where the last member is all.
        """
        refs = self.template.outputs
        if refs == (self.last(),) and tuple(names) == ("",):
            return None
        made: dict[str, Yaml] = {}
        for name, number in names.items():
            ref = refs[number]
            part = self.template.parts[ref.at].name if ref.at >= 0 else self.inputs[ref.port]
            base = (name or part).replace(".", "_").replace("-", "_")
            base = f"output_{base}" if fault_of_output(base) is not None else base
            said = self.ref(ref)
            made[free(base, set(made))] = {"from": said, "when": "training"} if name in trained else said
        return made

    # -- references

    def ref(self, ref: Ref) -> Yaml:
        if ref.at < 0:
            return self.inputs[ref.port]
        part = self.template.parts[ref.at]
        if not ref.port and not part.first.results:
            return ref.at if self.template.listed else int(part.name) if part.name.isdigit() else part.name
        return f"{part.name}.{_port_name(self.template, part, ref.port)}"

    def above(self, at: int) -> Ref:
        """What a part reads that does not say it: the one above, tensors that stand beside the flow left out."""
        for before in range(at - 1, -1, -1):
            if not _beside(self.template.parts[before]):
                return Ref(before)
        return Ref(-1)

    def reads(self, at: int) -> Yaml:
        part = self.template.parts[at]
        if not part.reads or (part.reads == (self.above(at),) and not part.first.ports):
            return None
        refs = [self.ref(ref) for ref in part.reads]
        if part.first.ports:
            return dict(zip(part.first.ports, refs, strict=True))
        return refs[0] if len(refs) == 1 else refs

    # -- entries

    def entry(self, at: int) -> Yaml:
        part = self.template.parts[at]
        made: dict[str, Yaml] = {}
        if part.first.share:
            made["share"] = part.first.share
        elif part.block is not None and not part.rounds:
            made["block"] = part.block.name
        elif part.template is None and not part.rounds:
            made["op"] = self.solution.ops.get(id(part), part.first.op)
        when: list[Yaml] = [self.solution.when[id(part)]] if id(part) in self.solution.when else []
        when += ["training"] if part.training else []
        if when:
            made["when"] = when[0] if len(when) == 1 else when
        reads = self.reads(at)
        if reads is not None:
            made["from"] = reads
        if part.first.tied:
            made["share"] = dict(part.first.tied)
        if part.rounds:
            return made | self.rounds(part)
        if part.template is not None:
            return made | _Writer(part.template, self.solution, part.template.inputs).body()
        made |= self.settings(part) if part.block is not None or part.first.op else {}
        if part.first.results:
            made["outputs"] = list(part.first.results)
        return part.first.op if list(made) == ["op"] and isinstance(made["op"], str) else made

    def rounds(self, part: Part) -> dict[str, Yaml]:
        """Rounds over lists: a graph in place, in which each param of a round stands for what the rounds give it."""
        count, block = self.solution.counts[id(part)], part.block
        if block is None:
            raise Mismatch("rounds that are not alike")
        given = {name: self.by_round(part, name, count) for name in block.params}
        inner = _Writer(block.template, with_params(block.solution, given), block.template.inputs).body()
        return {"repeat": _yaml(count), "lists": True, **inner}

    def by_round(self, part: Part, name: str, count: Said) -> Said:
        """What the rounds give a param, by their number where they do not all give the same."""
        key, i = (id(part), name), Name("i")
        said, first, last = (of.get(key) for of in (self.solution.settings, self.solution.first, self.solution.last))
        if key in self.solution.first:
            return either(Binary("==", i, Literal(0)), first, said)
        if key in self.solution.last:
            end = simplify(Binary("-", expr_of(count), Literal(1)))
            return either(Binary("<", i, end), said, last)
        return said

    def settings(self, part: Part) -> dict[str, Yaml]:
        stated = {name: said for (owner, name), said in self.solution.settings.items() if owner == id(part)}
        order = [name for item in part.there for name in _order(part, item.member.op)]
        made: dict[str, Yaml] = {}
        for name in sorted(stated, key=order.index):
            if part.first.share or not _is_default(part, name, stated[name]):  # left out, it is as in the first call
                made[name] = _yaml(stated[name])
        if part.repeats:
            made["repeat"] = self.solution.counts[id(part)]
            if part.names:
                made["names"] = part.names
            first = {name: _yaml(said) for (owner, name), said in self.solution.first.items() if owner == id(part)}
            if first:
                made["first"] = first
        return made


def _holds(part: Part) -> bool:
    """Whether the state_dict has something of a part."""
    module = part.first.module
    return module is not None and not part.first.share and bool(module.state_dict())


def _beside(part: Part) -> bool:
    """Whether a part reads nothing, and so stands beside the flow."""
    return bool(part.first.op) and not OPS[part.first.op].input_names and not OPS[part.first.op].variadic


def _order(part: Part, op: str) -> tuple[str, ...]:
    """The settings of a part in the order in which they are written."""
    return tuple(part.block.params) if part.block is not None else tuple(OPS[op].model_fields)


def _is_default(part: Part, name: str, said: Said) -> bool:
    if part.block is not None:
        param = part.block.params[name]
        return not param.required and type(said) is type(param.default) and said == param.default
    defaults = [defaults_of(op) for op in dict.fromkeys(item.member.op for item in part.there)]
    return all(name in one and type(one[name]) is type(said) and one[name] == said for one in defaults)


def _yaml(said: Said) -> Yaml:
    return [_yaml(item) for item in said] if isinstance(said, tuple) else said
