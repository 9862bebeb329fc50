"""What torch can do with emitted modules, beside torchvision's own: a table of networks and checks.

    python -m tests.benchmarks.behaviours [--check script ...] [--write] [SPEC ...]

Each check raises where it does not hold. Of a network that torchvision has too, the cell says both, ours first. With
`--write` the table takes the place of the one in docs/reference/behaviours.md, which tests compare in a sample.
"""

import argparse
import contextlib
import copy
import pickle
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, distributed, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor
from torch.export import Dim
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.parallel import DistributedDataParallel

from archspec.runtime.compare import output_differences
from archspec.runtime.counters import named_outputs
from archspec.runtime.peer import make_peer, parse_peer
from tests.gallery.twins import twins
from tests.runtime.gallery import module

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/behaviours.md"
TABLE = re.compile(r"(?<=<!-- behaviours -->\n\n).*?\n(?=\n)", re.DOTALL)
HELD, FAILED, ABSENT = "yes", "no", ""

# One network of each kind, and a size that it takes.
SIZES: Mapping[str, tuple[int, ...]] = {
    "alexnet": (3, 64, 64),
    "vgg:vgg11": (3, 32, 32),
    "resnet:resnet18": (3, 64, 64),
    "resnet:resnet50": (3, 64, 64),
    "squeezenet:squeezenet1_1": (3, 64, 64),
    "densenet:densenet121": (3, 64, 64),
    "googlenet_torchvision": (3, 96, 96),
    "inception_v3": (3, 299, 299),
    "mobilenet_v2": (3, 64, 64),
    "mobilenet_v3:mobilenet_v3_small": (3, 64, 64),
    "mnasnet:mnasnet0_5": (3, 64, 64),
    "shufflenet_v2:shufflenet_v2_x0_5": (3, 64, 64),
    "efficientnet:b0": (3, 64, 64),
    "efficientnet_v2:s": (3, 64, 64),
    "regnet:regnet_y_400mf": (3, 64, 64),
    "convnext:convnext_tiny": (3, 64, 64),
    "vit:vit_b_32": (3, 224, 224),
    "swin:swin_t": (3, 64, 64),
    "swin_v2:swin_v2_t": (3, 64, 64),
    "maxvit:maxvit_t": (3, 224, 224),
    "fcn_resnet50:fcn_resnet50": (3, 64, 64),
    "deeplabv3_mobilenet_v3:deeplabv3_mobilenet_v3_large": (3, 64, 64),
    "lraspp:lraspp_mobilenet_v3_large": (3, 64, 64),
    "fpn:fpn_resnet50": (3, 64, 64),
    "unet:unet": (1, 188, 188),
    "unet:upsample": (1, 64, 64),
    "unet:unpool": (1, 64, 64),
    "segnet": (3, 64, 64),
    "fcn:fcn8s": (3, 64, 64),
    "hrnet:hrnet_w18": (3, 64, 64),
    "csp_pan:n": (3, 64, 64),
    "hourglass:hourglass2": (3, 64, 64),
    "unet_plusplus": (1, 64, 64),
    "autoencoder": (1, 28, 28),
}
FIXED = frozenset({"vit:vit_b_32", "maxvit:maxvit_t", "autoencoder"})  # take images of one size


@dataclass(frozen=True, slots=True)
class Subject:
    """A module in eval mode, and an image that it takes.

    Attributes:
        make: a fresh module; deterministic.
        size: of the image, without the batch.
        fixed: it takes no other size.
    """

    make: Callable[[], nn.Module]
    size: tuple[int, ...]
    fixed: bool

    def image(self, batch: int = 2, height: int = 0, width: int = 0) -> Tensor:
        """A random image, of the subject's size unless another is given."""
        size = (self.size[0], height or self.size[1], width or self.size[2])
        return torch.randn(batch, *size, generator=torch.Generator().manual_seed(batch + height + width))


def check_script(subject: Subject) -> None:
    """`torch.jit.script` takes it, and gives the same."""
    made, x = subject.make(), subject.image()
    same(torch.jit.script(made)(x), made(x))


def check_trace(subject: Subject) -> None:
    """`torch.jit.trace` takes it; what it records serves another batch."""
    made = subject.make()
    traced = torch.jit.trace(made, subject.image(), strict=False)  # type: ignore[no-untyped-call]  # torch has no types
    same(traced(subject.image(3)), made(subject.image(3)))


def check_fx(subject: Subject) -> None:
    """`torch.fx.symbolic_trace` takes it, and the graph gives the same."""
    made, x = subject.make(), subject.image()
    same(torch.fx.symbolic_trace(made)(x), made(x))


