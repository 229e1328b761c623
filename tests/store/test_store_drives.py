"""A store on a network drive: it is recognised by the mount table, and what fails there is told."""

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath, PureWindowsPath

import psutil
import pytest
from made_plans import trials_of
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from store.making import KEY, make_provenance, make_study, run_all
from typer.testing import CliRunner

from sweep.cli.app import app
from sweep.errors import StoreError
from sweep.store import open_store
from sweep.store.backends import file_lock
from sweep.store.backends.drives import Drive, mounted, network_drive
from sweep.store.backends.sqlite import SQLite

TABLE = """
/dev/sda1 / ext4
tmpfs /tmp tmpfs
overlay /var/lib/docker/overlay2/x/merged overlay
nas:/export /mnt/nas nfs4
//server/share /mnt/share cifs
me@host: /home/me/host fuse.sshfs
remote: /mnt/cloud fuse.rclone
s3fs /mnt/bucket fuse.s3fs
/dev/fuse /mnt/bsd fusefs.sshfs
C:\\ /mnt/c 9p
vm /media/sf_shared vboxsf
/dev/sdb1 /mnt/usb fuseblk
fuse-overlayfs /mnt/rootless fuse.fuse-overlayfs
/dev/sdc1 /mnt/nas/local ext4
/dev/sdd1 /mnt/over nfs
/dev/sdd1 /mnt/over xfs
/dev/sdd1 /mnt/under xfs
nas:/x /mnt/under nfs
"""
DRIVES = [
    Drive(PurePosixPath(place), kind, source)
    for source, place, kind in (line.split() for line in TABLE.strip().splitlines())
]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/home/me/sweep.db", None),
        ("/tmp/sweep.db", None),
        ("/var/lib/docker/overlay2/x/merged/work/sweep.db", None),
        ("/mnt/nas/sweep.db", "/mnt/nas"),
        ("/mnt/nas/deep/down/sweep.db", "/mnt/nas"),
        ("/mnt/nas2/sweep.db", None),
        ("/mnt/share/sweep.db", "/mnt/share"),
        ("/home/me/host/sweep.db", "/home/me/host"),
        ("/mnt/cloud/sweep.db", "/mnt/cloud"),
        ("/mnt/bucket/sweep.db", "/mnt/bucket"),
        ("/mnt/bsd/sweep.db", "/mnt/bsd"),
        ("/mnt/c/Users/me/sweep.db", "/mnt/c"),
        ("/media/sf_shared/sweep.db", "/media/sf_shared"),
        ("/mnt/usb/sweep.db", None),
        ("/mnt/rootless/sweep.db", None),
        ("/mnt/nas/local/sweep.db", None),
        ("/mnt/over/sweep.db", None),
        ("/mnt/under/sweep.db", "/mnt/under"),
    ],
)
def test_the_nearest_mount_decides(path: str, place: str | None) -> None:
    drive = network_drive(PurePosixPath(path), DRIVES)
    assert (drive and str(drive.place)) == place


def test_drives_of_other_systems() -> None:
    shared = network_drive(PureWindowsPath(r"\\server\share\sweep.db"), [])
    assert shared is not None
    assert str(shared).startswith(r"\\server\share")
    letters = [
        Drive(PureWindowsPath("C:\\"), "NTFS", "C:\\", "rw,fixed"),
        Drive(PureWindowsPath("Z:\\"), "NTFS", "Z:\\", "rw,remote"),
    ]
    assert network_drive(PureWindowsPath(r"C:\me\sweep.db"), letters) is None
    assert network_drive(PureWindowsPath(r"Z:\me\sweep.db"), letters) == letters[1]


def test_this_machine_has_drives_and_the_tests_folder_is_its_own(tmp_path: Path) -> None:
    assert mounted()
    assert network_drive(tmp_path.resolve(), mounted()) is None


@pytest.fixture
def on_nfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of which this machine says that it is mounted from another one."""
    if not psutil.LINUX:
        pytest.skip("needs a mount table that is a file")
    made, folder = tmp_path / "proc", tmp_path / "my results"
    (made / "self").mkdir(parents=True)
    folder.mkdir()
    place = str(folder.resolve()).replace(" ", "\\040")
    line = f"/dev/sda1 / ext4 rw 0 0\nnas:/export {place} nfs4 rw,vers=4.2 0 0\n"
    (made / "self/mounts").write_text(line)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(made))
    return folder


def test_a_run_warns_once(on_nfs: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "sweep")
    with open_store(f"sqlite:///{on_nfs}/sweep.db", create=True) as store:
        run_all(store, make_study())
        store.results("small")
    (said,) = [record.getMessage() for record in caplog.records]
    assert f"{on_nfs}/sweep.db lies on {on_nfs}, a network drive (nfs4: nas:/export)" in said
    assert "'locking protocol'" in said
    assert "--store postgresql+psycopg://" in said


def test_a_link_onto_a_network_drive(on_nfs: Path, tmp_path: Path) -> None:
    (tmp_path / "sweep.db").symlink_to(on_nfs / "sweep.db")
    with open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store:
        assert "nas:/export" in (store.warning() or "")


def test_doctor_warns_and_makes_nothing(on_nfs: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    said = CliRunner().invoke(app, ["doctor", "--store", f"sqlite:///{on_nfs}/sweep.db", "--json"])
    assert said.stdout.count("a network drive (nfs4: nas:/export)") == 1
    assert "which the first run makes" in said.stdout
    assert list(on_nfs.iterdir()) == []


def error_of(path: Path, words: str) -> StoreError:
    url = make_url(f"sqlite:///{path}")
    with closing(SQLite(url, create=True)) as backend:
        return backend.explained(OperationalError("SELECT", None, sqlite3.OperationalError(words)))


FAULTS = ("locking protocol", "disk I/O error", "database is locked")


@pytest.mark.parametrize("words", FAULTS)
def test_what_fails_on_a_network_drive_is_explained_by_it(on_nfs: Path, words: str) -> None:
    said = str(error_of(on_nfs / "sweep.db", words))
    assert f"lies on {on_nfs}, a network drive (nfs4: nas:/export), and" in said
    assert f"and SQLite says: {words}\n" in said
    assert "rule: SQLite needs a drive whose file locks hold" in said
    assert "--store sqlite:////var/tmp/sweep.db" in said


def test_what_fails_on_a_drive_of_this_machine(tmp_path: Path) -> None:
    protocol, disk, locked = (str(error_of(tmp_path / "sweep.db", words)) for words in FAULTS)
    assert protocol.startswith("SQLite tried for ten seconds to get its locks on ")
    assert "Run the same command again; if that does not help" in protocol
    assert disk.startswith("the disk that holds ")
    assert locked.startswith("another program has kept ")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_drive_without_locks(tmp_path: Path, monkeypatch, number: int) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, "No locks available")

    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", flock)
    with (
        pytest.raises(StoreError, match="whose file locks hold") as caught,
        file_lock.schema_lock(tmp_path / "sweep.db"),
    ):
        pass
    assert "No locks available" in str(caught.value.wrong)
    study = make_study()
    with (
        pytest.raises(StoreError, match="whose file locks hold"),
        open_store(f"sqlite:///{tmp_path}/sweep.db", create=True) as store,
        store.run(study, make_provenance(), trials_of(study, KEY)),
    ):
        pass
