"""archspec: a neural network on one page of YAML, checked, counted, drawn, and emitted as PyTorch source.

```python
import archspec

design = archspec.load("resnet:resnet50")
design.draw("resnet50.svg")
print(design.source())
```

Names are loaded on first use, so that `import archspec` itself costs next to nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archspec.design import Design, from_module, load, loads
    from archspec.diagnostics.diagnostic import Diagnostic, SpecError
    from archspec.language.permit import Permit
    from archspec.runtime.foreign import run_modules

__version__ = "0.1.0"

__all__ = ["Design", "Diagnostic", "Permit", "SpecError", "__version__", "from_module", "load", "loads", "run_modules"]


def __getattr__(name: str) -> object:
    from importlib import import_module

    homes = {
        "Design": "archspec.design",
        "from_module": "archspec.design",
        "load": "archspec.design",
        "loads": "archspec.design",
        "Diagnostic": "archspec.diagnostics.diagnostic",
        "SpecError": "archspec.diagnostics.diagnostic",
        "Permit": "archspec.language.permit",
        "run_modules": "archspec.runtime.foreign",
    }
    if name not in homes:
        raise AttributeError(f"module 'archspec' has no attribute {name!r}")
    value = getattr(import_module(homes[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
