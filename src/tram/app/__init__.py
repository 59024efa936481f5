"""Wires everything; nobody imports it.

```
cli            parses, and turns errors into one sentence and an exit code
commands       what an administrator types
roles          the wiring of each process
supervision    all processes under one
demo           a simulated province
installation   the folder, keys, settings and ports of one installation
```
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType


class _NoPandas(MetaPathFinder):
    """Keeps pandas out of the product's processes.

    Nothing of ours uses it; chDB brings it along. But pyarrow and pyogrio load it, 0.4 s of every
    start, to see whether a value is one of its own: here they find none.
    """

    def find_spec(
        self,
        name: str,
        _path: Sequence[str] | None,
        _target: ModuleType | None = None,
    ) -> None:
        """Find no pandas; leave all else to those who come after."""
        if name == "pandas":
            raise ModuleNotFoundError("pandas is kept out of this process", name=name)


if "pandas" not in sys.modules:
    sys.meta_path.insert(0, _NoPandas())
