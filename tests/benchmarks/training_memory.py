"""Memory of training and inference against torch, network by network: a step on tensors that compute nothing.

    python -m tests.benchmarks.training_memory [--batch 2] [--optimizer adam] [--autocast] [SPEC ...]

`kept` is what autograd keeps between forward and backward, `training` all but parameters that lives at the peak of a
step, `inference` the peak of values in a forward pass. `off` is by how much the whole of training, parameters and state
included, and the whole of inference are off.
"""

import argparse
import time
from dataclasses import dataclass

import torch
from torch import nn

from archspec.graph.network import Network
from archspec.memory.need import Need, Plan, need
from archspec.runtime.counters import random_inputs
from archspec.runtime.memory import measured_peak
from archspec.runtime.training import MeasuredStep, measured_step, on_fake_cpu
from tests.runtime.gallery import module, network, representatives

MIB = 2**20


@dataclass(frozen=True)
class Compared:
    """What archspec says and what torch holds, in bytes."""

    ours: Need
    theirs: MeasuredStep
    inference: int

    @property
    def training_off(self) -> float:
        """How far the whole of a step is off, the state of the optimiser included."""
        theirs = self.theirs
        whole = theirs.parameters + theirs.state + max(theirs.peak, theirs.gradients)
        return (self.ours.in_training - self.ours.inputs) / whole - 1

    @property
    def inference_off(self) -> float:
        """How far the whole of inference is off."""
        whole = self.theirs.parameters + self.inference
        return (self.ours.at_inference - self.ours.inputs) / whole - 1


def compared(spec: str, plan: Plan) -> Compared:
    """One network of the gallery, both ways."""
    return both_ways(network(spec), module(spec), plan)


def both_ways(loaded: Network, made: nn.Module, plan: Plan) -> Compared:
    """A network and the module that it gives, which stands on the meta device."""
    ours = need(loaded, plan)
    sizes = [(x.shape, x.dtype) for x in random_inputs(loaded, batch=plan.batch, device="meta")]
    with on_fake_cpu(made):
        inputs = tuple(torch.empty(shape, dtype=dtype) for shape, dtype in sizes)
        inference = measured_peak(made.requires_grad_(False), inputs).bytes
        theirs = measured_step(made, inputs, plan.optimizer, autocast=torch.bfloat16 if plan.autocast else None)
    return Compared(ours, theirs, inference)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specs", nargs="*", default=representatives(), metavar="SPEC")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--optimizer", default="adam")
    parser.add_argument("--autocast", action="store_true")
    args = parser.parse_args()
    pair = "archspec   torch"
    heads = f"{'kept: ' + pair:>24}{'training: ' + pair:>28}{'off':>8}{'inference: ' + pair:>29}{'off':>8}"
    print(f"{'MiB':<36}{heads}{'s':>5}")
    for spec in args.specs:
        start = time.perf_counter()
        show(spec, compared(spec, Plan(args.batch, args.optimizer, autocast=args.autocast)), start)


def show(spec: str, made: Compared, start: float) -> None:
    ours, theirs = made.ours, made.theirs
    kept = f"{ours.kept / MIB:>14.2f}{theirs.saved / MIB:>10.2f}"
    training = f"{ours.training / MIB:>18.2f}{theirs.peak / MIB:>10.2f}{made.training_off:>+8.1%}"
    inference = f"{ours.activations / MIB:>19.2f}{made.inference / MIB:>10.2f}{made.inference_off:>+8.1%}"
    print(f"{spec:<36}{kept}{training}{inference}{time.perf_counter() - start:>5.0f}", flush=True)


if __name__ == "__main__":
    main()
