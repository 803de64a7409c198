"""Settings: what is published, how rates go on, and what is refused."""

from math import isclose

import pytest

from icaedit.errors import InputError
from icaedit.recognition import TrainingSettings, published_settings


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [1, 1, 1, 1]),
        ("exponential", [1, 0.1, 0.01, 0.001]),
        ("step", [1, 1, 0.1, 0.1]),
        ("cosine", [1, 0.853553, 0.5, 0.146447]),
    ],
)
def test_rates_follow_their_schedule(schedule, expected):
    settings = TrainingSettings(epochs=4, schedule=schedule, step_epochs=2, gamma=0.1)
    found = [settings.rate_at(epoch) for epoch in range(4)]
    assert all(isclose(a, b, rel_tol=1e-5) for a, b in zip(found, expected, strict=True))


def test_published_settings_are_those_that_were_published():
    dan, dacl, rul = (published_settings(name) for name in ("dan", "dacl", "rul"))
    assert (dan.batch_size, dan.optimizer, dan.learning_rate, dan.step_epochs) == (
        256, "sgd", 0.1, 10
    )  # fmt: skip
    assert (dacl.epochs, dacl.weight_decay, dacl.centre_learning_rate) == (60, 5e-4, 0.5)
    assert (rul.optimizer, rul.head_learning_rate, rul.schedule) == ("adam", 2e-3, "exponential")
    assert all(settings.own_loss_weight == 1 for settings in (dan, dacl, rul))
    with pytest.raises(InputError, match="expected one of dan, dacl, rul"):
        published_settings("timm:resnet18")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimizer", "lion"), ("schedule", "linear"), ("head", "x"), ("loss", "hinge"),
        ("reading", "before"), ("activation", "tanh"), ("precision", "float16"),
        ("unreadable", "ignore"), ("epochs", 0), ("batch_size", 1), ("patience", 0),
        ("random_state", -1), ("learning_rate", 0), ("learning_rate", float("nan")),
        ("encoder_learning_rate", -1), ("momentum", -0.1), ("own_loss_weight", float("inf")),
        ("validation_share", 0), ("validation_share", 1),
    ],
)  # fmt: skip
def test_values_out_of_range_are_refused_by_their_name(name, value):
    with pytest.raises(InputError, match=name):
        TrainingSettings(**{name: value})
