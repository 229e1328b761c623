"""What trials are trained on: what an executor gives to a cohort's training.

Light, so that a driver can send it to where Keras is. In the flow: ``runner`` makes it.

Legend: N pictures (training first), F features.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class TrainingData:
    """What every trial of a study trains on.

    Attributes:
        features_NF: float16 or float32, training pictures first; may be memory-mapped.
        labels_N: 0 or 1.
        train_count: how many of the N are for training.
    """

    features_NF: NDArray[Any]
    labels_N: NDArray[np.uint8]
    train_count: int
