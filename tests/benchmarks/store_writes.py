"""Results committed a second: PostgreSQL against SQLite, in interleaved rounds.

    python -m tests.benchmarks.store_writes [--rounds 7]

A round writes one study of made results into a new store of each kind, as a run does it: every
epoch is a transaction, every cohort's end one, and each is followed by the mirror's. PostgreSQL
comes from its wheel, on this machine, over a Unix socket, and waits for the disk as it does by
default; SQLite as sweep opens it (WAL, synchronous=NORMAL) does not.
"""

import argparse
import sys
import tempfile
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from made_plans import cohorts_of, trials_of
from postgres_server import PostgresServer, postgres_server
from store.making import KEY, made_training, make_provenance, make_study, write_all

from sweep.store import open_store
from tests.benchmarks.rounds import compare, report

RATES = tuple(0.003 * 1.2**n for n in range(7))
EPOCHS, SEEDS = 10, 3
STUDY = make_study(learning_rates=RATES, epochs=EPOCHS, seeds=SEEDS)


def write_study(url: str) -> None:
    """Write all cohorts of the study into a new store."""
    with (
        open_store(url, create=True) as store,
        store.run(STUDY, make_provenance(), trials_of(STUDY, KEY)) as writer,
    ):
        for cohort in cohorts_of(STUDY, KEY):
            write_all(writer, made_training(cohort, EPOCHS))


def measure(server: PostgresServer, folder: Path, rounds: int) -> None:
    """Print the ratio."""
    numbers = count()
    cohorts = len(cohorts_of(STUDY, KEY))
    pairs = compare(
        lambda: write_study(server.new_schema()),
        lambda: write_study(f"sqlite:///{folder}/{next(numbers)}.db"),
        rounds,
        per=(cohorts, cohorts),
    )
    title = f"PostgreSQL against SQLite, cohorts of {len(RATES)} trials x {EPOCHS + 1} epochs"
    report(title, pairs, "a cohort")
    for name, side in (("PostgreSQL", 0), ("SQLite", 1)):
        seconds = sorted(pair[side] for pair in pairs)[len(pairs) // 2]
        rates = (1 / seconds, (EPOCHS + 1) / seconds, len(RATES) * (EPOCHS + 1) / seconds)
        said = "{:.1f} cohorts, {:.0f} epochs of a cohort, {:.0f} epochs of a trial".format(*rates)
        print(f"{name}: {said} a second (median)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with postgres_server(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        measure(server, Path(folder), arguments.rounds)


if __name__ == "__main__":
    main()
