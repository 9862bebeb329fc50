"""Whether networks train from what they start with: losses of the first steps, beside PyTorch's own start.

    python -m tests.benchmarks.training [NAME ...]

Each network is emitted twice, as it is and without what `init:` says, and trained on the CPU from one seed on the same
batches: images of four classes, each a smooth pattern under noise, or text of these docs by its letters. A column has
the mean loss of the steps that end there.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from archspec.code.build import program
from archspec.code.program import Program
from archspec.code.pytorch import source
from archspec.pipeline import load_network
from archspec.runtime.build import load_source

STEPS = 25
SHOWN = 5  # steps that a column is the mean of
DOCS = Path(__file__).parents[2] / "docs"
CLASSES, SIDE, BATCH = 4, 32, 16
LETTERS, LENGTH = 128, 64

Batches = Iterator[tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Task:
    """A network with what it learns: settings, batches, and how an optimizer is made."""

    spec: str
    settings: dict[str, object]
    batches: Callable[[], Batches]
    optimizer: Callable[[nn.Module], torch.optim.Optimizer]


def images() -> Batches:
    """Images of four classes."""
    generator = torch.Generator().manual_seed(1)
    patterns = interpolate(2 * torch.randn(CLASSES, 3, 4, 4, generator=generator), size=SIDE, mode="bilinear")
    while True:
        labels = torch.randint(CLASSES, (BATCH,), generator=generator)
        yield patterns[labels] + torch.randn(BATCH, 3, SIDE, SIDE, generator=generator), labels


def text() -> Batches:
    """Letters of the docs, and the letters that follow each."""
    words = "\n".join(path.read_text("utf-8") for path in sorted(DOCS.glob("*.md")))
    letters = torch.tensor([min(ord(letter), LETTERS - 1) for letter in words])
    generator = torch.Generator().manual_seed(1)
    while True:
        starts = torch.randint(len(letters) - LENGTH - 1, (BATCH,), generator=generator)
        chosen = torch.stack([letters[start : start + LENGTH + 1] for start in starts.tolist()])
        yield chosen[:, :-1], chosen[:, 1:]


def descent(module: nn.Module) -> torch.optim.Optimizer:
    """Stochastic gradient descent with momentum, as for images."""
    return torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)


def gently(module: nn.Module) -> torch.optim.Optimizer:
    """Adam in small steps, as for what has large linear layers and no norms."""
    return torch.optim.Adam(module.parameters(), lr=1e-4)


def adam(module: nn.Module) -> torch.optim.Optimizer:
    """AdamW with nanoGPT's settings."""
    return torch.optim.AdamW(module.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)


SMALL_GPT: dict[str, object] = {"vocabulary": LETTERS, "context": LENGTH, "layers": 6, "heads": 6, "width": 192}
TASKS = {
    "vgg16": Task("vgg:vgg16", {"classes": CLASSES}, images, gently),
    "googlenet": Task("googlenet_torchvision", {"classes": CLASSES, "aux": False}, images, descent),
    "gpt": Task("gpt", SMALL_GPT, text, adam),
}


def losses(made: Program, task: Task) -> list[float]:
    """The loss of each step."""
    kind: type[nn.Module] = getattr(load_source(source(made)), made.name)
    torch.manual_seed(0)
    module = kind().train()
    optimizer = task.optimizer(module)
    found = []
    for _, (x, y) in zip(range(STEPS), task.batches(), strict=False):
        loss = cross_entropy(module(x).flatten(0, -2), y.flatten())
        optimizer.zero_grad()
        torch.autograd.backward([loss])
        optimizer.step()
        found.append(loss.item())
    return found


def rows(name: str) -> Iterator[str]:
    """The two lines of a network in the table."""
    task = TASKS[name]
    spec, _, variant = task.spec.partition(":")
    made = program(load_network(spec, variant=variant or None, settings=task.settings))
    bare = replace(made, classes=tuple(replace(one, inits=()) for one in made.classes))
    for how, one in (("as its spec says", made), ("as PyTorch has it", bare)):
        each = losses(one, task)
        means = [sum(each[at : at + SHOWN]) / SHOWN for at in range(0, STEPS, SHOWN)]
        yield f"| {name} | {how} | {each[0]:.2f} | {' | '.join(f'{mean:.2f}' for mean in means)} |"


if __name__ == "__main__":
    ends = [str(at + SHOWN) for at in range(0, STEPS, SHOWN)]
    print(f"| network | starts | first | {' | '.join(ends)} |")
    print(f"| :--- | :--- | ---: |{' ---: |' * len(ends)}")
    for name in sys.argv[1:] or TASKS:
        for line in rows(name):
            print(line, flush=True)
