"""Times as people and programs read them: never without their zone.

Under everything that shows when something was. The store keeps UTC.
"""

from datetime import datetime


def local_time(moment: datetime) -> str:
    """The moment on this machine's clock, to the minute, with how far that is from UTC.

    Args:
        moment: with its zone.

    Example:
        >>> from datetime import UTC
        >>> len(local_time(datetime(2026, 3, 1, 9, 0, tzinfo=UTC))) >= len("2026-03-01 09:00 UTC")
        True
    """
    return zoned(moment.astimezone())


def zoned(moment: datetime) -> str:
    """The moment on the clock of its own zone.

    Example:
        >>> from datetime import UTC, timedelta, timezone
        >>> zoned(datetime(2026, 3, 1, 9, 0, tzinfo=UTC))
        '2026-03-01 09:00 UTC'
        >>> zoned(datetime(2026, 3, 1, 9, 0, tzinfo=timezone(timedelta(hours=-3.5))))
        '2026-03-01 09:00 UTC-03:30'
    """
    day, offset = f"{moment:%Y-%m-%d %H:%M}", f"{moment:%z}"
    return f"{day} UTC{f'{offset[:3]}:{offset[3:5]}' if moment.utcoffset() else ''}"
