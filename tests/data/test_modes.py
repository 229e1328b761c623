"""Every mode that Pillow opens: its full range in 8 bits, or a refusal that says why."""

import io
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from data.picture_folders import encoded, write_folder
from PIL import Image

from sweep.data.decoding import decode, open_rgb
from sweep.data.manifest import Finding, examine
from sweep.data.modes import ModeError, scale_of, to_rgb
from sweep.data.pets.rendered_pets import draw_pet
from sweep.data.pictures import find_pictures
from sweep.data.ranking import Candidate
from sweep.data.sources import Folder
from sweep.study.tasks import Pictures
from sweep.util.progress import silent

PET = Image.fromarray(draw_pet(3))
GREY = PET.convert("L")
GREY_YX = np.asarray(GREY)


def made(mode: str) -> Image.Image:
    """The pet in a mode to which Pillow may convert by way of another only."""
    ways = {"La": ("LA", "La"), "RGBa": ("RGBA", "RGBa"), "PA": ("P", "PA")}
    picture = PET
    for step in ways.get(mode, (mode,)):
        picture = picture.convert(step)
    return picture


def difference(picture: Image.Image, other: Image.Image | np.ndarray) -> float:
    return float(np.abs(np.asarray(picture, int) - np.asarray(other, int)).max())


@pytest.mark.parametrize("mode", ["RGB", "RGBX", "CMYK", "RGBA", "RGBa"])
def test_colours_stay(mode):
    assert difference(to_rgb(made(mode)), PET) == 0


@pytest.mark.parametrize(("mode", "within"), [("YCbCr", 3), ("HSV", 8)])
def test_colours_of_another_space_are_converted(mode, within):
    assert difference(to_rgb(made(mode)), PET) <= within


@pytest.mark.parametrize("mode", ["L", "LA", "La"])
def test_grey_stays(mode):
    assert difference(to_rgb(made(mode)), GREY.convert("RGB")) == 0


@pytest.mark.parametrize("mode", ["P", "PA"])
def test_a_palette_gives_its_colours(mode):
    assert difference(to_rgb(made(mode)), PET.convert("P").convert("RGB")) == 0


def test_one_bit_is_black_and_white():
    assert set(np.unique(np.asarray(to_rgb(made("1"))))) == {0, 255}


@pytest.mark.parametrize("mode", ["LA", "La", "PA", "RGBA", "RGBa"])
def test_transparent_becomes_white(mode):
    clear = made("RGBA")
    clear.putalpha(0)
    steps = {"La": ("LA", "La"), "RGBa": ("RGBa",), "PA": ("PA",), "LA": ("LA",), "RGBA": ()}
    for step in steps[mode]:
        clear = clear.convert(step)
    if mode == "PA":
        clear.putalpha(0)
    assert np.asarray(to_rgb(clear)).min() == 255


@pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B", "I;16N"])
@pytest.mark.parametrize(("bits", "factor"), [(8, 1), (12, 4095 / 255), (16, 257.0)])
def test_integers_of_16_bits_by_their_range(mode, bits, factor):
    full = GREY_YX.copy()
    full[0, 0] = 255
    order = ">u2" if mode == "I;16B" else "<u2"
    values = np.rint(full * factor).astype(order)
    picture = Image.frombytes(mode, (values.shape[1], values.shape[0]), values.tobytes())
    assert difference(to_rgb(picture), Image.fromarray(full).convert("RGB")) <= 1, bits


@pytest.mark.parametrize("factor", [1, 257, 65793, 8_000_000])
def test_integers_of_32_bits_by_their_range(factor):
    values = GREY_YX.astype(np.int32) * factor
    picture = to_rgb(Image.fromarray(values))
    expected = values * (255 / scale_of(values))
    assert np.abs(np.asarray(picture)[..., 0] - expected).max() <= 0.51


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_file_of_16_bits_has_the_pixels_of_8_bits(kind):
    wide = Image.fromarray(GREY_YX.astype(np.uint16) * 257)
    np.testing.assert_array_equal(decode(encoded(wide, kind), 48), decode(encoded(GREY, kind), 48))


def test_unsigned_32_bits_of_a_tiff_are_not_below_zero():
    values = (GREY_YX.astype(np.uint32) * 16_843_009).view(np.int32)
    signed = encoded(Image.fromarray(values), "TIFF")
    sample_format = b"\x53\x01\x03\x00\x01\x00\x00\x00"
    assert signed.count(sample_format + b"\2\0") == 1
    unsigned = signed.replace(sample_format + b"\2\0", sample_format + b"\1\0")
    assert difference(open_rgb(unsigned), GREY.convert("RGB")) <= 1


