import numpy as np
import pytest

from icaedit.portraits import IDENTITY, portraits_of, render, sample_identities
from icaedit.portraits.styles import HAIR_STYLES
from icaedit.schema import EMOTIONS

HAIR = (
    "hair_length", "hair_volume", "hair_line", "hair_wave", "fringe",
    "hair_curl", "hair_tied", "hair_recede", "hair_lift",
)  # fmt: skip


def person(seed=3, **changes):
    plain = {"glasses": 0.0, "beard": 0.0, "moustache": 0.0, "stubble": 0.0, "skin_tone": 0.2}
    base = portraits_of(sample_identities(1, random_state=seed), ["neutral"], noise=0.0)
    return base.replace({**plain, **changes})


def gap(before, after):
    return np.abs(before.astype(int) - after.astype(int)).max(2)


@pytest.fixture(scope="module")
def crowd():
    people = sample_identities(4000, random_state=11)
    return {name: people[:, i] for i, name in enumerate(IDENTITY)}


def test_a_fifth_of_the_people_wear_glasses_and_the_others_none(crowd):
    assert set(crowd["glasses"]) == {0.0, 1.0}
    assert abs(crowd["glasses"].mean() - 0.20) < 0.03


def test_two_men_in_five_grow_a_beard_or_a_moustache_and_no_woman_does(crowd):
    grown = (crowd["beard"] > 0) | (crowd["moustache"] > 0)
    men = crowd["sex"] > 0
    assert abs(grown[men].mean() - 0.40) < 0.04
    assert not grown[~men].any()
    assert not crowd["stubble"][~men].any()


def test_few_are_bald_and_all_of_them_men(crowd):
    bald = crowd["hair_recede"] > 0.72
    men = crowd["sex"] > 0
    assert 0.02 < bald[men].mean() < 0.10
    assert not bald[~men].any()


def test_every_hair_style_is_worn_and_stays_within_its_recipe(crowd):
    hair = np.stack([crowd[name] for name in HAIR], axis=1)
    for style, (_, _, recipe) in HAIR_STYLES.items():
        fits = np.ones(len(hair), bool)
        for name, (mean, half) in recipe.items():
            fits &= np.abs(hair[:, HAIR.index(name)] - mean) <= half + 1e-9
        assert fits.sum() > 20, style


def test_styles_are_worn_as_often_by_each_sex_as_the_table_says(crowd):
    women = crowd["sex"] < 0
    tied = crowd["hair_tied"] > 0.5
    assert abs(tied[women].mean() - HAIR_STYLES["tied"][0]) < 0.03
    assert abs(tied[~women].mean() - HAIR_STYLES["tied"][1]) < 0.02


def test_dark_skin_goes_with_dark_hair(crowd):
    dark = crowd["skin_tone"] > 0.75
    assert crowd["hair_colour"][dark].mean() < 0.5 * crowd["hair_colour"][~dark].mean()


def test_the_weights_of_the_styles_sum_to_one():
    for sex in (0, 1):
        assert sum(style[sex] for style in HAIR_STYLES.values()) == pytest.approx(1.0)


def test_glasses_change_the_region_of_the_eyes_only():
    rows = np.flatnonzero(
        gap(
            render(person(), size=64).images[0], render(person(glasses=1.0), size=64).images[0]
        ).max(1)
        > 8
    )
    assert 20 < rows.min()
    assert rows.max() < 42


def test_without_glasses_their_shape_does_not_matter():
    plain = render(person(), size=48).images
    other = person(glasses_round=1.0, glasses_weight=1.0)
    np.testing.assert_array_equal(plain, render(other, size=48).images)


def test_who_else_is_in_the_batch_does_not_decide_who_wears_glasses_or_beards():
    both = np.concatenate([person().values, person(glasses=1.0, beard=0.9).values])
    together = render(type(person())(both), size=48, batch_size=2).images
    for i, row in enumerate(both):
        alone = render(type(person())(row[None]), size=48).images[0]
        assert gap(together[i], alone).max() <= 1