def check_export(subject: Subject) -> None:
    """`torch.export` takes it with batch, height and width open; without the last two where it has one size."""
    made = subject.make()
    dims = {0: Dim.DYNAMIC} if subject.fixed else {0: Dim.DYNAMIC, 2: Dim.DYNAMIC, 3: Dim.DYNAMIC}
    exported = torch.export.export(made, (subject.image(),), dynamic_shapes=(dims,)).module()
    larger = (0, 0) if subject.fixed else (subject.size[1] + 32, subject.size[2] + 64)
    same(exported(subject.image(3, *larger)), made(subject.image(3, *larger)))


def check_deepcopy(subject: Subject) -> None:
    """A deep copy gives the same, and shares nothing."""
    made, x = subject.make(), subject.image()
    copied = copy.deepcopy(made)
    same(copied(x), made(x))
    owned = {parameter.data_ptr() for parameter in made.parameters()}
    assert owned.isdisjoint(parameter.data_ptr() for parameter in copied.parameters())


def check_pickle(subject: Subject) -> None:
    """A pickled module comes back, as by `torch.save`."""
    made, x = subject.make(), subject.image()
    with tempfile.TemporaryFile() as file:
        torch.save(made, file)
        file.seek(0)
        same(torch.load(file, weights_only=False)(x), made(x))
    same(pickle.loads(pickle.dumps(made))(x), made(x))


def check_bf16(subject: Subject) -> None:
    """In bfloat16 it gives bfloat16."""
    for name, value in outputs(subject.make().bfloat16()(subject.image().bfloat16())).items():
        assert value.dtype == torch.bfloat16, name


def check_vmap(subject: Subject) -> None:
    """`torch.func.vmap` runs two at once, over the state of both."""
    first, second, x = subject.make(), subject.make(), subject.image()
    with torch.no_grad():
        for parameter in second.parameters():
            parameter.mul_(0.9)
    params, buffers = stack_module_state([first, second])
    found = vmap(lambda *state: outputs(functional_call(first, state, (x,))))(params, buffers)
    for k, one in enumerate((first, second)):
        same({name: value[k] for name, value in found.items()}, outputs(one(x)))


def check_batch_0(subject: Subject) -> None:
    """It takes no sample at all, and gives none."""
    made = subject.make()
    full, empty = outputs(made(subject.image(1))), outputs(made(subject.image(1)[:0]))
    assert {name: x.shape[1:] for name, x in full.items()} == {name: x.shape[1:] for name, x in empty.items()}


def check_hooks(subject: Subject) -> None:
    """A forward hook on any module that has weights of its own fires."""
    made = subject.make()
    fired: set[str] = set()
    for name, one in made.named_modules():
        one.register_forward_hook(lambda *_, name=name: fired.add(name))
    made(subject.image())
    silent = {name for name, one in made.named_modules() if next(one.parameters(recurse=False), None) is not None}
    assert not silent - fired, sorted(silent - fired)


def check_meta(subject: Subject) -> None:
    """Made on the meta device, `to_empty` and every module's `reset_parameters` leave no tensor unset."""
    with torch.device("meta"):
        made = subject.make()
    made = made.to_empty(device="cpu")
    with torch.no_grad():
        for tensor in (*made.parameters(), *made.buffers()):
            tensor.fill_(torch.nan if tensor.is_floating_point() else -12345)
    for one in made.modules():
        if callable(reset := getattr(one, "reset_parameters", None)):
            reset()
    tensors = {**dict(made.named_parameters()), **dict(made.named_buffers())}
    unset = [name for name, x in tensors.items() if bool((x.isnan() if x.is_floating_point() else x == -12345).any())]
    assert not unset, unset


def check_onnx(subject: Subject) -> None:
    """`torch.onnx.export` writes it, and onnxruntime gives the same."""
    import onnxruntime

    made, x = subject.make(), subject.image()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
        path = str(Path(folder) / "net.onnx")
        torch.onnx.export(made, (x,), path, dynamo=True, verbose=False)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        found = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    for one, right in zip(found, outputs(made(x)).values(), strict=True):
        torch.testing.assert_close(torch.as_tensor(one), right, rtol=1e-3, atol=1e-3 * float(right.abs().max()))


def check_ddp(subject: Subject) -> None:
    """`DistributedDataParallel` over one process gives the gradients of the module alone, twice in a row."""
    made, x = subject.make().train(), subject.image()
    alone = copy.deepcopy(made)
    with one_process():
        wrapped = DistributedDataParallel(made)
        for _ in range(2):
            learn(wrapped, x)
            learn(alone, x)
    assert all(one.grad is not None for one in made.parameters())
    for one, right in zip(made.parameters(), alone.parameters(), strict=True):
        torch.testing.assert_close(one.grad, right.grad)


