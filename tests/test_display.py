import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from torch import nn

from icaedit.artifacts import Directions, IndexMask, LatentSet
from icaedit.datasets import Dataset, Problem, Record
from icaedit.display import Shade, html_pictures, html_table
from icaedit.editor import EditResult, GroupResult
from icaedit.faces import PreparedFace
from icaedit.recognition import FusionClassifier, Normalisation, Recogniser, load_backbone
from icaedit.schema import EMOTIONS


def pictures_in(page):
    parts = page.split('src="data:image/png;base64,')[1:]
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(part.split('"')[0]))).convert("RGB"))
        for part in parts
    ]


@pytest.fixture
def result():
    rng = np.random.default_rng(0)
    given, made, edited = rng.integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    latents = np.zeros((4, 8), np.float32)
    return EditResult(edited, given, made, edited, latents, latents, {"happy": 3.0, "sad": 0.0},
                      {}, PreparedFace(given, None))  # fmt: skip


def test_what_stands_in_a_table_is_escaped():
    page = html_table(["<a>"], [["x & y", 3]], caption="1 < 2")
    assert "<p>1 &lt; 2</p>" in page and "<th>&lt;a&gt;</th>" in page and ">x &amp; y<" in page


def test_texts_stand_left_numbers_right_and_shares_are_colour():
    page = html_table(["a", "b", "c"], [["x", 3, Shade(0.4)]])
    assert 'left">x<' in page and 'right">3<' in page
    assert "rgba(0,114,178,0.40)" in page and 'title="40 %"' in page


def test_a_share_beyond_one_is_the_full_colour():
    assert "rgba(0,114,178,1.00)" in html_table([""], [[Shade(7)]])


def test_each_picture_has_its_caption():
    page = html_pictures({"a": b"1", "<b>": b"2"}, width=70)
    assert page.count('width="70"') == 2 and "<figcaption>&lt;b&gt;</figcaption>" in page


def test_an_edit_shows_what_was_given_the_reconstruction_and_the_edit(result):
    page = result._repr_html_()
    shown = pictures_in(page)
    for picture, expected in zip(
        shown, (result.aligned, result.reconstruction, result.edited), strict=True
    ):
        np.testing.assert_array_equal(picture, expected)
    assert "<figcaption>happy +3</figcaption>" in page
    assert repr(result) == "EditResult(happy +3; image 16 x 16 px)"


def test_an_edit_of_a_photo_shows_the_photo_too_but_not_larger_than_fits(result):
    photo = np.zeros((600, 960, 3), np.uint8)
    photo[..., 1] = 77
    whole = EditResult(photo, *list(vars(result).values())[1:])
    shown = pictures_in(whole._repr_html_())
    assert [picture.shape for picture in shown[:3]] == [(16, 16, 3)] * 3
    assert shown[3].shape == (300, 480, 3) and (shown[3] == photo[0, 0]).all()
    group = GroupResult(photo, (whole, whole))
    assert pictures_in(group._repr_html_())[0].shape == (300, 480, 3)
    assert "2 faces edited" in group._repr_html_() and "960 x 600" in repr(group)


def test_an_edit_that_moved_nothing_says_so(result):
    still = EditResult(*list(vars(result).values())[:6], {"happy": 0.0}, {}, result.face)
    assert repr(still) == "EditResult(not moved; image 16 x 16 px)"


def test_latents_show_pictures_and_people_by_emotion():
    latents = LatentSet(
        np.zeros((4, 2, 3)), ["F01", "F01", "F02", "F02"], emotion=["HA", "HA", "HA", "contempt"]
    )
    assert repr(latents) == (
        "LatentSet of 4 pictures, 2 people, 2 emotions: 2 layers x 3 channels, "
        "model not recorded"
    )
    page = latents._repr_html_()
    numbers = "".join(f'<td style="text-align:right">{number}</td>' for number in (3, 2))
    assert f'<td style="text-align:left">happy</td>{numbers}' in page
    assert page.count("<tr>") == 3 and "contempt" in page and "neutral" not in page


def test_directions_show_what_each_layer_keeps():
    pattern = np.array([[[3.0, 0, 0, 4], [0, 0, 0, 0]]], np.float32)
    directions = Directions(["happy"], pattern, masks=pattern != 0, patterns=pattern,
                            posed_strength={"happy": 2.5}, method="pca", threshold="mean",
                            model_fingerprint="a" * 64)  # fmt: skip
    page = directions._repr_html_()
    assert ">25.0%<" in page and ">5.0<" in page and ">2.5<" in page
    assert re.findall('title="(.*?)"', page) == ["50 %", "0 %"]
    assert repr(directions) == (
        "Directions of happy: 2 layers x 4 channels, method pca, threshold mean, "
        f"model {'a' * 12}"
    )


def test_a_dataset_says_what_it_holds_in_one_line(tmp_path):
    record = Record(tmp_path / "a.png", "a.png", "F01", "sad")
    dataset = Dataset(tmp_path, "folders", (record,), (record,) * 2, (Problem("count", "", ""),))
    assert repr(dataset) == (
        "Dataset of 1 picture of 1 person with 1 emotion (layout folders); 2 not used, 1 problem"
    )


def test_a_mask_says_how_many_coordinates_each_emotion_keeps():
    mask = IndexMask((2, 3), {"happy": [0, 4], "sad": [4]}, model="", rule="two-sided",
                     threshold="mean")  # fmt: skip
    assert repr(mask) == "IndexMask of 6 coordinates: happy 2, sad 1; any of them 2"


def test_a_recogniser_says_what_it_reads_by_which_network_and_with_which_latents():
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3), nn.Linear(3, 7))
    half = Normalisation((0.5,) * 3, (0.5,) * 3, size=2)
    alone = load_backbone(network, feature_layer="1", normalisation=half, labels=EMOTIONS)
    read = f"Recogniser of {', '.join(EMOTIONS)}: Sequential"
    assert repr(Recogniser(alone)) == read
    beside = FusionClassifier(alone, np.ones((4, 8), bool))
    assert repr(Recogniser(beside)) == f"{read}, latents (4, 8) beside it"