@pytest.mark.parametrize(("name", "top", "bottom"), [("beard", 0.5, 1.0), ("moustache", 0.6, 0.78)])
def test_beard_and_moustache_grow_on_the_lower_face_only(name, top, bottom):
    change = gap(
        render(person(hair_colour=0.1), size=64).images[0],
        render(person(hair_colour=0.1, **{name: 1.0}), size=64).images[0],
    )
    rows = np.flatnonzero(change.max(1) > 12) / 64
    assert len(rows) > 3
    assert top < rows.min()
    assert rows.max() < bottom


def test_a_beard_leaves_the_lips_bare():
    bare, bearded = person(hair_colour=0.1), person(hair_colour=0.1, beard=1.0, moustache=1.0)
    change = gap(render(bare, size=64).images[0], render(bearded, size=64).images[0])
    # The lower lip, just below the seam, against the jaw.
    assert change[57, 28:36].max() > 30
    assert change[48, 31:33].max() < 0.5 * change[57, 28:36].max()


def test_curls_stand_out_from_the_head():
    plain = person(hair_length=0.1, hair_tied=0.0, hair_recede=0.0, hair_curl=0.0, hair_volume=0.1)
    curly = plain.replace({"hair_curl": 1.0})
    wall = render(plain.replace({"hair_volume": 0.0}), size=64).images[0]
    grown = [(gap(render(p, size=64).images[0], wall)[:28] > 24).sum() for p in (plain, curly)]
    assert grown[1] > 1.5 * grown[0]


def test_a_tail_hangs_on_the_side_of_the_part():
    bare = person(hair_length=0.1, hair_tied=0.0, hair_part=0.8)
    for part, side in ((0.8, slice(32, 64)), (-0.8, slice(0, 32))):
        tied = bare.replace({"hair_tied": 1.0, "hair_part": part})
        loose = bare.replace({"hair_part": part})
        change = gap(render(tied, size=64).images[0], render(loose, size=64).images[0])[50:] > 24
        assert change[:, side].sum() > 30
        assert change.sum() == change[:, side].sum()


def test_a_bald_head_shows_its_skin():
    short = {"hair_length": 0.1, "hair_tied": 0.0, "fringe": 0.0, "hair_lift": 0.0}
    faces = {
        name: render(person(**short, **change), size=64).face[0].astype(float).mean()
        for name, change in {
            "plain": {"hair_curl": 0.0, "hair_recede": 0.0},
            "bald": {"hair_curl": 0.0, "hair_recede": 1.0},
        }.items()
    }
    assert faces["bald"] > 1.1 * faces["plain"]


def test_the_face_window_holds_the_features_and_neither_hair_nor_wall():
    rendering = render(person(hair_length=0.9, hair_tied=0.0, hair_recede=0.0), size=64)
    face, features = rendering.face[0], rendering.features[0]
    assert face.shape == (64, 64)
    assert face.dtype == np.uint8
    assert face[40, 32] == 255
    assert face[:8].max() < 30
    assert face[:, :6].max() == 0
    eyes_and_mouth = features > 200
    assert (face[eyes_and_mouth] > 200).mean() > 0.9


def test_a_lowered_jaw_lengthens_the_face_window():
    closed = render(person(), size=64).face[0].astype(float).sum()
    assert render(person(AU26=1.0), size=64).face[0].astype(float).sum() > 1.03 * closed


def test_greying_comes_with_age_and_so_do_lines():
    young, old = (
        render(person(age=age, hair_colour=0.0), size=64).images[0].astype(int)
        for age in (0.05, 0.70)
    )
    assert old[8, 32].mean() > young[8, 32].mean() + 40
    assert old[40:46, 22:42].mean() < young[40:46, 22:42].mean()


def test_every_expression_is_told_apart_inside_the_feature_window():
    people = np.repeat(sample_identities(6, random_state=8), 7, axis=0)
    rendering = render(portraits_of(people, list(EMOTIONS) * 6, noise=0.0), size=64)
    images = rendering.images.reshape(6, 7, 64, 64, 3).astype(float)
    window = rendering.features.reshape(6, 7, 64, 64).max(1) > 128
    for shown, where in zip(images, window, strict=True):
        gaps = np.abs(shown[:, None] - shown[None]).mean(4)[:, :, where].mean(2)
        assert gaps[~np.eye(7, dtype=bool)].min() > 3
