"""The page in a real browser, as `icaedit app` serves it."""

import base64
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from icaedit.app.sitting import LARGEST
from icaedit.editor import default_directions
from icaedit.images import read_image

pytest.importorskip("gradio", reason="the extra app is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
PATIENCE = 60  # seconds; the machine may be busy
expect.set_options(timeout=1000 * PATIENCE)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=f"none of {', '.join(NAMES)} on PATH")


@pytest.fixture(scope="module")
def browser():
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_page(browser, address):
    """Open the page for one more person; return it with the addresses it asks for."""

    def open_page(width=1280):
        page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(address)
        expect(page.locator("#command")).to_contain_text("icaedit edit")
        return page

    return open_page


@pytest.fixture(scope="module")
def first(open_page):
    return open_page()


@pytest.fixture
def page(first):
    """The page of the first person, with the first portrait and no strengths."""
    first.locator("#gallery button.thumbnail-item").first.click()
    expect(first.locator("#found")).to_contain_text("AF01NES")
    first.locator("#reset").click()
    wait_for_command(first, "--strength 0 ")
    return first


def command_of(page):
    return page.locator("#command .cm-content").inner_text().replace("\n\n", "\n")


def wait_for_command(page, text):
    expect(page.locator("#command")).to_contain_text(text)


def set_strength(page, emotion, value):
    page.locator(f"#strength-{emotion} input[type=range]").fill(str(value))
    wait_for_command(page, f"--emotion {emotion} --strength {value}")


def source_of(page, name):
    return page.locator(f"#{name} img").first.get_attribute("src")


def show_tab(page, name):
    page.locator("#details").get_by_role("tab", name=name).click()


def drop(page, path: Path, kind: str):
    """Drop a file on the page, as from a folder's window."""
    content = base64.b64encode(path.read_bytes()).decode()
    held = page.evaluate_handle(
        """([content, name, kind]) => {
            const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
            const held = new DataTransfer();
            held.items.add(new File([bytes], name, {type: kind}));
            return held;
        }""",
        [content, path.name, kind],
    )
    page.dispatch_event("#upload button", "drop", {"dataTransfer": held})


def test_nobody_else_is_asked_for_anything(first, address):
    assert len(first.asked) > 20
    others = [url for url in first.asked if not url.startswith((address, "data:", "blob:"))]
    assert others == []
    refused = first.evaluate("fetch('https://example.com/').then(() => 'reached', () => 'refused')")
    assert refused == "refused"


def test_a_slider_changes_the_edit_the_scores_and_the_command(page):
    before = source_of(page, "edited")
    show_tab(page, "What moves")
    expect(page.locator("#moved")).to_contain_text("Nothing moves")
    set_strength(page, "happy", 2.7)
    assert source_of(page, "edited") != before
    assert source_of(page, "reconstruction") == before
    expect(page.locator("#moved")).to_contain_text("The latents move by")
    show_tab(page, "Scores")
    happy = page.locator("#scores .ie-pair", has_text="happy").locator(".ie-value")
    low, high = map(float, happy.inner_text().split("→"))
    assert low < 0.2 < 0.8 < high
    set_strength(page, "angry", 1.5)
    assert "--emotion happy --strength 2.7 --emotion angry --strength 1.5" in command_of(page)


def test_each_slider_is_marked_at_the_posed_strength(page, model):
    for emotion, posed in default_directions(model).posed_strength.items():
        track = page.locator(f"#strength-{emotion} .slider_input_container")
        mark = track.evaluate("e => getComputedStyle(e, '::after').content")
        assert mark == f'"posed {posed:.1f}"'
        place = track.evaluate(
            "e => parseFloat(getComputedStyle(e, '::before').left) / e.clientWidth"
        )
        assert place == pytest.approx((posed + 6) / 12, abs=0.03)


def test_a_pose_button_sets_its_slider_to_the_mark(page, model):
    posed = default_directions(model).posed_strength["sad"]
    page.locator("#pose-sad").click()
    wait_for_command(page, f"--emotion sad --strength {round(posed, 1):g}")


def test_a_portrait_is_taken_and_keeps_what_was_asked(page):
    set_strength(page, "happy", 2)
    before = source_of(page, "picture")
    page.locator("#gallery button.thumbnail-item").nth(7).click()
    expect(page.locator("#found")).to_contain_text("AM04SAS")
    assert source_of(page, "picture") != before
    page.locator("#neutralize input").click()
    wait_for_command(page, "--emotion happy --strength 2 --neutralize")
    page.locator("#reset").click()
    expect(page.locator("#neutralize input")).not_to_be_checked()


def test_a_slider_that_moves_while_a_picture_opens_counts(page):
    page.locator("#gallery button.thumbnail-item").nth(1).click()
    page.locator("#strength-sad input[type=range]").fill("2.2")
    wait_for_command(page, "AM01NES.JPG --emotion sad --strength 2.2")


