"""Photographs on the command line: edit, sweep, align and sketch."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from icaedit.faces import align as align_face
from icaedit.faces import read_landmarks, save_landmarks
from icaedit.images import read_image, save_image

POINTS = np.array([(203, 102), (246, 103), (223, 130), (201, 140), (246, 141)], float)  # by hand
PATCH = POINTS + (-77, 255)  # the second face, where the detector sees one: a sewn badge


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The folder that the commands run in, with a photo and its landmarks."""
    monkeypatch.chdir(tmp_path)
    photo = Image.fromarray(data.astronaut())
    exif = Image.Exif()
    exif[0x010E] = "an astronaut"
    photo.save("photo.png", exif=exif, dpi=(300, 300))
    photo.save("photo.jpg", quality=90, subsampling="4:2:0", exif=exif)
    save_landmarks("points.json", [POINTS])
    save_landmarks("both.json", [POINTS, PATCH])
    return tmp_path


@pytest.fixture
def options(world):
    return (
        "--model", world / "model.safetensors", "--directions", world / "directions.safetensors",
    )  # fmt: skip


@pytest.fixture
def done(run, desk):
    """Run a command that succeeds; return its line on stdout and what it said on stderr."""

    def done(*arguments):
        outcome = run(*arguments)
        assert outcome.code == 0, outcome
        return outcome.out.strip(), outcome.err

    return done


HAPPY = ("--emotion", "happy", "--strength", 15)
FOUND = ("--landmarks", "points.json")


def changed(name, of="photo.png"):
    return (read_image(name) != read_image(of)).any(axis=2)


def inside_square(points=POINTS):
    """Return which pixels of the photo lie in the square of a face, or at its very edge."""
    quad = align_face(data.astronaut(), points).quad
    across, down = quad[3] - quad[0], quad[1] - quad[0]
    y, x = np.mgrid[:512, :512]
    offset = np.stack([x, y], axis=2) - quad[0]
    u, v = (offset @ axis / (axis @ axis) for axis in (across, down))
    return (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)


@pytest.mark.parametrize("blend", ["residual", "replace"])
def test_outside_the_face_a_photo_is_unchanged_byte_for_byte(done, options, blend):
    done("edit", "photo.png", *HAPPY, "-o", "out.png", *FOUND, "--blend", blend, *options)
    assert not changed("out.png")[~inside_square()].any()
    assert changed("out.png")[inside_square()].mean() > 0.3


@pytest.mark.parametrize("blend", ["residual", "replace"])
@pytest.mark.parametrize("name", ["photo.png", "photo.jpg"])
def test_at_strength_0_the_whole_file_is_unchanged(done, desk, options, name, blend):
    none = ("--emotion", "happy", "--strength", 0, "--blend", blend)
    out = f"out{name[-4:]}"
    done("edit", name, *none, "-o", out, *FOUND, *options)
    assert (desk / out).read_bytes() == (desk / name).read_bytes()


def test_a_jpeg_stays_one_with_its_settings_and_texts(done, desk, options):
    line, _ = done("edit", "photo.jpg", *HAPPY, *FOUND, *options)
    assert line.startswith("photo-happy15.jpg: ")
    with Image.open("photo.jpg") as before, Image.open("photo-happy15.jpg") as after:
        assert after.format == "JPEG"
        assert after.size == before.size
        assert after.quantization == before.quantization
        assert after.layer == before.layer
        assert after.getexif()[0x010E] == "an astronaut"


def test_the_resolution_of_a_png_is_kept(done, options):
    done("edit", "photo.png", *HAPPY, "-o", "out.png", *FOUND, *options)
    with Image.open("out.png") as after:
        assert round(after.info["dpi"][0]) == 300


def test_the_face_of_a_number_is_edited(done, options):
    for number, points in ((1, POINTS), (2, PATCH)):
        chosen = ("--landmarks", "both.json", "--face", number)
        done("edit", "photo.png", *HAPPY, "-o", "out.png", *chosen, *options)
        assert not changed("out.png")[~inside_square(points)].any()
        assert changed("out.png").any()


