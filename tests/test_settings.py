"""Settings from the environment, and secrets from files."""

from pathlib import Path

import pytest

from sweep.errors import MissingError, SweepError, UsageError
from sweep.settings import from_environment, secret, without_password


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SWEEP_STORE", "SWEEP_STORE_FILE", "SWEEP_PASSWORD", "SWEEP_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ("s3cret", "s3cret"),
        ("s3cret\n", "s3cret"),
        ("s3cret\r\n", "s3cret"),
        (" with spaces \n", " with spaces "),
        ("two\nlines\n\n", "two\nlines\n"),
        ("größer\n", "größer"),
    ],
)
def test_a_secret_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, value: str
) -> None:
    (tmp_path / "secret").write_bytes(content.encode())
    monkeypatch.setenv("SWEEP_PASSWORD_FILE", str(tmp_path / "secret"))
    assert secret("SWEEP_PASSWORD") == value


def test_the_store_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert from_environment().store_url == "sqlite:///sweep.db"
    (tmp_path / "url").write_text("postgresql://me:s3cret@host/db\n")
    monkeypatch.setenv("SWEEP_STORE_FILE", str(tmp_path / "url"))
    assert from_environment().store_url == "postgresql://me:s3cret@host/db"
    assert "s3cret" not in repr(from_environment())
    assert from_environment("sqlite:///mine.db").store_url == "sqlite:///mine.db"
    monkeypatch.setenv("SWEEP_STORE", "sqlite:///other.db")
    with pytest.raises(UsageError, match="both SWEEP_STORE and SWEEP_STORE_FILE"):
        from_environment()
    assert from_environment("sqlite:///mine.db").store_url == "sqlite:///mine.db"
    monkeypatch.setenv("SWEEP_STORE_FILE", "")
    assert from_environment().store_url == "sqlite:///other.db"


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file"), (b"\n", "empty"), (b"\xff\xfe", "UTF-8")]
)
def test_a_file_that_holds_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("SWEEP_PASSWORD_FILE", str(tmp_path / "secret"))
    with pytest.raises(MissingError, match=reason) as caught:
        secret("SWEEP_PASSWORD")
    assert isinstance(caught.value, SweepError)
    assert caught.value.exit_status == 3
    assert "SWEEP_PASSWORD" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sqlite:///sweep.db", "sqlite:///sweep.db"),
        ("postgresql://me@host:5432/db", "postgresql://me@host:5432/db"),
        ("postgresql://me:s3cret@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql://me:s3/c:r@e?t@host/db", "postgresql://me:***@host/db"),
        ("postgresql://:s3cret@/db", "postgresql://:***@/db"),
        (
            "postgresql:///db?user=me&password=s3cret&x=1",
            "postgresql:///db?user=me&password=***&x=1",
        ),
    ],
)
def test_what_is_shown_of_a_url(text: str, shown: str) -> None:
    assert without_password(text) == shown
