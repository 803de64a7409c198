import json

import numpy as np
import pytest

from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.faces import read_landmarks, save_landmarks
from icaedit.faces.landmark_file import check_landmarks

FIVE = np.array([(203, 102), (246, 103), (223, 130.5), (201, 140), (246, 141)], float)
MANY = np.random.default_rng(0).normal(100, 20, (68, 2))


def lines(points, heading="", face=None):
    start = "" if face is None else f"{face},"
    return heading + "".join(f"{start}{x!r},{y!r}\n" for x, y in points.tolist())


def written(folder, content, name="points.json"):
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("points", [FIVE, MANY], ids=["5", "68"])
@pytest.mark.parametrize("heading", ["", "x,y\n", "\ufeffx,y\n"])
def test_csv_has_a_line_for_each_point(tmp_path, points, heading):
    (face,) = read_landmarks(written(tmp_path, lines(points, heading), "points.CSV"))
    assert np.array_equal(face, points)


def test_csv_with_a_column_for_the_face_holds_several(tmp_path):
    text = lines(FIVE, "face,x,y\n", 1) + "\n" + lines(MANY, face=2)
    first, second = read_landmarks(written(tmp_path, text, "points.csv"))
    assert np.array_equal(first, FIVE)
    assert np.array_equal(second, MANY)


@pytest.mark.parametrize(
    "content",
    [
        FIVE.tolist(),
        {"landmarks": FIVE.tolist()},
        {"faces": [FIVE.tolist()]},
        [{"landmarks": FIVE.tolist()}],
        dict(
            zip(
                ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right"),
                FIVE.tolist(),
                strict=True,
            )
        ),
    ],
)
def test_json_may_hold_one_face_in_several_forms(tmp_path, content):
    (face,) = read_landmarks(written(tmp_path, content))
    assert np.array_equal(face, FIVE)


def test_what_is_saved_is_read_again(tmp_path):
    save_landmarks(tmp_path / "points.json", [FIVE, MANY])
    first, second = read_landmarks(tmp_path / "points.json")
    assert np.array_equal(first, FIVE)
    assert np.array_equal(second, MANY)


@pytest.mark.parametrize(
    "content",
    [
        "", "no json", "[]", "3", "null", "[1, 2]", "{}", '{"landmarks": 3}', "[[1, 2], [3]]",
        '{"left_eye": [1, 2]}', "[[1, 2], [3, 4]]", "[" * 5000,
        json.dumps([[1, float("nan")]] * 5),
        json.dumps({"format": "icaedit.landmarks", "version": 2, "faces": [FIVE.tolist()]}),
        json.dumps({"format": "icaedit.landmarks", "version": 1}),
    ],
)  # fmt: skip
def test_json_of_something_else_is_refused_by_name(tmp_path, content):
    with pytest.raises(FormatError, match="points.json.*5 .*or 68 points"):
        read_landmarks(written(tmp_path, content))


@pytest.mark.parametrize(
    "content", ["", "x,y\n", "1,2\n" * 4, "1,2,3,4\n" * 5, "1\n" * 5, "1,a\n" * 5, "1,inf\n" * 5]
)
def test_csv_of_something_else_is_refused_by_name(tmp_path, content):
    with pytest.raises(FormatError, match="points.csv.*5 .*or 68 points"):
        read_landmarks(written(tmp_path, content, "points.csv"))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "points.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(FormatError, match="points.csv"):
        read_landmarks(tmp_path / "points.csv")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileAccessError, match="gone.csv"):
        read_landmarks(tmp_path / "gone.csv")


def test_faces_of_five_and_of_many_points_may_come_together():
    assert [len(face) for face in check_landmarks([FIVE, MANY])] == [5, 68]


@pytest.mark.parametrize("landmarks", [3, "eyes", np.zeros((4, 2)), np.zeros((2, 5, 3)), [[]], []])
def test_other_shapes_are_refused(landmarks):
    with pytest.raises(InputError, match="landmarks of shape"):
        check_landmarks(landmarks)