def test_all_faces_are_edited_as_each_alone(done, options):
    both = ("--landmarks", "both.json")
    line, _ = done("edit", "photo.png", *HAPPY, "-o", "all.png", *both, "--all-faces", *options)
    assert line.endswith("in 2 faces")
    done("edit", "photo.png", *HAPPY, "-o", "first.png", *both, "--face", 1, *options)
    done("edit", "first.png", *HAPPY, "-o", "second.png", *both, "--face", 2, *options)
    first, both_faces = changed("first.png"), changed("all.png")
    assert np.array_equal(read_image("all.png")[first], read_image("first.png")[first])
    assert both_faces.sum() > 1.3 * first.sum()


def test_a_folder_of_photos_is_edited_each_as_alone(done, desk, options):
    face = align_face(data.astronaut(), POINTS).image
    (desk / "in" / "deep").mkdir(parents=True)
    save_image("in/a.jpg", face)
    save_image("in/deep/b.png", face[:, ::-1].copy())
    Image.fromarray(face).save("in/c.gif")
    line, told = done("edit", "in", *HAPPY, "-o", "out", *options)
    assert line == "out: 3 pictures of in with happy 15"
    assert told == ""
    names = sorted(p.relative_to(desk / "out").as_posix() for p in (desk / "out").rglob("*.*g"))
    assert names == ["a.jpg", "c.png", "deep/b.png"]
    done("edit", "in/deep/b.png", *HAPPY, "-o", "b.png", *options)
    assert (desk / "b.png").read_bytes() == (desk / "out" / "deep" / "b.png").read_bytes()
    record = json.loads((desk / "out" / "run.json").read_text())
    assert sorted(record["outputs"]) == ["out/a.jpg", "out/c.png", "out/deep/b.png"]
    assert "model" in record["inputs"] and "in/a.jpg" in record["inputs"]


def test_a_folder_needs_a_folder_for_its_results(run, desk, options):
    (desk / "in").mkdir()
    for words in ((), (*FOUND, "-o", "out")):
        outcome = run("edit", "in", *HAPPY, *words, *options)
        assert outcome.code == 2
        assert "-o" in outcome.err


def test_the_landmarks_and_what_they_came_from_are_in_the_record(done, desk, options):
    done("edit", "photo.png", *HAPPY, "-o", "out.png", *FOUND, *options)
    record = json.loads((desk / "out.png.run.json").read_text())
    assert "points.json" in record["inputs"]
    assert record["arguments"]["landmarks"] == "points.json"


def test_an_emotion_is_set_and_what_there_was_is_told(done, options):
    asked = ("--set", "joy=3", "--set", "SA=0", *FOUND)
    line, told = done("edit", "photo.png", *asked, *options)
    assert line == "photo-happy=3-sad=0.png: photo.png with happy set to 3, sad set to 0"
    assert "the face had happy " in told
    assert "sad " in told
    done("edit", "photo.png", *asked, "--neutralize", "-o", "plain.png", *options)
    assert changed("plain.png", of="photo-happy=3-sad=0.png").any()


def test_a_face_can_be_neutralised_and_nothing_else(done, options):
    line, told = done("edit", "photo.png", "--neutralize", *FOUND, *options)
    assert line == "photo-neutral.png: photo.png with its expression removed"
    assert changed("photo-neutral.png").any()


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ((), "got nothing to change"),
        (("--set", "happy"), "write it like happy=3"),
        (("--set", "hapy=3"), "happy"),
        (("--set", "happy=x"), "finite number"),
        (("--set", "happy=1", *HAPPY), "each emotion once"),
        ((*HAPPY, "--face", 1, "--all-faces"), "--all-faces"),
        ((*HAPPY, "--tune"), "--refine N"),
        ((*HAPPY, "--refine", 0), "--refine"),
    ],
)
def test_words_that_make_no_edit_are_a_misuse(run, desk, options, words, about):
    outcome = run("edit", "photo.png", *words, "-o", "out.png", *FOUND, *options)
    assert outcome.code == 2
    assert about in outcome.err
    assert not (desk / "out.png").exists()


def test_a_name_of_no_picture_is_told_before_any_work(run, desk):
    outcome = run("edit", "photo.png", *HAPPY, "-o", "out.mp4", "--model", "absent.pt")
    assert outcome.code == 1
    assert ".webp, .tif" in outcome.err


