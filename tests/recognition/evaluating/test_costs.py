import csv
import io

import numpy as np
import pytest
import torch
from torch import nn

from icaedit.errors import InputError
from icaedit.recognition import FusionClassifier, Normalisation, load_backbone
from icaedit.recognition.evaluating.cost_tables import costs_csv, costs_markdown
from icaedit.recognition.evaluating.costs import Cost, Costs, Part, measure_costs, recogniser_parts


@pytest.fixture
def classifier():
    """12 features and 5 kept coordinates to 3 hidden units to 7 emotions."""
    network = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 7))
    half = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), size=16)
    backbone = load_backbone(network, feature_layer="1", normalisation=half, labels="fer2013")
    mask = np.zeros((4, 8), bool)
    mask[1, :5] = True
    return FusionClassifier(backbone, mask, hidden=3)


class Encoder(nn.Module):
    def __init__(self, n_layers=4):
        super().__init__()
        self.layer = nn.Linear(3, 8 * n_layers)

    def forward(self, x):
        return self.layer(x.mean((2, 3))).unflatten(1, (-1, 8))


def sizes(parts):
    costs = measure_costs(parts, repeats=1, warm_up=0)
    return {row.name: row.n_weights for row in costs.rows}


def test_a_classifier_has_a_backbone_a_head_and_with_an_encoder_three_parts(classifier):
    parts = recogniser_parts(classifier, encoder=Encoder(), encoder_size=32, name="own")
    found = sizes(parts)
    backbone = 12 * 7 + 7
    # two norms with mean, variance and count; (12 + 5) * 3 + 3; 3 * 7 + 7
    head = 2 * 12 + 1 + 2 * 5 + 1 + 54 + 28
    encoder = 3 * 32 + 32
    kept = 5  # the mask, which the classifier holds itself
    assert found == {
        "own": backbone,
        "head of own": head,
        "own + latents": backbone + head + kept,
        "encoder": encoder,
        "own + latents + encoder": backbone + head + kept + encoder,
    }


def test_the_parts_compute_what_the_classifier_does(classifier):
    classifier.eval()
    encoder = Encoder().eval()
    parts = recogniser_parts(classifier, encoder=encoder, encoder_size=32, n_pictures=3, name="own")
    noise = np.random.default_rng(0).integers(0, 256, (3, 256, 256, 3), dtype=np.uint8)
    x = classifier.backbone.normalise(noise)
    zeros = torch.zeros(3, 4, 8)
    made = encoder(torch.zeros(3, 3, 32, 32))
    expected = {
        "own": classifier.backbone.logits(x),
        "head of own": classifier(x, zeros),
        "own + latents": classifier(x, zeros),
        "encoder": made,
        "own + latents + encoder": classifier(x, made),
    }
    for name, part in parts.items():
        torch.testing.assert_close(part.run(), expected[name], msg=name)


def test_a_backbone_alone_is_one_part(classifier):
    assert list(recogniser_parts(classifier.backbone, name="own")) == ["own"]
    features_only = FusionClassifier(classifier.backbone, None)
    assert list(recogniser_parts(features_only, name="own")) == ["own"]
    with pytest.raises(InputError, match="takes no latents"):
        recogniser_parts(classifier.backbone, encoder=Encoder())
    with pytest.raises(InputError, match=r"shape \(1, 5, 8\) from the encoder"):
        recogniser_parts(classifier, encoder=Encoder(5))


def test_parts_take_turns_and_the_first_rounds_do_not_count(monkeypatch):
    # a clock on which the n-th call takes n seconds
    calls, clock = [], iter(range(1000))
    now = [0.0]

    def part(name):
        def run():
            calls.append(name)
            now[0] += next(clock) + 1

        return Part(run, [], n_pictures=2 if name == "b" else 1)

    module = "icaedit.recognition.evaluating.costs.time."
    monkeypatch.setattr(module + "perf_counter", lambda: now[0])
    monkeypatch.setattr(module + "process_time", lambda: 2 * now[0])  # two threads
    seen = []
    costs = measure_costs(
        {"a": part("a"), "b": part("b")},
        repeats=3,
        warm_up=1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert calls == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    first, second = costs.rows
    # a: calls 4, 5, 8; b: 3, 6, 7 for two pictures
    assert (first.minimum, first.median) == (4000, 5000)
    assert (second.minimum, second.median) == (1500, 3000)
    assert (first.processor, second.processor) == (8000, 3000)
    assert (costs.repeats, costs.n_pictures) == (3, 0)


def test_weights_that_are_shared_count_once_and_by_their_type():
    layer = nn.Linear(10, 10, bias=False)
    twice = nn.Sequential(layer, layer)
    half = nn.Linear(10, 10, bias=False).half()
    costs = measure_costs({"both": Part(int, [twice, layer, half])}, repeats=1)
    assert costs.rows[0].n_weights == 200
    assert costs.rows[0].megabytes == pytest.approx((400 + 200) / 1e6)


def test_layers_are_put_back_as_they_were(classifier):
    classifier.train()
    classifier.feature_norm.eval()
    seen = []
    before = [layer.training for layer in classifier.modules()]
    part = Part(lambda: seen.append(classifier.training), [classifier])
    measure_costs({"one": part}, repeats=1, warm_up=0)
    assert seen == [False]
    assert [layer.training for layer in classifier.modules()] == before


def test_machine_and_versions_are_told():
    costs = measure_costs({"nothing": Part(int, [])}, repeats=2)
    assert "thread" in costs.machine
    assert {"python", "torch"} <= set(costs.versions)


def test_tables_hold_every_part_and_what_it_was_measured_on():
    rows = (
        Cost("dan", 21.34, 22.0, 41.5, 78.9, 19_723_733),
        Cost("head", 0.1234, 0.2, 0.1, 0.0052, 1300),
    )
    costs = Costs(rows, 30, 1, "a processor, 2 threads", {"torch": "2.4", "python": "3.11"})
    text = costs_markdown(costs)
    assert text.splitlines()[3] == "| head | 0.123 | 0.2 | 0.1 | 0.0052 | 1,300 |"
    assert "1 in a call, over 30 alternating rounds" in text
    assert "a processor, 2 threads; python 3.11, torch 2.4." in text
    table = list(csv.DictReader(io.StringIO(costs_csv(costs))))
    assert [row["part"] for row in table] == ["dan", "head"]
    assert (table[1]["minimum_ms"], table[1]["numbers"]) == ("0.1234", "1300")
    assert table[0]["processor_ms"] == "41.5"
    assert table[0]["machine"] == "a processor, 2 threads"


def test_nothing_to_measure_is_refused():
    with pytest.raises(InputError, match="got 0 parts"):
        measure_costs({})
    with pytest.raises(InputError, match="0 repeats"):
        measure_costs({"a": Part(int, [])}, repeats=0)
