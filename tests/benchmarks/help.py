"""``sweep --help`` against ``python -c "import typer, rich"``.

python -m tests.benchmarks.help [--rounds 15]
"""

import argparse
import subprocess
import sys

from tests.benchmarks.rounds import compare, report


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    pairs = compare(
        lambda: subprocess.run([sys.executable, "-c", "import typer, rich"], check=True),
        lambda: subprocess.run(
            [sys.executable, "-m", "sweep.cli", "--help"], check=True, stdout=subprocess.DEVNULL
        ),
        asked.rounds,
    )
    report("help (rival: sweep --help, ours: the imports alone)", pairs, "a start")


if __name__ == "__main__":
    main()
