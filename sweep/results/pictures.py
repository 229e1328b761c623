"""What a study's examples are called where its results are shown."""

from itertools import takewhile

from sweep.results.results import Results
from sweep.study.networks import Network
from sweep.study.programs import Command, Function
from sweep.study.study import Study


def pictures_name(results: Results) -> str:
    """What titles call the pictures: as the last run found them, else as the study names them.

    Of an imported study it is what titles call its results; of a study with other examples, or with
    a program of the user's that alone knows them, what it calls its data or that program.
    """
    if results.study.imported is not None:
        return results.study.imported.results
    if results.dataset:
        return results.dataset.name
    return _examples_name(results.study)


def _examples_name(study: Study) -> str:
    match study.task:
        case Function(function=path):
            return path
        case Command(command=command):
            return _program(command)
        case Network(data=data) if not study.has_pictures:
            return data
    return study.pictures.dataset


def _program(command: str) -> str:
    """The words of a command before its first option or filled-in value."""
    words = list(takewhile(lambda word: word[:1] != "-" and "{" not in word, command.split()))
    return " ".join(words) or command
