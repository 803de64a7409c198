import numpy as np
import pytest

from icaedit.evaluation import draw_faces, kernel_distance, load_judge, measure_realism
from icaedit.models import tiny_model
from icaedit.portraits import render, sample_portraits


@pytest.fixture(scope="module")
def judge():
    return load_judge()


def test_sampled_faces_are_the_codes_of_the_mapping_network_at_every_layer():
    import torch

    model = tiny_model()
    z = np.random.default_rng(5).standard_normal((3, model.z_dim), dtype=np.float32)
    with torch.inference_mode():
        codes = model.generator.mapping(torch.from_numpy(z)).numpy()
    latents = np.stack([codes] * model.n_layers, axis=1)
    np.testing.assert_array_equal(draw_faces(model, 3, random_state=5), model.synthesize(latents))
    assert (draw_faces(model, 3, random_state=6) != draw_faces(model, 3, random_state=5)).any()


def test_distances_are_those_between_the_features_of_the_sets(judge):
    model = tiny_model()
    reference, others = sample_portraits(9, random_state=1), sample_portraits(7, random_state=2)
    seen = []
    found = measure_realism(
        model, judge, (reference, others), batch_size=4, progress=lambda *at: seen.append(at)
    )
    images = [render(portraits, size=16).images for portraits in (reference, others)]
    made = model.synthesize(model.encode(images[1]))
    target = judge.features(images[0])
    assert found.other_renders.mean == pytest.approx(
        kernel_distance(judge.features(images[1]), target).mean, rel=1e-3
    )
    assert found.reconstructions.mean == pytest.approx(
        kernel_distance(judge.features(made), target).mean, rel=1e-3
    )
    assert found.samples.subset_size == 7
    assert seen[-1] == (23, 23)


def test_noise_is_farther_from_renders_than_renders_are(judge):
    portraits = (sample_portraits(60, random_state=1), sample_portraits(60, random_state=2))
    found = measure_realism(tiny_model(), judge, portraits)
    assert found.samples.mean > 3 * abs(found.other_renders.mean)
    assert "96 numbers" in found.features
