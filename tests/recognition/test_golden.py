"""The public layouts load key for key and compute what their reference implementations did."""

import pytest
import torch

from icaedit.errors import InputError
from icaedit.recognition import load_backbone


def compared(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module", params=["dan", "dacl", "rul"])
def loaded(request, cases, tmp_path_factory):
    """Return a backbone loaded from its public checkpoint, and its case."""
    case = cases[request.param]
    path = tmp_path_factory.mktemp("golden") / "network.pth"
    torch.save(case.tree(), path)
    return load_backbone(request.param, path, training_parts=request.param == "rul"), case


def test_features_and_scores_are_those_of_the_reference(loaded):
    backbone, case = loaded
    with torch.inference_mode():
        features, logits = backbone.features(case.x), backbone.logits(case.x)
    expected = case.expected.get("features")
    if expected is None:
        expected = case.expected["heads"].sum(1)
    compared(features, expected)
    compared(logits, case.expected["logits"])
    assert features.shape == (2, backbone.n_features)


def test_what_the_losses_need_is_that_of_the_reference(loaded):
    backbone, case = loaded
    if case.kind == "dacl":
        with pytest.raises(InputError, match="training_parts=True"):
            backbone(case.x)
        return  # the attention, of 92 million weights, has a slow test of its own
    with torch.inference_mode():
        out = backbone(case.x)
    if case.kind == "dan":
        compared(out.heads, case.expected["heads"])
        compared(out.maps.mean((2, 3)), case.expected["feature_map_mean"])
    else:
        compared(out.log_var, case.expected["log_var"])
    compared(out.logits, case.expected["logits"])


@pytest.mark.slow
def test_the_attention_of_dacl_is_that_of_the_reference(case_of, save):
    case = case_of("dacl")
    backbone = load_backbone("dacl", save(case.tree()), training_parts=True)
    with torch.inference_mode():
        out = backbone(case.x)
    compared(out.attention, case.expected["attention"])
    compared(out.features, case.expected["features"])
    compared(out.logits, case.expected["logits"])


def test_networks_have_as_many_weights_as_those_published(loaded):
    backbone, case = loaded
    published = {"dan": 19_723_733, "rul": 14_388_160 + 455, "dacl": 11_176_512 + 3_591}
    found = sum(weights.numel() for weights in backbone.parameters())
    assert found == published[case.kind]
