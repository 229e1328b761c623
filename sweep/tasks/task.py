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
        labels_N: the class of each, 0 … ``class_count`` − 1.
        train_count: how many of the N are for training.
        class_count: K, at least two.
    """

    features_NF: NDArray[Any]
    labels_N: NDArray[np.integer]
    train_count: int
    class_count: int = 2
