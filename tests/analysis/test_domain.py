"""Weights, lengths and areas by axis position: by hand, against SciPy, and by their properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import integrate
from scipy.interpolate import LinearNDInterpolator

from sweep.analysis.domain import Domain
from sweep.analysis.extents import share_of_triangle
from sweep.study.axis import Axis

RATES = Axis(name="learning_rate", values=(0.01, 0.1, 1.0))
UNEVEN = Axis(name="learning_rate", values=(0.002, 0.003, 0.01, 0.02, 0.5))
BATCHES = Axis(name="batch_size", values=(16, 32, 128, 512))
BETAS = Axis(name="optimizer.beta_2", values=(0.9, 0.99, 0.999, 0.9999, 0.99999))
SHARES = Axis(name="warmup.share", values=(0.05, 0.1, 0.2, 0.4, 0.5))
STEPS = Axis(name="warmup.steps", scale="ordinal", values=(10, 100, 200, 5000, 5001))
OF_FIVE = (UNEVEN, BETAS, SHARES, STEPS)
AREA = Domain((BATCHES, RATES))

THOUSANDTHS = st.integers(0, 1000).map(lambda number: number / 1000)


def curves_of(*shape: int):
    return arrays(np.float64, shape, elements=THOUSANDTHS)


def positions(axis):
    return axis.position(axis.values)


def test_mean_weighs_by_position():
    assert Domain((RATES,)).weights_N.tolist() == pytest.approx([0.25, 0.5, 0.25])
    uneven = Axis(name="learning_rate", values=(0.1, 1.0, 1000.0))
    assert Domain((uneven,)).weights_N.tolist() == pytest.approx([0.125, 0.5, 0.375])
    assert Domain((BATCHES,)).weights_N.tolist() == pytest.approx([0.1, 0.3, 0.4, 0.2])
    assert Domain((STEPS,)).weights_N.tolist() == pytest.approx([0.125, 0.25, 0.25, 0.25, 0.125])


@pytest.mark.parametrize("axis", OF_FIVE, ids=lambda axis: axis.scale)
@given(curves_of(5))
def test_mean_is_scipys_trapezoid_on_every_scale(axis, curve):
    expected = integrate.trapezoid(curve, positions(axis)) / np.ptp(positions(axis))
    assert curve @ Domain((axis,)).weights_N == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=8, unique=True).map(sorted))
def test_weights_do_not_depend_on_the_logarithms_base(values):
    octaves = Domain((Axis(name="batch_size", values=tuple(values)),))
    decades = Domain((Axis(name="optimizer.weight_decay", values=tuple(map(float, values))),))
    assert (octaves.unit, decades.unit) == ("octaves", "decades")
    assert octaves.weights_N == pytest.approx(decades.weights_N, abs=1e-12)
    assert octaves.extent * np.log10(2) == pytest.approx(decades.extent)


def test_mean_of_one_value_is_that_value():
    one = Domain((Axis(name="learning_rate", values=(0.01,)),))
    assert one.weights_N.tolist() == [1.0]
    assert one.extent == 0


def test_units_and_extents():
    said = {axis.name: (Domain((axis,)).unit, Domain((axis,)).extent) for axis in (RATES, BATCHES)}
    assert said == {"learning_rate": ("decades", 2.0), "batch_size": ("octaves", 5.0)}
    assert Domain((BETAS,)).extent == pytest.approx(4)
    assert (Domain((STEPS,)).unit, Domain((STEPS,)).extent) == ("steps between values", 4.0)
    assert Domain((SHARES,)).unit == "units"
    assert (AREA.unit, AREA.extent) == ("octaves × decades", 10.0)


def test_robust_range_by_hand():
    peak, domain = np.array([0.90, 0.94, 0.90]), Domain((RATES,))
    lengths = domain.extent_above(np.broadcast_to(peak, (4, 3)), np.array([0.92, 0.93, 0.95, 0.9]))
    assert lengths == pytest.approx([1.0, 0.5, 0.0, 2.0])


def test_robust_range_adds_up_all_pieces():
    valley, domain = np.array([0.94, 0.90, 0.94]), Domain((RATES,))
    assert domain.extent_above(valley, np.array(0.92)) == pytest.approx(1.0)
    pieces = domain.pieces_above(valley, 0.92)
    assert pieces == (pytest.approx((0.01, 10**-1.5)), pytest.approx((10**-0.5, 1.0)))


def test_robust_range_is_open_where_it_touches_an_end():
    accuracy = np.array([[0.9, 0.94, 0.9], [0.94, 0.9, 0.9], [0.9, 0.9, 0.93]])
    touches = Domain((RATES,)).touches_edge(accuracy, np.full(3, 0.93))
    assert touches.tolist() == [False, True, True]


@pytest.mark.parametrize("axis", OF_FIVE, ids=lambda axis: axis.scale)
@given(curves_of(5), THOUSANDTHS)
def test_robust_range_is_that_of_a_fine_grid(axis, curve, threshold):
    first, last = positions(axis)[[0, -1]]
    fine = np.linspace(first, last, 20001)
    share = np.mean(np.interp(fine, positions(axis), curve) >= threshold - 1e-9)
    length = Domain((axis,)).extent_above(curve, np.array(threshold))
    assert length == pytest.approx(share * np.ptp(positions(axis)), rel=2e-3, abs=2e-3)


@pytest.mark.parametrize("axis", OF_FIVE, ids=lambda axis: axis.scale)
@given(curves_of(5), THOUSANDTHS)
def test_pieces_have_the_length_of_the_range(axis, curve, threshold):
    domain = Domain((axis,))
    pieces = domain.pieces_above(curve, threshold)
    length = sum(float(np.ptp(axis.position(piece))) for piece in pieces)
    expected = domain.extent_above(curve, np.array(threshold))
    assert length == pytest.approx(expected, rel=1e-4, abs=1e-4)


def reference_surface(surface, count: int = 60):
    """The surface on a fine grid of every cell: SciPy on the cell's corners and its middle."""
    x_I, y_J = positions(BATCHES), positions(RATES)
    middles = (np.arange(count) + 0.5) / count
    values, areas = [], []
    for i in range(len(x_I) - 1):
        for j in range(len(y_J) - 1):
            x, y = x_I[[i, i + 1]], y_J[[j, j + 1]]
            corners = [(a, b) for a in x for b in y] + [(x.mean(), y.mean())]
            heights = surface[i : i + 2, j : j + 2].ravel()
            plane = LinearNDInterpolator(corners, [*heights, heights.mean()], rescale=True)
            inside = np.meshgrid(x[0] + middles * np.ptp(x), y[0] + middles * np.ptp(y))
            values.append(plane(*inside))
            areas.append(np.full((count, count), np.ptp(x) * np.ptp(y) / count**2))
    return np.stack(values), np.stack(areas)


