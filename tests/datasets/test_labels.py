import pytest

from icaedit.datasets import LABEL_ORDERS, parse_label_order
from icaedit.errors import InputError
from icaedit.schema import EMOTIONS


@pytest.mark.parametrize("name", LABEL_ORDERS)
def test_an_order_names_every_emotion_once(name):
    order = LABEL_ORDERS[name]
    assert len(order) == len(set(order))
    assert set(order) <= {*EMOTIONS, "contempt"}
    assert set(order) >= set(EMOTIONS) - {"neutral"}


@pytest.mark.parametrize(
    ("name", "label", "emotion"),
    [
        ("raf-db", 0, "surprised"),
        ("raf-db", 6, "neutral"),
        ("affectnet-7", 6, "angry"),
        ("affectnet-8", 7, "contempt"),
        ("ck+", 2, "contempt"),
        ("ck+", 7, "surprised"),
        ("ckextended", 6, "neutral"),
        ("fer2013", 4, "sad"),
        ("fer2013-folders", 4, "neutral"),
    ],
)
def test_a_label_stands_for_what_its_data_set_says(name, label, emotion):
    assert LABEL_ORDERS[name][label] == emotion


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ck+48", "anger contempt disgust fear happy sadness surprise"),
        ("fer2013-folders", "angry disgust fear happy neutral sad surprise"),
    ],
)
def test_folders_are_numbered_by_the_alphabet(name, words):
    assert words.split() == sorted(words.split())
    assert parse_label_order(words.split()) == LABEL_ORDERS[name]


def test_an_order_is_parsed_by_its_name_in_any_case_or_by_its_emotions():
    assert parse_label_order(" RAF-DB ") == LABEL_ORDERS["raf-db"]
    assert parse_label_order("HA, fear") == parse_label_order(["happy", "afraid"])


@pytest.mark.parametrize("wrong", ["raf", "happy", [], ["happy", "joy"], "happy,,sad", ["bored"]])
def test_what_is_no_order_is_refused(wrong):
    with pytest.raises(InputError, match="got .*, expected .*; "):
        parse_label_order(wrong)