def test_zero_is_white_in_a_tiff_that_says_so():
    file = io.BytesIO()
    wide = Image.fromarray(65535 - GREY_YX.astype(np.uint16) * 257)
    wide.save(file, "TIFF", tiffinfo={262: 0})
    assert difference(open_rgb(file.getvalue()), GREY.convert("RGB")) <= 1


def test_a_transparent_value_of_16_bits_becomes_white():
    values = GREY_YX.astype(np.uint16) * 257
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG", transparency=int(values[5, 5]))
    assert (np.asarray(open_rgb(file.getvalue()))[5, 5] == 255).all()


def deep_png(values: np.ndarray, colour_type: int) -> bytes:
    """A PNG of 16 bits a channel, which Pillow reads but does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + checksum

    height, width, _ = values.shape
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("colour_type", [2, 4, 6], ids=["colours", "grey, clear", "colours, clear"])
def test_16_bits_a_channel_are_read_or_refused(colour_type):
    channels = {2: 3, 4: 2, 6: 4}[colour_type]
    colours = np.asarray(PET).astype(int)[..., : channels - (channels % 2 == 0)]
    opaque = np.full((*colours.shape[:2], 1), 255)
    values = np.concatenate([colours, opaque], -1)[..., :channels]
    expected = colours if colours.shape[2] == 3 else np.repeat(colours, 3, -1)
    assert difference(open_rgb(deep_png(values * 257, colour_type)), expected) == 0
    values[..., : colours.shape[2]] *= 16
    with pytest.raises(ModeError, match="use the lower ones alone"):
        open_rgb(deep_png(values, colour_type))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "WEBP"])
def test_black_is_no_such_thing(kind):
    black = Image.new("RGB", (16, 16))
    assert difference(open_rgb(encoded(black, kind)), black) == 0


def test_floats_of_0_to_1_have_the_pixels_of_8_bits():
    picture = Image.fromarray((GREY_YX / 255).astype(np.float32))
    assert difference(open_rgb(encoded(picture, "TIFF")), GREY.convert("RGB")) == 0


def test_whole_floats_of_0_to_255_stay():
    assert difference(to_rgb(GREY.convert("F")), GREY.convert("RGB")) == 0


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.0, 3.7], "whose range is not clear: 0 … 3.7"),
        ([0.0, 1000.0], "range is not clear"),
        ([-1.0, 1.0], "below 0"),
        ([0.0, np.nan], "not finite"),
        ([0.0, np.inf], "not finite"),
    ],
)
def test_floats_without_a_clear_range_are_refused(values, words):
    with pytest.raises(ModeError, match=words):
        to_rgb(Image.fromarray(np.array([values], np.float32)))


def test_integers_below_zero_are_refused():
    with pytest.raises(ModeError, match="below 0"):
        to_rgb(Image.fromarray(np.array([[-5, 300]], np.int32)))


def test_other_colours_are_refused():
    with pytest.raises(ModeError, match="colours of the kind LAB"):
        to_rgb(Image.new("LAB", (4, 4)))


def test_refused_pictures_are_skipped_with_the_reason(tmp_path):
    files = {
        f"{name}/{number}.png": encoded(Image.fromarray(draw_pet(10 * label + number)), "PNG")
        for label, name in enumerate(("cats", "dogs"))
        for number in range(6)
    }
    files["cats/heat.tif"] = encoded(Image.fromarray(np.full((9, 9), 3.7, np.float32)), "TIFF")
    files["cats/lab.tif"] = encoded(Image.new("LAB", (4, 4)), "TIFF")
    place = write_folder(tmp_path / "pets", files)
    pictures = find_pictures(Pictures(limit=None), str(place), cache=tmp_path / "cache")
    assert pictures.account.skipped == (
        ("cats/heat.tif", "floating-point values whose range is not clear: 3.7 … 3.7"),
        ("cats/lab.tif", "colours of the kind LAB, which are not converted"),
    )


def test_pictures_that_version_0_1_decoded_otherwise_have_another_hash():
    """So that features of wrong pixels, which may be in the cache, are not taken for them."""

    finding = Finding((1,), content="abc")
    assert Candidate("0.png", finding).decoded_content(upright=False) == "abc"
    scaled = replace(finding, is_scaled=True)
    assert Candidate("0.png", scaled).decoded_content(upright=False) != "abc"


@pytest.mark.parametrize(("mode", "is_scaled"), [("L", False), ("RGB", False), ("I;16", True)])
def test_what_is_scaled_is_known(mode, is_scaled, tmp_path):
    wide = Image.fromarray(GREY_YX.astype(np.uint16) * 257)
    picture = wide if mode == "I;16" else PET.convert(mode)
    place = write_folder(tmp_path / "pets", {"0.png": encoded(picture, "PNG")})
    (finding,) = examine(Folder(place), ["0.png"], tmp_path / "cache", silent).values()
    assert finding.is_scaled == is_scaled