@settings(max_examples=20, deadline=None)
@given(curves_of(4, 3), THOUSANDTHS)
def test_mean_and_region_of_two_axes_are_those_of_numeric_integration(surface, threshold):
    values, areas = reference_surface(surface)
    mean = surface.ravel() @ AREA.weights_N
    assert mean == pytest.approx(np.sum(values * areas) / AREA.extent, abs=1e-3)
    area = AREA.extent_above(surface.ravel(), np.array(threshold))
    # A cell's middle and edges may lie at the threshold: up to a row of the fine grid is unsure.
    clear = np.abs(values - threshold) > 1e-6
    above = np.sum(areas * (values > threshold) * clear)
    unclear = np.sum(areas * ~clear)
    assert above - 0.05 <= area <= above + unclear + 0.05


@given(curves_of(4), THOUSANDTHS)
def test_surface_that_follows_one_axis_has_that_axis_lengths(curve, threshold):
    surface = np.repeat(curve, 3)
    level = np.array(threshold)
    length = Domain((BATCHES,)).extent_above(curve, level)
    assert AREA.extent_above(surface, level) == pytest.approx(2 * length, abs=1e-6)
    assert surface @ AREA.weights_N == pytest.approx(curve @ Domain((BATCHES,)).weights_N)


@given(curves_of(4, 3), THOUSANDTHS)
def test_order_and_direction_of_the_axes_change_nothing(surface, threshold):
    level = np.array(threshold)
    expected = AREA.extent_above(surface.ravel(), level)
    turned = Domain((RATES, BATCHES)).extent_above(surface.T.ravel(), level)
    assert turned == pytest.approx(expected, abs=1e-9)
    mirrored = AREA.extent_above(surface[:, ::-1].ravel(), level)
    assert mirrored == pytest.approx(expected, abs=1e-9)


@given(curves_of(4, 3), THOUSANDTHS, THOUSANDTHS)
def test_region_shrinks_from_all_to_nothing_as_the_threshold_rises(surface, one, other):
    low, high = sorted((one, other))
    flat = surface.ravel()
    large, small = (AREA.extent_above(flat, np.array(level)) for level in (low, high))
    assert small <= large + 1e-9
    assert AREA.extent_above(flat, np.array(flat.min())) == pytest.approx(AREA.extent)
    assert AREA.extent_above(flat, np.array(flat.max() + 0.01)) == 0


@given(curves_of(3), THOUSANDTHS)
def test_axis_of_one_value_takes_no_space(curve, threshold):
    level = np.array(threshold)
    one = Axis(name="batch_size", values=(64,))
    for axes in ((one, RATES), (RATES, one)):
        domain = Domain(axes)
        assert domain.unit == "decades"
        assert domain.extent == 2
        assert not domain.is_area
        range_alone = Domain((RATES,))
        assert domain.extent_above(curve, level) == range_alone.extent_above(curve, level)
        assert domain.touches_edge(curve, level) == range_alone.touches_edge(curve, level)
        assert domain.pieces_above(curve, threshold) == range_alone.pieces_above(curve, threshold)
        assert domain.weights_N.tolist() == range_alone.weights_N.tolist()


def test_region_is_open_where_it_touches_an_edge():
    inside = np.full((4, 3), 0.5)
    inside[1, 1] = 0.9
    for place, touches in (((1, 1), False), ((1, 0), True), ((0, 1), True), ((3, 2), True)):
        surface = np.full((4, 3), 0.5)
        surface[place] = 0.9
        assert AREA.touches_edge(surface.ravel(), np.array(0.8)) == touches
    assert AREA.pieces_above(inside.ravel(), 0.8) == ()


def test_share_of_a_triangle_by_hand():
    low, middle, high = (np.array(value) for value in (0.0, 0.5, 1.0))
    levels = np.array([0, 0.25, 0.5, 0.75, 1.1])
    shares = share_of_triangle(high, low, middle, levels)
    assert shares == pytest.approx([1, 0.875, 0.5, 0.125, 0], abs=1e-6)


@pytest.mark.parametrize("leading", [(), (2,), (5, 2)])
def test_leading_axes_are_kept(leading):
    surfaces = np.random.default_rng(1).random((*leading, 12))
    areas = AREA.extent_above(surfaces, np.full(leading, 0.5))
    assert areas.shape == leading
    assert AREA.touches_edge(surfaces, np.full(leading, 0.5)).shape == leading
    for at in np.ndindex(*leading):
        assert areas[at] == AREA.extent_above(surfaces[at], np.array(0.5))
