"""What a warm-up's start is to a trial's definition."""

import pytest

from sweep.study import Optimizer, Study, Warmup


def definition(warmup: Warmup) -> dict:
    return Optimizer(label="w", algorithm="adam", warmup=warmup).definition()


@pytest.mark.parametrize(
    ("warmup", "said"),
    [
        (Warmup(), {}),
        (Warmup(share=0.5), {"share": 0.5}),
        (Warmup(steps=9), {"steps": 9}),
        (Warmup(steps=9, share=0.5), {"steps": 9}),
    ],
)
def test_without_a_start_it_is_as_before_there_were_any(warmup, said):
    assert definition(warmup) == {"algorithm": "adam", "warmup": said}
    assert "start" not in warmup.model_dump(mode="json")


def test_a_start_is_said():
    assert definition(Warmup(steps=9, start=1e-6))["warmup"] == {"steps": 9, "start": 1e-6}
    assert definition(Warmup(start=1e-6))["warmup"] == {"start": 1e-6}


def test_a_swept_length_keeps_the_start():
    study = Study(
        name="s",
        question="?",
        optimizers=[Optimizer(label="w", algorithm="adam", warmup=Warmup(steps=5, start=1e-6))],
        axes=[{"name": "warmup.steps", "values": (10, 20)}],
        base={"learning_rate": 0.1},
        seeds=1,
    )
    (optimizer,) = study.optimizers
    warmups = [study.config(optimizer, point).optimizer.warmup for point in study.points(optimizer)]
    assert warmups == [Warmup(steps=steps, start=1e-6) for steps in (10, 20)]
    assert Study.stored(study.model_dump(mode="json")) == study
