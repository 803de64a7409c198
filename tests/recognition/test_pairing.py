from pathlib import Path

import numpy as np
import pytest

from icaedit.artifacts import IndexMask, LatentSet
from icaedit.datasets import Record
from icaedit.errors import InputError, ModelMismatchError
from icaedit.recognition import match_latents


def record(name, digest=""):
    return Record(Path("/d") / name, name, "F01", "sad", digest=digest)


def latent_set(paths, digests=None, values=None, model="m"):
    codes = np.arange(len(paths), dtype=np.float32)[:, None, None] * np.ones((1, 2, 3), np.float32)
    codes = codes if values is None else values
    labels = ["sad"] * len(paths)
    return LatentSet(codes, labels, emotion=labels, paths=paths, digests=digests,
                     model_fingerprint=model)  # fmt: skip


def rows(found):
    return found[:, 0, 0].tolist()


def test_latents_come_in_the_order_of_the_pictures():
    stored = latent_set(["a.png", "b.png", "c.png"])
    assert rows(match_latents([record("c.png"), record("a.png")], stored)) == [2, 0]


def test_the_content_of_a_file_counts_more_than_its_name():
    stored = latent_set(["a.png", "b.png"], digests=["11", "22"])
    assert rows(match_latents([record("moved/a.png", "22")], stored)) == [1]
    with pytest.raises(InputError, match="got no latents of a.png among 2"):
        match_latents([record("a.png", "33")], stored)
    assert rows(match_latents([record("b.png")], stored)) == [1]


def test_pictures_without_latents_are_named_and_counted():
    with pytest.raises(InputError, match="got no latents of x.png and 1 more among 1, .*; encode"):
        match_latents([record("x.png"), record("a.png"), record("y.png")], latent_set(["a.png"]))


def test_two_codes_of_a_picture_must_agree():
    values = np.ones((2, 2, 3), np.float32)
    assert match_latents([record("a.png")], latent_set(["a.png"] * 2, values=values)).shape[0] == 1
    with pytest.raises(InputError, match="got latents of a.png that .* differ between its 2 rows"):
        match_latents([record("a.png")], latent_set(["a.png"] * 2))


def test_codes_that_are_not_finite_are_refused():
    values = np.full((1, 2, 3), np.nan, np.float32)
    with pytest.raises(InputError, match="got latents of a.png that are not finite"):
        match_latents([record("a.png")], latent_set(["a.png"], values=values))


def test_no_pictures_have_no_latents():
    assert match_latents([], latent_set(["a.png"])).shape == (0, 2, 3)


@pytest.mark.parametrize(
    ("shape", "model", "message"),
    [((2, 3), "n", "got a mask for model n and latents of model m"),
     ((3, 2), "m", r"got a mask of shape \(3, 2\) and latents of shape \(2, 3\)")],
)  # fmt: skip
def test_the_mask_of_another_model_or_shape_is_refused(shape, model, message):
    mask = IndexMask(shape, {"sad": [1]}, model=model, rule="two-sided", threshold="mean")
    with pytest.raises(ModelMismatchError, match=message):
        match_latents([record("a.png")], latent_set(["a.png"]), mask=mask)


def test_a_mask_that_does_not_name_its_model_is_taken_by_its_shape():
    mask = IndexMask((2, 3), {"sad": [1]}, model="", rule="two-sided", threshold="mean")
    assert match_latents([record("a.png")], latent_set(["a.png"]), mask=mask).shape == (1, 2, 3)