def test_refinement_brings_the_face_closer_and_says_so(done, desk, options):
    words = ("edit", "photo.png", *HAPPY, *FOUND, "--refine", 12, *options)
    _, told = done(*words, "-o", "a.png")
    assert "refining in 12 steps takes about" in told
    before, after = (float(told.split(word)[0].split()[-1]) for word in (" before", " after"))
    assert after < before
    _, told = done(*words, "-o", "b.png", "--quiet")
    assert told == ""
    assert (desk / "a.png").read_bytes() == (desk / "b.png").read_bytes()


def test_tuning_goes_further_by_as_many_steps(done, options):
    _, told = done(
        "edit", "photo.png", *HAPPY, *FOUND, "--refine", 5, "--tune", "-o", "a.png", *options
    )
    assert "refining in 10 steps takes about" in told


def test_a_sweep_takes_the_same_words(done, options):
    words = ("--face", 2, "--landmarks", "both.json", "--refine", 5, "--neutralize")
    _, told = done(
        "sweep", "photo.png", "--emotion", "happy", "--strengths", "0,15", "-o", "out.gif",
        "--blend", "replace", *words, *options,
    )  # fmt: skip
    assert "refined: " in told
    with Image.open("out.gif") as frames:
        assert frames.size == (512, 512)
        assert frames.n_frames == 2


def test_a_face_is_cut_out_for_pictures_and_for_latents(done, options):
    line, _ = done("align", "photo.png", "-o", "face.png", *FOUND)
    assert line == "face.png: face 1 at 1024 px of photo.png"
    fine = align_face(data.astronaut(), POINTS, size=1024, transform_size=4096)
    assert np.array_equal(read_image("face.png"), fine.image)
    done("align", "photo.png", "-o", "face.png", *FOUND, "--variant", "e4e")
    assert np.array_equal(read_image("face.png"), align_face(data.astronaut(), POINTS).image)
    done("align", "photo.png", "-o", "face.png", *FOUND, "--size", 64)
    small = align_face(data.astronaut(), POINTS, size=64, transform_size=256)
    assert np.array_equal(read_image("face.png"), small.image)


def test_all_faces_are_cut_out_into_numbered_files(done, desk):
    words = ("--landmarks", "both.json", "--all-faces", "--size", 32)
    line, _ = done("align", "photo.png", "-o", "face.png", *words)
    assert [part.split(":")[0] for part in line.splitlines()] == ["face-1.png", "face-2.png"]
    assert read_image("face-2.png").shape == (32, 32, 3)
    record = json.loads((desk / "face.png.run.json").read_text())
    assert sorted(record["outputs"]) == ["face-1.png", "face-2.png"]


def test_landmarks_can_be_written_and_used_again(done):
    done("align", "photo.png", "-o", "face.png", *FOUND, "--write-landmarks", "again.json")
    assert np.array_equal(read_landmarks("again.json")[0], POINTS)


def test_the_faces_are_shown_with_their_numbers(done):
    line, _ = done("align", "photo.png", "--show", "-o", "shown.png", "--landmarks", "both.json")
    assert line == "shown.png: 2 faces of photo.png"
    assert read_image("shown.png").shape == (512, 512, 3)
    assert changed("shown.png")[inside_square()].any()


def test_no_face_names_the_detector_the_sizes_and_the_ways_out(run, desk):
    save_image("grey.png", np.full((90, 120, 3), 128, np.uint8))
    outcome = run("align", "grey.png", "-o", "face.png")
    assert outcome.code == 1
    for part in ("dlib", "120 x 90, 240 x 180, 480 x 360 px", "--landmarks FILE", "--align none"):
        assert part in outcome.err


