"""The figure of latents as points."""

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import figure_image, latent_plot

EMOTIONS = ["neutral", "happy", "sad"]


@pytest.fixture
def crowd():
    """Twelve people far apart from each other, who smile and frown in the same two directions."""
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.normal(size=(40, 14)))[0].T
    faces = [
        40 * axes[person + 2] + {"neutral": 0, "happy": 3 * axes[0], "sad": 2 * axes[1]}[emotion]
        for person in range(12)
        for emotion in EMOTIONS
    ]
    people = [f"F{person:02d}" for person in range(12) for _ in EMOTIONS]
    return np.reshape(faces, (-1, 4, 10)), EMOTIONS * 12, people


def places(axes) -> dict[str, np.ndarray]:
    return {group.get_label(): np.asarray(group.get_offsets()) for group in axes.collections}


def test_without_each_person_s_mean_the_faces_of_an_emotion_fall_together(crowd):
    left, right = latent_plot(crowd[0], crowd[1], people=crowd[2]).axes[:2]
    together = places(right)
    assert list(together) == EMOTIONS
    for points in together.values():
        np.testing.assert_allclose(points, points[:1].repeat(12, 0), atol=1e-6)
    # the distances within a person, which two axes hold in full
    for first, second, distance in (("neutral", "happy", 3), ("neutral", "sad", 2)):
        apart = np.linalg.norm(together[first][0] - together[second][0])
        assert apart == pytest.approx(distance, abs=1e-6)
    assert max(np.ptp(points, axis=0).max() for points in places(left).values()) > 10


def test_all_faces_are_centred_and_the_axes_tell_their_share(crowd):
    left, right = latent_plot(crowd[0], crowd[1], people=crowd[2]).axes[:2]
    for axes in (left, right):
        np.testing.assert_allclose(np.concatenate([*places(axes).values()]).mean(0), 0, atol=1e-6)
    # all that is left is in a plane: the two shares are the whole
    shares = [
        int("".join(c for c in label.partition(",")[2] if c.isdigit()))
        for label in (right.get_xlabel(), right.get_ylabel())
    ]
    assert sum(shares) == 100 and shares[0] > shares[1]


def test_of_many_faces_a_thousand_are_drawn(crowd):
    latents = np.random.default_rng(1).normal(size=(3003, 1, 2))
    figure = latent_plot(latents, EMOTIONS * 1001, people=["a"] * 3003)
    drawn = places(figure.axes[0])
    assert sum(map(len, drawn.values())) == 1000
    assert min(map(len, drawn.values())) > 250


def test_the_figure_is_the_same_again_and_not_empty(crowd):
    first, second = (
        figure_image(latent_plot(crowd[0], crowd[1], people=crowd[2])) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert np.ptp(first) > 200


def test_a_single_face_is_refused():
    with pytest.raises(InputError, match="two at least"):
        latent_plot(np.zeros((1, 2, 3)), ["sad"], people=["a"])


def test_numbers_that_disagree_are_refused(crowd):
    with pytest.raises(InputError, match="as many of each"):
        latent_plot(crowd[0], crowd[1][1:], people=crowd[2])
