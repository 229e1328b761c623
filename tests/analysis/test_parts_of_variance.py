"""What scores depend on over several studies: against loops written out, and known surfaces."""

from itertools import combinations, product

import numpy as np
import pytest
from made_over_studies import AXES, made_over
from made_results import made_study

from sweep.analysis.parts_of_variance import part_names
from sweep.analysis.variance import shares_of_variance

EVEN = np.full(3, 1 / 3)
WEIGHTS = [np.array([0.2, 0.8]), EVEN, np.array([0.125, 0.25, 0.25, 0.25, 0.125]), EVEN]
SHAPE = tuple(map(len, WEIGHTS))


def test_as_written_out_in_loops():
    score_X = np.random.default_rng(1).normal(size=SHAPE)
    every = range(4)
    cells = [*product(*map(range, SHAPE))]

    def weight(cell, kept):
        return float(np.prod([WEIGHTS[k][cell[k]] for k in kept]))

    def mean(known):
        fitting = [cell for cell in cells if all(cell[k] == at for k, at in known.items())]
        others = [k for k in every if k not in known]
        return sum(weight(cell, others) * score_X[cell] for cell in fitting)

    def variance(kept):
        places = product(*(range(SHAPE[k]) for k in kept))
        parts = [dict(zip(kept, place, strict=True)) for place in places]
        return sum(
            float(np.prod([WEIGHTS[k][at] for k, at in part.items()]))
            * (mean(part) - mean({})) ** 2
            for part in parts
        )

    alone = [variance((k,)) for k in every]
    pairs = [variance(pair) - sum(alone[k] for k in pair) for pair in combinations(every, 2)]
    whole = variance(tuple(every))
    expected = np.array([*alone, *pairs, whole - sum(alone) - sum(pairs)]) / whole
    found = shares_of_variance(score_X, WEIGHTS)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert len(found) == len(part_names("abcd"))
    both = shares_of_variance(np.stack([score_X, score_X[::-1]]), WEIGHTS)  # leading dimensions
    np.testing.assert_allclose(both[0], found, atol=1e-12)  # sums are in another order


def test_sums_have_no_interaction_and_products_nothing_else():
    lines = [np.linspace(-1, 1, 3)] * 3
    added = lines[0][:, None, None] + 2 * lines[1][:, None] + 0 * lines[2]
    np.testing.assert_allclose(
        shares_of_variance(added, [EVEN] * 3), [0.2, 0.8, 0, 0, 0, 0, 0], atol=1e-12
    )
    together = lines[0][:, None, None] * lines[1][:, None] * lines[2]
    np.testing.assert_allclose(
        shares_of_variance(together, [EVEN] * 3), [0, 0, 0, 0, 0, 0, 1], atol=1e-12
    )
    assert np.isnan(shares_of_variance(np.full((3, 3, 3), 0.1), [EVEN] * 3)).all()


@pytest.mark.parametrize("axes", [None, AXES], ids=["one axis", "two axes"])
def test_over_studies(axes):
    study = made_study(seeds=4)
    found = made_over(study=study.replace(axes=axes) if axes else study).parts
    assert found.names[:3] == ("optimizer", "study", "batch size" if axes else "learning rate")
    assert found.share_P.value.sum() == pytest.approx(1)
    assert np.all(found.share_P.low <= found.share_P.value)
    assert np.all(found.share_P.value <= found.share_P.high)


def test_studies_that_are_the_same_have_no_part():
    gains = (0.0, -0.12, -0.03)
    found = made_over((gains, gains)).parts
    shares = dict(zip(found.names, found.share_P.value, strict=True))
    assert max(share for name, share in shares.items() if "study" in name) < 1e-12
    assert shares["all together"] < 1e-12