def test_a_square_without_a_face_is_taken_as_one_and_that_is_told(done, options):
    save_image("noise.png", np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    _, told = done("edit", "noise.png", *HAPPY, *options)
    assert (
        told == "no face was found in noise.png, which was taken as an aligned face for its shape\n"
    )
    assert done("edit", "noise.png", *HAPPY, *options, "--align", "none")[1] == ""
    save_image("face.png", align_face(data.astronaut(), POINTS).image)
    assert done("edit", "face.png", *HAPPY, *options)[1] == ""


def test_a_number_that_no_face_has_is_told(run, desk, options):
    outcome = run("edit", "photo.png", *HAPPY, "--face", 2, *FOUND, "-o", "out.png", *options)
    assert outcome.code == 1
    assert "got face 2 of 1" in outcome.err
    assert "icaedit align" in outcome.err


def test_two_ways_of_choosing_are_a_misuse(run, desk):
    outcome = run("align", "photo.png", "-o", "face.png", "--show", "--all-faces")
    assert outcome.code == 2


def test_a_picture_is_drawn_by_pencil(done):
    from icaedit.faces import pencil_sketch

    done("sketch", "photo.png", "-o", "sketch.png")
    assert np.array_equal(read_image("sketch.png"), pencil_sketch(data.astronaut()))
    done("sketch", "photo.png", "-o", "broad.png", "--kernel-size", 51)
    assert np.array_equal(read_image("broad.png"), pencil_sketch(data.astronaut(), 51))


def test_the_steps_to_the_drawing_are_laid_side_by_side_on_request(done, run):
    from icaedit.plots import sketch_strip

    line, _ = done("sketch", "photo.png", "-o", "sketch.png", "--steps", "steps.png")
    assert line == "sketch.png: photo.png as a pencil drawing, kernel 23 px, its steps in steps.png"
    assert np.array_equal(read_image("steps.png"), sketch_strip(data.astronaut()))
    record = json.loads(Path("sketch.png.run.json").read_text())
    assert record["arguments"]["kernel_size"] == 23
    assert sorted(record["outputs"]) == ["sketch.png", "steps.png"]
    for wrong in (("photo.png", "-o", "a.png", "--steps", "a.png"),
                  (".", "-o", "drawn", "--steps", "a.png")):  # fmt: skip
        outcome = run("sketch", *wrong)
        assert (outcome.code, Path("a.png").exists()) == (2, False)
        assert "another file than -o, for one picture" in outcome.err


def test_the_kernel_that_each_picture_of_a_folder_got_is_recorded(done, desk):
    (desk / "in").mkdir()
    for side in (64, 256):
        save_image(desk / "in" / f"{side}.png", data.astronaut()[:side, :side])
    line, _ = done("sketch", "in", "-o", "out")
    assert line.endswith("kernel 3 to 11 px")
    record = json.loads(Path("out/run.json").read_text())
    assert record["arguments"]["kernel_size"] == {"out/256.png": 11, "out/64.png": 3}


def test_a_folder_of_pictures_is_drawn_into_another(done, desk):
    (desk / "in" / "deep").mkdir(parents=True)
    small = data.astronaut()[:64, :64]
    for name in ("a.png", "a.jpg", "deep/b.jpg"):
        save_image(desk / "in" / name, small)
    (desk / "in" / "notes.txt").write_text("no picture")
    line, _ = done("sketch", "in", "-o", "in/out")
    assert line == "in/out: 3 pictures of in as pencil drawings, kernel 3 px"
    drawn = sorted(p.relative_to(desk).as_posix() for p in (desk / "in" / "out").rglob("*.png"))
    assert drawn == ["in/out/a.png", "in/out/a.png.png", "in/out/deep/b.png"]
    assert done("sketch", "in", "-o", "in/out")[0] == line


def test_pictures_that_cannot_be_drawn_are_named_and_the_others_are_drawn(run, desk):
    (desk / "in").mkdir()
    save_image(desk / "in" / "a.png", data.astronaut()[:64, :64])
    (desk / "in" / "bad.jpg").write_bytes(b"no picture")
    outcome = run("sketch", "in", "-o", "out")
    assert outcome.code == 1
    assert "got 1 of 2 pictures" in outcome.err and "in/bad.jpg" in outcome.err
    assert "the others are done" in outcome.err
    assert (desk / "out" / "a.png").is_file()


def test_a_folder_without_pictures_is_refused(run, desk):
    (desk / "in").mkdir()
    outcome = run("sketch", "in", "-o", "out")
    assert outcome.code == 1
    assert "without a picture" in outcome.err
    assert not (desk / "out").exists()
