import shutil
import subprocess
from pathlib import Path

import pytest
from containers import DOCKER


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that docker/make-secrets makes."""
    script = shutil.copy(DOCKER / "make-secrets", tmp_path_factory.mktemp("docker"))
    subprocess.run([script], check=True)
    return Path(script).parent / "secrets"
