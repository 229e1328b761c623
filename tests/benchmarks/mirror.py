"""What Optuna's mirror costs a run, by epochs: a straight line.

    python tests/benchmarks/mirror.py [--epochs 100 1000 10000] [--trials 7]

One cohort of made results is written into a new SQLite store, as a run does it: every epoch is a
transaction of its own, followed by the mirror's; and once more with no mirror. Nothing is trained.
The last column is the cost of an epoch with the mirror against that of the shortest training: 1
where the line is straight.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from made_plans import cohorts_of, trials_of
from store.making import KEY, made_training, make_provenance, make_study, write_all

from sweep.store import open_store, writer
from sweep.store.optuna.mirror import Mirror


class NoMirror(Mirror):
    """Shows nothing to Optuna."""

    def _tried(self, work: Callable) -> bool:  # noqa: ARG002 (``Mirror``'s)
        return True


def write_cohort(folder: Path, trials: int, epochs: int, mirror: type[Mirror]) -> float:
    """Seconds to write one cohort, from its start to its end."""
    rates = tuple(0.001 * 1.2**n for n in range(trials))
    study = make_study(optimizers=["adam"], learning_rates=rates, seeds=1, epochs=epochs)
    (cohort,) = cohorts_of(study, KEY)
    writer.Mirror = mirror
    with (
        open_store(f"sqlite:///{folder}/{mirror.__name__}_{epochs}.db", create=True) as store,
        store.run(study, make_provenance(), trials_of(study, KEY)) as run,
    ):
        begin = time.perf_counter()
        write_all(run, made_training(cohort, epochs))
        return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--trials", type=int, default=7)
    asked = parser.parse_args()
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for epochs in asked.epochs:
            without, with_it = (
                write_cohort(Path(folder), asked.trials, epochs, mirror)
                for mirror in (NoMirror, Mirror)
            )
            each = with_it / epochs
            first = first or each
            print(
                f"{asked.trials} trials x {epochs:,} epochs: {with_it:.2f} s with the mirror, "
                f"{without:.2f} s without (ratio {with_it / without:.2f}); "
                f"{1e3 * each:.2f} ms an epoch, {each / first:.2f} of the first line's"
            )


if __name__ == "__main__":
    main()
