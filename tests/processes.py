"""Python processes of tests."""

import os
from pathlib import Path


def python_path(*folders: Path) -> str:
    """PYTHONPATH with ``tests`` and ``folders`` before what is on it already."""
    known = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return os.pathsep.join(map(str, (*folders, Path(__file__).parent, *known)))
