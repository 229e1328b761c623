"""When the first layer has a kernel of its own: for which optimizers, on which features.

Pure, so that ``sweep plan`` can tell. In the flow: ``compiled`` asks, and takes ``sparse_heads``.

Legend: N examples, F features.
"""

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.study.training_config import TrainingConfig

MOMENTS = {"adam": 2, "adamw": 2, "radam": 2, "sgd": 1}
"""The algorithms that have a kernel, and how many moments of every weight they keep."""
WIDTH = 64
"""So many hidden units are in a slice: as many sums as registers hold, of AVX2 or AVX-512."""
SPARSE_BELOW = 0.35
"""Features of which a smaller share is not 0 are sparse.

Measured with seven trials of 25,088 features: where half are not 0 the stock kernels are ahead;
where 14 % are, as of VGG16, a step takes 0.6 to 0.7 of their time.
"""
SAMPLE = 256
"""So many examples tell how large that share is."""


def has_kernel(config: TrainingConfig) -> bool:
    """Whether there is a kernel for an optimizer with its settings, in the products' precision."""
    optimizer = config.optimizer
    is_plain = not any(
        (optimizer.setting("amsgrad"), optimizer.setting("epsilon_inside"), optimizer.lookahead)
    )
    is_plain = is_plain and optimizer.setting("clipvalue") is None
    is_known = optimizer.algorithm in MOMENTS and optimizer.element_wise and is_plain
    return is_known and config.head_products == "float32"


def can_be_compiled() -> bool:
    """Whether numba is installed."""
    return find_spec("numba") is not None


def is_sparse(features_NF: NDArray[Any]) -> bool:
    """Whether features are in float16 and mostly zeros."""
    sample = np.asarray(features_NF[:SAMPLE])
    share = np.count_nonzero(sample) / sample.size
    return sample.dtype == np.float16 and bool(share < SPARSE_BELOW)
