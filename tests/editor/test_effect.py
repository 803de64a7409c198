import numpy as np
import pytest

from icaedit.editor.effect import Agreement, effect_agreement
from icaedit.models import tiny_model


@pytest.fixture
def start(model, face):
    return model.encode(face[None])[0]


@pytest.fixture
def happy(directions):
    return 20 * directions["happy"]


def test_an_edit_agrees_with_itself(model, start, happy):
    found = effect_agreement((model, start), (model, start), happy[None])
    assert found.cosine == pytest.approx(1)
    assert found.ratio == pytest.approx(1)
    assert found.holds


def test_an_edit_of_another_model_does_not_agree(model, start, happy):
    assert not effect_agreement((model, start), (tiny_model(seed=5), start), happy[None]).holds


def test_the_worst_of_several_edits_counts(model, start, directions):
    other = start + 3
    edits = 20 * directions.vectors
    each = [effect_agreement((model, start), (model, other), edit[None]) for edit in edits]
    together = effect_agreement((model, start), (model, other), edits)
    assert together.cosine == min(one.cosine for one in each)
    assert abs(np.log(together.ratio)) == max(abs(np.log(one.ratio)) for one in each)


def test_an_edit_that_changes_nothing_agrees_with_anything(model, start):
    nothing = np.zeros((1, *start.shape), np.float32)
    assert effect_agreement((model, start), (model, start + 5), nothing) == Agreement(1.0, 1.0)


def test_an_effect_that_doubles_has_that_ratio(model, start, happy, monkeypatch):
    pictures = {0: np.zeros((2, 16, 16, 3), np.uint8), 1: np.zeros((2, 16, 16, 3), np.uint8)}
    pictures[0][1], pictures[1][1] = 40, 80
    calls = iter((0, 1))
    monkeypatch.setattr(model, "synthesize", lambda latents: pictures[next(calls)])
    found = effect_agreement((model, start), (model, start), happy[None])
    assert found.ratio == pytest.approx(2)
    assert found.cosine == pytest.approx(1)


@pytest.mark.parametrize(
    ("cosine", "ratio", "holds"),
    [(1, 1, True), (0.5, 2, True), (0.5, 0.5, True), (0.49, 1, False), (1, 2.1, False),
     (1, 0.49, False), (-1, 1, False)],
)  # fmt: skip
def test_an_edit_works_within_bounds(cosine, ratio, holds):
    assert Agreement(cosine, ratio).holds == holds
