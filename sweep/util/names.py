"""File names for things that have names of their own, such as studies. Pure.

Under everything that writes a file by the name of something: a report, a figure.
"""

import hashlib
import re
import unicodedata

MAX_BYTES = 150
"""Of a stem, which leaves space for what is added to it below the 255 of most file systems."""
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?")
"""What Windows takes for a device, with any ending."""
_HASH_LETTERS = 12


def file_stem(name: str) -> str:
    """A file name, without its ending, that is another one for every name, on every file system.

    A plain name is its own: small letters, digits, dashes, dots and underscores, no longer than
    file systems take. Of any other name what they dislike is replaced, and a hash of the name
    follows a tilde, which no plain name has; so is one with capitals, which many file systems take
    for the small letters.

    Example:
        >>> file_stem("lr-robustness"), file_stem("a:b")
        ('lr-robustness', 'a-b~6783a31eabf6')
    """
    replaced = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", name)).strip(".-")
    is_plain = replaced == name == name.casefold() and not _DEVICES.fullmatch(name)
    if is_plain and len(name.encode()) <= MAX_BYTES:
        return name
    kept = replaced.encode()[: MAX_BYTES - 1 - _HASH_LETTERS].decode(errors="ignore")
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
    return f"{kept or 'study'}~{digest[:_HASH_LETTERS]}"