def test_a_dropped_picture_is_opened_and_saved_as_its_command_makes_it(
    page, aligned, run, tmp_path, monkeypatch
):
    drop(page, aligned, "image/png")
    expect(page.locator("#found")).to_contain_text("aligned.png: taken as it is")
    set_strength(page, "surprised", 1.8)
    command = command_of(page)
    page.locator("#make-save").click()
    link = page.locator("#saved tr", has_text="aligned-edited").locator("a").first
    with page.expect_download() as download:
        link.click()
    saved = tmp_path / "saved.png"
    download.value.save_as(saved)
    shutil.copy(aligned, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert command.startswith("icaedit edit aligned.png --emotion surprised --strength 1.8")
    assert run(*command.split()[1:], "--device", "cpu").code == 0
    assert np.array_equal(read_image("aligned-edited.png"), read_image(saved))


def test_a_wrong_file_is_told_in_one_line_and_the_picture_stays(page, tmp_path):
    before = source_of(page, "edited")
    notes = tmp_path / "notes.png"
    notes.write_text("buy milk")
    page.locator("#upload input[type=file]").set_input_files(notes)
    notice = page.locator("#notice [role=alert]")
    expect(notice).to_contain_text("notes.png is no picture that can be read.")
    assert "\n" not in notice.inner_text().strip()
    assert source_of(page, "edited") == before
    set_strength(page, "happy", 1)  # goes on
    expect(notice).to_have_count(0)


def test_a_photo_without_a_face_is_told(page, tmp_path):
    from PIL import Image

    Image.new("RGB", (120, 90), "white").save(tmp_path / "wall.jpg")
    drop(page, tmp_path / "wall.jpg", "image/jpeg")
    expect(page.locator("#notice")).to_contain_text("No face was found in wall.jpg")


def test_a_face_of_a_photo_is_chosen_by_a_click(page, astronaut, points):
    page.get_by_text("Landmarks of the photo").click()
    page.locator("#landmarks input[type=file]").set_input_files(points)
    expect(page.locator("#landmarks")).to_contain_text("points.json")
    page.locator("#upload input[type=file]").set_input_files(astronaut)
    expect(page.locator("#found")).to_contain_text("2 faces found, face 1 is chosen")
    shown = page.locator("#shown img")
    box = shown.bounding_box()
    side = min(box["width"], box["height"])  # of the picture, which is square, in its frame
    x, y = (np.array([146, 375]) / 512 - 0.5) * side  # the middle of the second face
    shown.click(position={"x": box["width"] / 2 + x, "y": box["height"] / 2 + y})
    expect(page.locator("#found")).to_contain_text("face 2 is chosen")
    wait_for_command(page, "--landmarks points.json --face 2")
    page.locator("#numbers").get_by_text("face 1").click()
    expect(page.locator("#found")).to_contain_text("face 1 is chosen")
    expect(page.locator("#landmarks")).not_to_contain_text("points.json")  # of that photo alone


def test_a_huge_file_is_told_in_one_line(page, tmp_path):
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(LARGEST + 2**20)
    page.locator("#upload input[type=file]").set_input_files(huge)
    expect(page.locator("#notice")).to_contain_text("huge.png has 51 MB, at most 50 MB are taken.")


def test_a_sweep_makes_a_strip_and_an_animation(page):
    show_tab(page, "Sweep")
    page.locator("#make-sweep").click()
    expect(page.locator("#strip img")).to_have_attribute("src", re.compile(r"sweep\.png"))
    expect(page.locator("#animation img")).to_have_attribute("src", re.compile(r"sweep\.gif"))
    expect(page.locator("#sweep-command")).to_contain_text("--emotion happy --strengths=-3:3:7")


def test_another_method_changes_the_directions(page):
    show_tab(page, "What moves")
    before = page.locator("#layers").inner_text()
    present = page.locator("#present").inner_text()
    page.locator("#fits > button").click()
    page.locator("#method input").click()
    page.get_by_role("option", name="svm").click()
    expect(page.locator("#told")).to_contain_text("svm, threshold mean")
    expect(page.locator("#present")).not_to_have_text(present)
    wait_for_command(page, "--directions directions-svm-mean.safetensors")
    assert page.locator("#layers").inner_text() != before
    page.locator("#method input").click()
    page.get_by_role("option", name="group-ica").click()
    expect(page.locator("#told")).to_contain_text("group-ica, threshold mean")


def test_two_people_have_each_their_own_face_and_strengths(page, open_page):
    set_strength(page, "happy", 2.5)
    mine, command = source_of(page, "edited"), command_of(page)
    other = open_page()
    other.locator("#gallery button.thumbnail-item").nth(3).click()
    expect(other.locator("#found")).to_contain_text("AM02NES")
    set_strength(other, "angry", 3)
    set_strength(page, "happy", 2.4)
    assert "AF01NES" in command_of(page) and "angry" not in command_of(page)
    set_strength(page, "happy", 2.5)
    assert (source_of(page, "edited"), command_of(page)) == (mine, command)
    assert "AM02NES" in command_of(other) and "happy" not in command_of(other)
    other.context.close()


@pytest.mark.parametrize("width", [390, 820])
def test_a_narrow_page_needs_no_scrolling_sideways(open_page, width):
    page = open_page(width)
    for name in ("Scores", "What moves", "Sweep"):
        show_tab(page, name)
        page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
    page.context.close()
