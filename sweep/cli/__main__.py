"""``python -m sweep.cli`` is the command ``sweep``."""

from sweep.cli.app import main

main()
