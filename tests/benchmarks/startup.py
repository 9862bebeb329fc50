"""How long whole processes take: `archspec summary resnet:resnet152` beside `import torch` and beside other counters.

python tests/benchmarks/startup.py [--runs N]

Every command is a fresh process; runs alternate, so that a busy moment hits all alike. Prints the median and the best.
"""

import argparse
import statistics
import subprocess
import sys
import time

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
PROGRAMS = {
    "archspec summary resnet:resnet152": "from archspec.cli import main; main(['summary', 'resnet:resnet152'])",
    "archspec summary ... --format json": (
        "from archspec.cli import main; main(['summary', 'resnet:resnet152', '--format', 'json'])"
    ),
    "archspec --help": "from archspec.cli import main; main(['--help'])",
    "python -c 'pass'": "pass",
    "import torch": "import torch",
    "FlopCounterMode, meta device": TORCHVISION
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


def main() -> None:
    """Times every program and prints a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    absent: dict[str, str] = {}
    for _ in range(runs):
        for name, program in PROGRAMS.items():
            start = time.perf_counter()
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
            seconds[name].append(time.perf_counter() - start)
            if done.returncode:
                absent[name] = done.stderr.strip().splitlines()[-1]
    reference = statistics.median(seconds["import torch"])
    print(f"{'process':36} {'median s':>9} {'best s':>9} {'of import torch':>16}")
    for name, times in seconds.items():
        if name in absent:
            print(f"{name:36} not run: {absent[name]}")
            continue
        median = statistics.median(times)
        print(f"{name:36} {median:9.3f} {min(times):9.3f} {median / reference:15.0%}")


if __name__ == "__main__":
    main()
