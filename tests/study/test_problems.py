"""What is wrong with the fields of a study, as its writer reads it."""

import pytest

from sweep.errors import StudyError
from sweep.study import catalog

START = "from sweep import Study\nstudy = Study(name='mine', question='?', learning_rates=[0.1], "


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("seeds=1, optimizers=['adma']", "no optimizer 'adma'; did you mean adam?"),
        ("seeds=1, optimizers=['adam'], epoch=3", "epoch: no such field; did you mean epochs?"),
        (
            "seeds=1, optimizers=['adam'], pictures={'split': 'givn'}",
            "pictures.split = 'givn': it should be 'by-seed', 'own' or 'given'; "
            "did you mean given?",
        ),
        (
            "seeds=1, optimizers=['adam'], model={'backbone': 'vgg61'}",
            "model.backbone: no backbone 'vgg61'; did you mean vgg16? (known: vgg16, vgg19,",
        ),
        ("optimizers=['adam']", "seeds: it is missing"),
        ("seeds=1, optimizers=['adam'], epochs=0", "epochs = 0: it should be at least 1"),
    ],
)
def test_one_wrong_field_is_told_in_one_line(fields, words, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(f"{START}{fields})")
    with pytest.raises(StudyError) as caught:
        catalog.load(str(path))
    assert caught.value.wrong.startswith(f"{path} is wrong: ")
    assert words in caught.value.wrong
    assert "\n" not in caught.value.wrong
    assert caught.value.remedy == "Correct what is named here."


def test_several_wrong_fields_have_a_line_each(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(f"{START}seeds=1, optimizers=['adam'], epochs=0, batch_sise=8)")
    with pytest.raises(StudyError) as caught:
        catalog.load(str(path))
    assert caught.value.wrong.splitlines() == [
        f"{path} is wrong:",
        "    epochs = 0: it should be at least 1",
        "    batch_sise: no such field; did you mean batch_size?",
    ]
