"""What all parts of a study share: they are frozen, and checked when they are built."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sweep.study.hyperparameters import MAX_NUMBER

STORED = {"stored": True}
"""Context of validation: what is in a store is read as it is, also what is refused today."""

IMPORT_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
"""``module:name`` of something of the user's own."""


class Part(BaseModel):
    """A part of a study: frozen, and without fields or values that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Whole = Annotated[int, Field(ge=-MAX_NUMBER, le=MAX_NUMBER)]
Count = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
