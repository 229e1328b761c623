import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from containers import DOCKER
from postgres_server import PostgresServer

ROLE = "guarded"
"""The one whose password the tests' server asks for."""


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that docker/make-secrets makes."""
    script = shutil.copy(DOCKER / "make-secrets", tmp_path_factory.mktemp("docker"))
    subprocess.run([script], check=True)
    return Path(script).parent / "secrets"


@pytest.fixture(scope="module")
def database(postgres: PostgresServer, secrets: Path) -> Iterator[dict[str, str]]:
    """An empty database, and what stands for compose.yaml's: its role, host and name."""
    password = (secrets / "postgres-password").read_text()
    postgres.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'")
    postgres.execute(f"CREATE DATABASE sweep OWNER {ROLE}")
    yield {
        "//sweep:": f"//{ROLE}:",
        "@postgres/sweep": f"@/sweep?host={postgres.socket_folder}",
    }
    postgres.execute("DROP DATABASE sweep WITH (FORCE)")
    postgres.execute(f"DROP ROLE {ROLE}")
