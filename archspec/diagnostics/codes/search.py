"""Codes of what is asked of many variants: `sweep` and `solve`."""

from archspec.diagnostics.codes.code import declare

declare(
    "bad-range",
    "the values of something that differs cannot be read",
    """
    Values stand between commas, `--set width=32,48,64`, or are a range from the lowest to the highest, `1..4`, with a
    step where it is not 1: `32..128:32`. A list stands in brackets: `--set 'depths=[2,2],[3,4]'`. Sizes of an input are
    written `3x224x224`; one number stands for all sizes after the first. A front has two figures: `macs,-params`.
    """,
)
declare(
    "budget-unmet",
    "no value of a param keeps to a budget",
    """
    `solve` looks for a value at which the condition holds, and there is none. The help says which value comes nearest
    and what it has: allow that much, set other params with `--set`, or take a smaller `--input`.
    """,
)
declare(
    "unknown-device",
    "there is no device of this name",
    """
    `archspec time SPEC` without `--device` lists the devices of the table. One of your own is a YAML file with the same
    keys: `mine: {bandwidth: 0.9e12, flops: {float32: 15.7e12, float16: 125e12}}`; of a file with several, name the one
    meant behind it, `mine.yaml:v100`.
    """,
)
