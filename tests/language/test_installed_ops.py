"""A package that is installed brings ops of its own, without a word in the spec."""

import subprocess
import sys
from pathlib import Path

OPS = '''
from typing import ClassVar
from archspec.ops import Op, op

@op
class Twice(Op):
    """2 x."""
    name: ClassVar[str] = "twice"
    function: ClassVar[str] = "twice"
'''
SPEC = "archspec: 1\ninputs: {image: [3, 8, 8]}\ngraph: {twice: twice}\n"


def test_an_installed_package_declares_its_ops(tmp_path: Path) -> None:
    (tmp_path / "twice_ops.py").write_text(OPS)
    (tmp_path / "net.yaml").write_text(SPEC)
    about = tmp_path / "twice_ops-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: twice-ops\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[archspec.ops]\ntwice = twice_ops\n")
    paths = [str(tmp_path), str(Path(__file__).parents[2])]
    code = f"import sys; sys.path[:0] = {paths!r}; from archspec.pipeline import check; print(check('net.yaml'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("()", "")