def check_fsdp(subject: Subject) -> None:
    """`fully_shard` of each child and of the whole, over one process, gives the gradients of the module alone."""
    made, x = subject.make().train(), subject.image()
    alone = copy.deepcopy(made)
    with one_process():
        mesh = init_device_mesh("cpu", (1,))
        for child in made.children():
            if not isinstance(child, nn.ModuleList | nn.ModuleDict):  # which nobody calls
                fully_shard(child, mesh=mesh)
        fully_shard(made, mesh=mesh)
        learn(made, x)
        learn(alone, x)
        for one, right in zip(made.parameters(), alone.parameters(), strict=True):
            assert isinstance(one.grad, DTensor)
            torch.testing.assert_close(one.grad.full_tensor(), right.grad)


@contextlib.contextmanager
def one_process() -> Iterator[None]:
    """A group of this process alone."""
    with tempfile.TemporaryDirectory() as folder:
        where = (Path(folder) / "store").as_uri()
        distributed.init_process_group("gloo", init_method=where, rank=0, world_size=1)
        try:
            yield
        finally:
            distributed.destroy_process_group()


def learn(made: nn.Module, x: Tensor) -> None:
    """Adds the gradients of a loss to which every output counts; what is drawn is the same each time."""
    torch.manual_seed(0)
    with torch.enable_grad():
        loss = torch.stack([one.float().square().mean() for one in outputs(made(x)).values()]).sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types


CHECKS: Mapping[str, Callable[[Subject], None]] = {
    "script": check_script,
    "trace": check_trace,
    "fx": check_fx,
    "export": check_export,
    "deepcopy": check_deepcopy,
    "pickle": check_pickle,
    "bf16": check_bf16,
    "vmap": check_vmap,
    "batch 0": check_batch_0,
    "hooks": check_hooks,
    "meta": check_meta,
    "onnx": check_onnx,
    "ddp": check_ddp,
    "fsdp": check_fsdp,
}


def outputs(given: object) -> dict[str, Tensor]:
    """What a module gives, by name."""
    return dict(named_outputs(given))


def same(ours: object, theirs: object) -> None:
    """Raises AssertionError where two outputs differ by more than rounding."""
    found = output_differences(outputs(ours), outputs(theirs))
    assert not isinstance(found, str), found
    assert all(one.close for one in found), found


def subjects(spec: str) -> tuple[Subject, Subject | None]:
    """Ours, and torchvision's where it has the network."""
    peers = {twin.spec: twin.peer for twin in twins() if twin.module.startswith("torchvision.")}

    def ours() -> nn.Module:
        torch.manual_seed(0)
        return module(spec, device=torch.get_default_device().type)

    def theirs() -> nn.Module:
        torch.manual_seed(0)
        return make_peer(parse_peer(peers[spec])).eval()

    size, fixed = SIZES[spec], spec in FIXED
    return Subject(ours, size, fixed), Subject(theirs, size, fixed) if spec in peers else None


def holds(check: str, subject: Subject | None) -> tuple[str, str]:
    """Whether a check holds, and why it does not."""
    if subject is None:
        return ABSENT, ""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            CHECKS[check](subject)
        except Exception as error:  # noqa: BLE001  whatever goes wrong is the answer
            return FAILED, f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"
    return HELD, ""


def row(spec: str, checks: Sequence[str], report: Callable[[str], None]) -> list[str]:
    """The cells of a network: `yes`, and `yes / no` with the twin's beside."""
    cells = []
    for check in checks:
        made = [holds(check, subject) for subject in subjects(spec)]
        for whose, (_, why) in zip(("ours", "torchvision's"), made, strict=True):
            if why:
                report(f"{spec} {check} {whose}: {why}")
        cells.append(" / ".join(answer for answer, _ in made if answer != ABSENT))
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specs", nargs="*", default=list(SIZES), metavar="SPEC")
    parser.add_argument("--check", action="append", choices=list(CHECKS))
    parser.add_argument("--write", action="store_true", help="write the table into docs/reference/behaviours.md")
    args = parser.parse_args()
    checks = args.check or list(CHECKS)
    lines = [f"| network | {' | '.join(checks)} |", f"| :--- |{' :--- |' * len(checks)}"]
    print("\n".join(lines))
    for spec in args.specs:
        cells = row(spec, checks, lambda text: print(text, file=sys.stderr, flush=True))
        lines.append(f"| {spec} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    if args.write:
        table = "\n".join(lines) + "\n"
        PAGE.write_text(TABLE.sub(lambda _: table, PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
