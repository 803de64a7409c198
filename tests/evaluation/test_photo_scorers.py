import numpy as np
import pytest
import torch

from icaedit.errors import InputError, MissingDependencyError
from icaedit.evaluation import (
    arcface_embedder,
    classifier_scorer,
    dlib_embedder,
    network_reader,
    photo_scorers,
)
from icaedit.portraits import plan_portraits, render


def images(*levels, side=4):
    return np.stack([np.full((side, side, 3), level, np.uint8) for level in levels])


def test_logits_and_probabilities_give_the_same_odds():
    logits = np.array([[2.0, -1.0, 0.5]])
    p = np.exp(logits) / np.exp(logits).sum()
    names = ["NE", "happiness", "fear"]
    by_logits = classifier_scorer(lambda x: logits, names)(images(0))
    by_p = classifier_scorer(lambda x: p, names, outputs="probabilities")(images(0))
    assert by_logits.emotions == ("neutral", "happy", "afraid")
    np.testing.assert_allclose(by_logits.log_odds, np.log(p / (1 - p)))
    np.testing.assert_allclose(by_p.log_odds, by_logits.log_odds)
    assert by_logits.embedding is None


def test_a_classifier_of_other_emotions_is_refused():
    with pytest.raises(InputError, match="each once"):
        classifier_scorer(lambda x: x, ["happy", "joy"])
    with pytest.raises(InputError, match="logits or probabilities"):
        classifier_scorer(lambda x: x, ["happy", "sad"], outputs="softmax")
    scorer = classifier_scorer(lambda x: np.zeros((len(x), 3)), ["happy", "sad"])
    with pytest.raises(InputError, match=r"expected finite ones of shape \(1, 2\)"):
        scorer(images(0))


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4])
def test_pictures_are_normalised_by_colour_and_none_is_lost(batch_size):
    class Means(torch.nn.Module):
        def forward(self, x):
            assert x.shape[1:] == (3, 2, 2)
            return x.mean((2, 3)), "something else"

    read = network_reader(
        Means(), size=2, mean=(0.5, 0.0, 0.0), std=(0.5, 1.0, 2.0), device="cpu",
        batch_size=batch_size,
    )  # fmt: skip
    found = read(images(0, 255, 51))
    np.testing.assert_allclose(found, [[-1, 0, 0], [1, 1, 0.5], [-0.6, 0.2, 0.1]], atol=1e-6)


def test_the_network_is_used_as_trained():
    layer = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.9))
    read = network_reader(layer, size=1, device="cpu")
    np.testing.assert_array_equal(read(images(9)), read(images(9)))


def test_arcface_looks_at_the_face_in_the_middle_of_an_aligned_picture(monkeypatch):
    seen = []

    class Spy(torch.nn.Module):
        def forward(self, x):
            seen.append(x)
            return x.flatten(1)[:, :2]

    monkeypatch.setattr("icaedit.models.arcface.load_arcface", lambda path: Spy())
    picture = np.zeros((1, 256, 256, 3), np.uint8)
    picture[0, 35:223, 32:220] = 255
    arcface_embedder("weights.pth", device="cpu")(picture)
    assert seen[0].shape == (1, 3, 112, 112)
    assert (seen[0] == 1).all()  # the face alone, in [-1, 1]
    small = np.zeros((1, 64, 64, 3), np.uint8)
    small[0, 9:56, 8:55] = 255
    arcface_embedder("weights.pth", device="cpu")(small)
    assert (seen[1] == 1).all()


@pytest.fixture(scope="module")
def people():
    plan = plan_portraits(3, seed=5)
    rows = [7 * person + shot for person in range(3) for shot in (0, 1)]  # neutral and happy
    return render(plan.parameters.rows(rows), size=128).images


def test_dlib_tells_people_apart_whatever_they_show(people):
    pytest.importorskip("dlib")
    if photo_scorers.importlib.util.find_spec("face_recognition_models") is None:
        pytest.skip("face_recognition_models is not installed")
    found = dlib_embedder()(people)
    assert found.shape == (6, 128)
    gaps = np.linalg.norm(found[:, None] - found[None], axis=2)
    same, others = gaps[0, 1], gaps[0, 2:]
    assert same < others.min()
    np.testing.assert_array_equal(dlib_embedder()(people[:1]), found[:1])


def test_dlib_without_its_network_says_what_to_install(monkeypatch):
    pytest.importorskip("dlib")
    monkeypatch.setattr(photo_scorers.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"icaedit\[landmarks\]"):
        dlib_embedder()
