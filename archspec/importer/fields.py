"""The fields of the op that a module of torch is, read off its attributes, which are called as the op's fields are."""

from torch import Tensor, nn
from torch.nn.utils import parametrize

from archspec.importer.leaves import elsewhere, parametrization_of
from archspec.importer.refused import Refused
from archspec.importer.tree import Plain
from archspec.importer.values import one_of, plain
from archspec.ops import OPS
from archspec.ops.fields import takes_one_for_all


def fields_of(module: nn.Module, op: str) -> dict[str, Plain]:
    """Field -> value, defaults among them. Raises Refused for settings that the op does not have."""
    kind = parametrize.type_before_parametrizations(module)
    said = None if kind.__module__.startswith("torch.") else elsewhere(kind)
    if said is not None:
        return {field: _field(op, field, getattr(module, at)) for field, at in said[1].items()}
    found: dict[str, Plain] = {}
    for field in OPS[op].model_fields:
        if not hasattr(module, field):
            continue
        value = getattr(module, field)
        if field == "bias" and (value is None or isinstance(value, Tensor)):
            found[field] = value is not None
        elif not isinstance(value, Tensor | nn.Module):
            found[field] = _plain(op, field, value)
    return {**found, **_odd(module, op, found)}


def _odd(module: nn.Module, op: str, found: dict[str, Plain]) -> dict[str, Plain]:
    """What the attributes say otherwise than the op's fields do."""
    made: dict[str, Plain] = {}
    if parametrization := parametrization_of(module):
        made["parametrization"] = parametrization
    if isinstance(module, nn.LayerNorm | nn.RMSNorm):
        made["normalized_shape"] = None if len(module.normalized_shape) == 1 else tuple(module.normalized_shape)
        if isinstance(module, nn.LayerNorm):
            made["bias"] = not module.elementwise_affine or "bias" in dict(module.named_parameters())
    if found.get("stride") == found.get("kernel_size") and OPS[op].defaults().get("stride", 1) is None:
        made["stride"] = None
    if isinstance(module, nn.PReLU):
        made |= {"init": 0.25, "num_parameters": module.num_parameters}
    if isinstance(module, nn.MultiheadAttention):
        own_sizes = not module._qkv_same_embed_dim
        bias = module.in_proj_bias is not None
        made |= {"bias": bias, "batch_first": True, "add_bias_kv": module.bias_k is not None}
        if own_sizes and (module.kdim, module.vdim) == (module.embed_dim, module.embed_dim):
            raise Refused("attention with projections apart")
    if isinstance(module, nn.RNNBase):
        made |= {"batch_first": True, "dropout": float(module.dropout)}
    if isinstance(module, nn.Upsample) and module.scale_factor is not None:
        factor = one_of(plain(module.scale_factor))
        made["scale_factor"] = int(factor) if isinstance(factor, float) and factor.is_integer() else factor
    return made


def _field(op: str, name: str, value: object) -> Plain:
    """An attribute as a field; None as what the op takes for nothing: no probability is 0."""
    found = _plain(op, name, value)
    return 0.0 if found is None and name in OPS[op].model_fields and name == "p" else found


def _plain(op: str, name: str, value: object) -> Plain:
    """An attribute, as one number where the field takes that for all dimensions: (4, 4) of nn.Unflatten stays so."""
    found = plain(value)
    return one_of(found) if takes_one_for_all(OPS[op].model_fields[name]) else found
