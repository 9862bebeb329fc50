"""How long whole processes take: `archspec summary resnet:resnet152` beside `import torch` and beside other counters.

python tests/benchmarks/startup.py [--runs N]

Every command is a fresh process; runs alternate, so that a busy moment hits all alike. Prints CPU seconds, user and
system, the median and the best, and the share of FlopCounterMode's: `summary` is to need a tenth of it at most.
Interpreters that write no bytecode (PYTHONDONTWRITEBYTECODE) compile archspec anew each time, so this one lets them.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TORCHVISION = """
try:
    import torchvision
except RuntimeError:
    from archspec.runtime.peer import declare_torchvision_operators
    declare_torchvision_operators()
    import torchvision
import torch
with torch.device("meta"):
    model = torchvision.models.resnet152().eval()
    x = torch.empty(1, 3, 224, 224)
"""
ARCHSPEC = "import sys; from archspec.__main__ import run; sys.argv[1:] = {}; run()"
COUNTER = "FlopCounterMode, meta device"
PROGRAMS = {
    "archspec summary resnet:resnet152": ARCHSPEC.format(["summary", "resnet:resnet152"]),
    "archspec summary ... --format json": ARCHSPEC.format(["summary", "resnet:resnet152", "--format", "json"]),
    "archspec --help": ARCHSPEC.format(["--help"]),
    "python -c 'pass'": "pass",
    "import torch": "import torch",
    COUNTER: TORCHVISION
    + """
from torch.utils.flop_counter import FlopCounterMode
with FlopCounterMode(display=False) as counter:
    model(x)
print(counter.get_total_flops() // 2)
""",
    "fvcore, cpu": TORCHVISION.replace('"meta"', '"cpu"')  # its tracing does not run on the meta device
    + """
from fvcore.nn import FlopCountAnalysis
print(FlopCountAnalysis(model, x).unsupported_ops_warnings(False).total())
""",
    "torchinfo, meta device": TORCHVISION
    + """
import torchinfo
print(torchinfo.summary(model, input_data=x, device="meta", verbose=0).total_mult_adds)
""",
}


def cpu_seconds() -> float:
    """What all children that have ended have used, user and system."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Times every program and prints a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    absent: dict[str, str] = {}
    for run in range(runs + 1):
        for name, program in PROGRAMS.items():
            before = cpu_seconds()
            command = [sys.executable, "-c", program]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if run:  # the first writes the bytecode
                seconds[name].append(cpu_seconds() - before)
            if done.returncode:
                absent[name] = done.stderr.strip().splitlines()[-1]
    reference = statistics.median(seconds[COUNTER])
    print(f"{'process':36} {'median s':>9} {'best s':>9} {'of the counter':>15}")
    for name, times in seconds.items():
        if name in absent:
            print(f"{name:36} not run: {absent[name]}")
            continue
        median = statistics.median(times)
        print(f"{name:36} {median:9.3f} {min(times):9.3f} {median / reference:14.1%}")


if __name__ == "__main__":
    main()
