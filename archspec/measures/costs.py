"""The measures that are columns of Cost: those with which archspec comes."""

from archspec.measures.measure import EVERYWHERE, Column, Measure, Place

_DATA: frozenset[Place] = frozenset({"data"})
_HEAT: frozenset[Place] = frozenset({"data", "heat"})
_EXPECT: frozenset[Place] = frozenset({"expect"})
_BLOCKS: frozenset[Place] = frozenset({"expect of a block"})

PARAMS = Measure("params", "params", "learned parameters", Column("params"), EVERYWHERE)
MACS = Measure("macs", "MACs", "multiply-adds per sample", Column("macs"), EVERYWHERE)

# In the order in which keys and choices are listed.
COSTS = (
    PARAMS,
    MACS,
    Measure("train_only_params", "params in training only", PARAMS.unit, Column("params"), _EXPECT, training=True),
    Measure("trainable", "trainable params", "params that learn", Column("trainable"), _DATA | _EXPECT | _BLOCKS),
    Measure("buffers", "buffers", "elements", Column("buffers"), _DATA | _EXPECT),
    Measure("norm", "norm", "elements normalised", Column("norm"), _DATA),
    Measure("activation", "activation", "elements through a non-linearity", Column("activation"), _DATA),
    Measure("pool", "pool", "elements read by pooling", Column("pool"), _DATA),
    Measure("resample", "resample", "elements written by resampling", Column("resample"), _DATA),
    Measure("elementwise", "elementwise", "elements written by arithmetic", Column("elementwise"), _DATA),
    Measure("activations", "activations", "elements of all outputs", Column("activations"), _HEAT),
    Measure("fvcore", "FLOPs (fvcore)", "FLOPs as fvcore counts them", Column("fvcore"), _DATA),
)
