"""Ctrl-C and SIGTERM, found again where a library has covered them.

A signal may arrive inside TensorFlow's tracing; on the way out its context managers fail, and
the exception that comes to us is theirs.
"""


def raise_if_interrupted(error: BaseException) -> None:
    """Raise the interruption in whose wake the error came, if there is one.

    Raises:
        KeyboardInterrupt: the one that the error covers.

    Example:
        >>> raise_if_interrupted(ValueError("of its own"))
    """
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        behind = waiting.pop()
        if behind is None or id(behind) in seen:
            continue
        if isinstance(behind, KeyboardInterrupt):
            raise behind
        seen.add(id(behind))
        waiting += [behind.__cause__, behind.__context__]
