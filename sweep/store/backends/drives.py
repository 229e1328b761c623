"""Drives of a network, on which SQLite does not work as on a drive of this machine.

Under ``sqlite.py``, which warns of them, and explains by them what fails. SQLite needs file locks
that hold, and in WAL mode memory that all its programs share, which those of two machines never do.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

import psutil

DRIVE_RULE = "SQLite needs a drive whose file locks hold, and memory that its programs share."
DRIVE_REMEDY = (
    "Name a place on a drive of this machine, for instance --store sqlite:////var/tmp/sweep.db, or "
    "a PostgreSQL server, --store postgresql+psycopg://user@host/database."
)

NETWORK = frozenset(
    {
        *("nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afpfs", "afs"),
        *("9p", "ceph", "coda", "davfs", "glusterfs", "gpfs", "lustre", "beegfs", "pvfs2"),
        *("webdav", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "acfs", "ocfs2", "orangefs"),
        *("fuse", "osxfuse", "macfuse"),
    }
)
"""Kinds of file systems of other machines, or of other systems on this one."""
FUSE = ("fuse.", "fusefs.")
"""File systems that a program makes: sshfs, rclone, s3fs, gcsfuse and the like."""
LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs", "fuse.overlayfs", "fuse.lxcfs", "fuse.gocryptfs"})
"""Those that only show a drive of this machine otherwise."""


@dataclass(frozen=True)
class Drive:
    """What is mounted in a place.

    Attributes:
        place: the folder.
        kind: of file system, as the system calls it.
        source: what is mounted there.
        options: of the mount, with commas between them.
    """

    place: PurePath
    kind: str
    source: str
    options: str = ""

    @property
    def is_network(self) -> bool:
        """Whether it is another machine's, or a program's that stands for one."""
        kind = self.kind.lower()
        is_fuse = kind.startswith(FUSE) and kind not in LOCAL_FUSE
        return kind in NETWORK or is_fuse or "remote" in self.options.split(",")

    def __str__(self) -> str:
        """In words."""
        return f"{self.place}, a network drive ({self.kind}: {self.source})"


def network_drive(path: PurePath, drives: Iterable[Drive]) -> Drive | None:
    """The network drive on which a file lies; None where it lies on another drive.

    Args:
        path: absolute, without links.
        drives: all that are mounted, in the order in which they were.

    Example:
        >>> from pathlib import PurePosixPath as Path
        >>> drives = [Drive(Path("/"), "ext4", "/dev/sda1"), Drive(Path("/mnt"), "nfs4", "nas:/x")]
        >>> print(network_drive(Path("/mnt/results/sweep.db"), drives))
        /mnt, a network drive (nfs4: nas:/x)
        >>> network_drive(Path("/mnt2/sweep.db"), drives) is None
        True
    """
    if path.drive.startswith("\\\\"):  # of another Windows machine
        return Drive(PurePath(path.drive), "smb", path.drive)
    above = [drive for drive in drives if path.is_relative_to(drive.place)]
    # Of several in the same place the last one hides the others.
    nearest = max(enumerate(above), key=_depth, default=(0, None))[1]
    return nearest if nearest and nearest.is_network else None


def _depth(numbered: tuple[int, Drive]) -> tuple[int, int]:
    number, drive = numbered
    return len(drive.place.parts), number


def mounted() -> list[Drive]:
    """All drives of this machine now; none where it does not say."""
    try:
        found = psutil.disk_partitions(all=True)
    except (OSError, RuntimeError):
        return []
    return [Drive(PurePath(each.mountpoint), each.fstype, each.device, each.opts) for each in found]


def drive_of(file: Path) -> Drive | None:
    """The network drive of this machine on which a file lies; None where it lies on another."""
    return network_drive(Path(os.path.realpath(file)), mounted())
