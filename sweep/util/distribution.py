"""What this program is where it is installed: the distribution's name, its version, its extras.

Command and import package are called ``sweep``. The distribution is not: on the public package
index ``sweep`` is another project, with an import package of the same name. Where both are
installed into one environment, the later one overwrites files of the earlier one.

In the flow: every start of the command line checks the import package, ``sweep doctor`` also what
is installed beside it; build and provenance take the version from here.
"""

import importlib
from importlib.metadata import packages_distributions

from sweep.errors import MissingError
from sweep.util.paths import as_typed

DISTRIBUTION = "hyperparameter-robustness"
PACKAGE = "sweep"

__version__ = "0.1.0"

_REMEDY = (
    f"Run `pip uninstall sweep`, then install {DISTRIBUTION} again (from its checkout: "
    "`pip install --force-reinstall --no-deps .`), or give each a virtual environment of its own."
)


def installing(extra: str) -> str:
    """The command that adds an extra to what is installed.

    Example:
        >>> installing("ray")
        "pip install 'hyperparameter-robustness[ray]'"
    """
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def check_package() -> None:
    """Look whether ``import sweep`` gives this program.

    Raises:
        MissingError: it gives another project, or what is left after that one was uninstalled.
    """
    package = importlib.import_module(PACKAGE)
    if "Study" not in getattr(package, "__all__", ()):
        raise MissingError(
            "the Python package sweep here is another project's: "
            f"{as_typed(getattr(package, '__file__', None) or 'no file')}",
            remedy=_REMEDY,
        )


def installed() -> str:
    """The distribution and its version, in words.

    Raises:
        MissingError: another distribution has put files into the import package too.
    """
    owners = {*packages_distributions().get(PACKAGE, ())}
    others = sorted(owners - {DISTRIBUTION})
    if others:
        raise MissingError(
            f"the Python package sweep here is also of {', '.join(others)}",
            rule=f"No other project than {DISTRIBUTION} has files in it.",
            remedy=_REMEDY,
        )
    return f"{DISTRIBUTION} {__version__}" + ("" if owners else ", not installed: a checkout")
