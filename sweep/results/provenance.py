"""Where a run's numbers come from: its dataset, its weights, its machine."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PictureTally:
    """What became of the files that a run found; ``account_words`` says it.

    Attributes:
        by: where the classes come from, in words.
        file_counts: picture files of each class.
        usable_counts: those that are whole, each content once.
        limit: at most so many pictures were asked for; None is all.
        parts: the parts that the folder has of its own, such as ``train`` and ``valid``.
        split: ``by-seed``, ``own`` or ``given``.
        unexplained_count, unexplained: pictures that are in no class, and the first of their names.
        are_chosen: whether the study names its classes, so that others are left out by its wish.
        unlabelled_count: pictures in folders for unlabelled ones.
        twin_count: used pictures that look like another one in a file of other bytes.
        parted_twin_count: validation pictures among them with a twin that is trained on; where
            each seed draws its own split, those of seed 0.
        contradicting_twin_count: pictures among them with a twin in another class.
        turned_count: used pictures with an EXIF orientation.
        is_upright: whether it was applied.
    """

    by: str
    file_counts: tuple[int, ...]
    usable_counts: tuple[int, ...]
    limit: int | None
    parts: tuple[str, ...] = ()
    split: str = "own"
    unexplained_count: int = 0
    unexplained: tuple[str, ...] = ()
    unlabelled_count: int = 0
    twin_count: int = 0
    parted_twin_count: int = 0
    contradicting_twin_count: int = 0
    turned_count: int = 0
    is_upright: bool = False
    are_chosen: bool = False


@dataclass(frozen=True)
class DatasetInfo:
    """Which pictures or other examples a run used.

    Attributes:
        name: what titles call them, e.g. ``Dogs vs. Cats`` or ``rendered pets``.
        source: where they were found, in words or as a path.
        class_names: the K classes, at least two, in the order of their labels 0 … K − 1; empty
            where examples have no classes.
        train_counts, valid_counts: examples of each class in each part; without classes, of all.
        skipped: name and reason of each file that could not be used.
        content_hash: of every used picture's content, its label and its part, or how seeds draw it.
        tally: what became of all files; None of data that is no files, and where version 0.1
            stored the run.
        are_pictures: whether examples are called pictures.
    """

    name: str
    source: str
    class_names: tuple[str, ...]
    train_counts: tuple[int, ...]
    valid_counts: tuple[int, ...]
    skipped: tuple[tuple[str, str], ...]
    content_hash: str
    tally: PictureTally | None = None
    are_pictures: bool = True

    def __post_init__(self) -> None:
        names = len(self.class_names)
        counts = {*map(len, (self.train_counts, self.valid_counts))}
        if counts != {names or 1} or names == 1:
            raise ValueError("two or more classes or none, each with its counts of examples")

    @property
    def baseline(self) -> float | None:
        """The majority-class baseline: the largest class's share of the validation examples.

        None where there are no classes.
        """
        if not self.class_names:
            return None
        return max(self.valid_counts) / sum(self.valid_counts)


@dataclass(frozen=True)
class WeightsInfo:
    """Which weights the backbone had: in words, from where, and the hash of their content."""

    name: str
    source: str
    content_hash: str


@dataclass(frozen=True)
class ImportedFile:
    """The file that results were imported from.

    Attributes:
        name: of the file, without its folder.
        content_hash: of its bytes.
        rows: how many it has.
        columns: by what sweep calls it, the file's column that it was read from.
        notes: what was left out or taken otherwise than it stands there, as sentences.
    """

    name: str
    content_hash: str
    rows: int
    columns: dict[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Of a run: who ran what, on what, from what.

    Attributes:
        command: as it was typed.
        host, process: where, and its process id.
        versions: of sweep, Python, and the libraries that decide numbers.
        device: the processor or accelerator, in words.
        backend: ``tensorflow`` or ``jax``.
        features_key: hash of what the trials were trained on (``Task.key``).
        pictures: the account of the pictures; None of an import, which knows nothing of them.
        weights: the account of the backbone's weights; None of an import.
        code: of each optimizer of the user's own, by label, its files and the hash of the content
            of each; empty where there is none, and of runs of version 0.1.
        file: what was imported; None of a run that trained.
        task_code: of a task of the user's own, its files and the hash of the content of each.
    """

    command: str
    host: str
    process: int
    versions: dict[str, str]
    device: str
    backend: str
    features_key: str
    pictures: DatasetInfo | None
    weights: WeightsInfo | None
    code: dict[str, dict[str, str]] = field(default_factory=dict)
    file: ImportedFile | None = None
    task_code: dict[str, str] = field(default_factory=dict)
