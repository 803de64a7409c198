"""What stands where on the page, and how it looks."""

from importlib.resources import files
from typing import Any

import numpy as np

from icaedit.app.handlers import REACH, Fitted, Handlers
from icaedit.app.studio import MOST_FRAMES, Studio
from icaedit.images import read_image, resize

__all__ = [
    "HEADER",
    "NUMBER",
    "dressing",
    "expression_column",
    "face_column",
    "result_column",
    "save_column",
    "sweep_tab",
]

NUMBER = "a number"
"""What the list of thresholds calls one that is typed in."""

_FONTS = ["system-ui", "Segoe UI", "Helvetica Neue", "sans-serif"]
_AGAINST = (("the picture", "picture"), ("its reconstruction", "reconstruction"))
_THUMBNAIL = 128  # px

def dressing() -> dict[str, Any]:
    """Return how the page looks, for Gradio's `launch`: a theme without web fonts, and CSS."""
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue="blue",
        neutral_hue="slate",
        font=_FONTS,
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
        radius_size="md",
        spacing_size="sm",
    ).set(
        body_background_fill="#f6f7f9",
        body_background_fill_dark="#14171c",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1d2129",
        block_border_color="#e3e6eb",
        block_border_color_dark="#2e343f",
        button_primary_background_fill="#0072b2",
        button_primary_background_fill_hover="#005d92",
        button_primary_text_color="#ffffff",
        slider_color="#0072b2",
    )
    css = (files("icaedit.app") / "page.css").read_text(encoding="utf-8")
    return {"theme": theme, "css": css}


HEADER = (
    '<div class="ie-head"><h1>icaedit</h1><p>Give a face another expression and keep the person. '
    "Everything runs on this machine; no picture leaves it.</p></div>"
)


def face_column(gr, studio: Studio) -> dict[str, Any]:
    """Lay out the picture with its faces, and the ways to bring another."""
    gr.HTML('<h2><span class="ie-step">1</span>Face</h2>', padding=False)
    shown = gr.Image(
        label="Faces found", type="numpy", format="png", interactive=False, height=240,
        buttons=[], elem_id="shown", show_label=False,
    )  # fmt: skip
    found = gr.HTML(elem_id="found", padding=False)
    numbers = gr.Radio([], label="Face to edit", visible=False, elem_id="numbers")
    upload = gr.File(
        label="Drop a photo here", file_count="single", type="filepath", height=135,
        elem_id="upload",
    )  # fmt: skip
    with gr.Accordion("Landmarks of the photo, if you have them", open=False):
        gr.HTML(
            '<p class="ie-note">A CSV or JSON file with 5 or 68 points of the face, x,y in pixels. '
            "Give it first, then drop the photo. Without it the face is found and aligned by dlib, "
            "which takes the extra <code>icaedit[landmarks]</code>; a square picture of one "
            "aligned face needs neither.</p>",
            padding=False,
        )
        landmarks = gr.File(
            label="Landmarks", file_count="single", type="filepath", height=90, elem_id="landmarks"
        )
    pictures: list[tuple[np.ndarray, str]] = [
        (
            resize(read_image(portrait.path), _THUMBNAIL),
            "" if portrait.emotion == "neutral" else portrait.emotion,
        )
        for portrait in studio.portraits
    ]
    gallery = gr.Gallery(
        pictures,
        label="or take a rendered portrait", columns=4, allow_preview=False, height="auto",
        object_fit="cover", elem_id="gallery", buttons=[], interactive=False, format="png",
    )  # fmt: skip
    return {
        "shown": shown, "found": found, "numbers": numbers, "upload": upload,
        "landmarks": landmarks, "gallery": gallery,
    }  # fmt: skip


def expression_column(gr, handlers: Handlers, fitted: Fitted) -> dict[str, Any]:
    """Lay out the sliders, the switch, and the choice of directions."""
    directions, fits = fitted.directions, handlers.studio.fits
    gr.HTML(
        '<h2><span class="ie-step">2</span>Expression</h2><p class="ie-note">One unit of strength '
        "is one standard deviation of the people the directions were fitted on. The orange mark "
        "is where those people lie when they pose the emotion; 0 changes nothing, negative goes "
        "the other way.</p>",
        padding=False,
    )
    strengths = {
        emotion: gr.Slider(
            -REACH, REACH, value=0, step=0.1, label=emotion, elem_id=f"strength-{emotion}",
            elem_classes="ie-strength",
        )
        for emotion in directions.emotions
    }  # fmt: skip
    with gr.Row(elem_classes="ie-poses"):
        gr.HTML('<span class="ie-poses-label">Pose:</span>', padding=False)
        poses = {
            emotion: gr.Button(emotion, size="sm", min_width=64, elem_id=f"pose-{emotion}")
            for emotion in directions.emotions
        }
        reset = gr.Button("reset", size="sm", min_width=64, variant="stop", elem_id="reset")
    neutralize = gr.Checkbox(
        False, label="Remove the expression that is there", elem_id="neutralize",
        info="First brings the face to the average neutral one along every direction.",
    )  # fmt: skip
    present = gr.HTML(elem_id="present", padding=False)
    with gr.Accordion("Method and threshold", open=False, elem_id="fits"):
        with gr.Row():
            method = gr.Dropdown(
                list(fits.methods), value=directions.method, label="Method", min_width=120,
                elem_id="method", interactive=len(fits.methods) > 1,
            )  # fmt: skip
            own = directions.threshold
            names = [*fits.thresholds, NUMBER]
            threshold = gr.Dropdown(
                names, value=own if own in names else NUMBER, label="Threshold", min_width=120,
                elem_id="threshold",
            )  # fmt: skip
        number = gr.Number(
            own if own not in names else 0.1, label="Keep coordinates from, in latent units",
            minimum=0, step=0.01, visible=own not in names, elem_id="number",
        )  # fmt: skip
        told = gr.HTML(fitted.told, elem_id="told", padding=False)
        gr.HTML(f'<p class="ie-note">{_FITS_NOTE[fits.refits]}</p>', padding=False)
    return {
        "strengths": strengths, "poses": poses, "reset": reset, "neutralize": neutralize,
        "present": present, "method": method, "threshold": threshold, "number": number,
        "told": told,
    }  # fmt: skip


_FITS_NOTE = {
    True: "Other methods are fitted when first chosen, in a second; the first time ever, the "
    "people to fit to are made, which takes about a minute.",
    False: "Other methods need the latents of the people; start with <code>--latents FILE</code>. "
    "Other thresholds change the mask and keep how much a unit moves each coordinate.",
}


def result_column(gr) -> dict[str, Any]:
    """Lay out the comparison and the three pictures."""
    gr.HTML('<h2><span class="ie-step">3</span>Result</h2>', padding=False)
    compare = gr.ImageSlider(
        label="before | after", type="numpy", format="png", interactive=False, height=400,
        max_height=400, elem_id="compare", buttons=["fullscreen"], show_label=False,
    )  # fmt: skip
    against = gr.Radio(
        list(_AGAINST), value="picture", label="Drag the line to compare the edit with",
        elem_id="against",
    )  # fmt: skip
    with gr.Row(elem_id="three"):
        three = [
            gr.Image(
                label=label, type="numpy", format="png", interactive=False, height=190,
                min_width=90, buttons=["download"], elem_id=name,
            )
            for name, label in (
                ("picture", "original"), ("reconstruction", "reconstruction"), ("edited", "edit"),
            )
        ]  # fmt: skip
    return {
        "compare": compare, "against": against, "picture": three[0], "reconstruction": three[1],
        "edited": three[2],
    }  # fmt: skip


def sweep_tab(gr, emotions: tuple[str, ...]) -> dict[str, Any]:
    """Lay out the sweep's numbers, its pictures and its command."""
    gr.HTML(
        '<p class="ie-note">One emotion at increasing strengths, from the face as it is (or '
        "without its expression, if that is switched on).</p>",
        padding=False,
    )
    with gr.Row(elem_classes="ie-form"):
        emotion = gr.Dropdown(
            list(emotions), value=emotions[0], label="Emotion", min_width=140,
            elem_id="sweep-emotion",
        )  # fmt: skip
        first = gr.Number(-3, label="from", minimum=-20, maximum=20, min_width=90)
        last = gr.Number(3, label="to", minimum=-20, maximum=20, min_width=90)
        count = gr.Number(
            7, label="pictures", precision=0, minimum=2, maximum=MOST_FRAMES, min_width=90
        )
        make = gr.Button("Make the sweep", variant="primary", min_width=140, elem_id="make-sweep")
    strip = gr.Image(
        label="strip", type="filepath", interactive=False, buttons=["download", "fullscreen"],
        elem_id="strip",
    )  # fmt: skip
    with gr.Row():
        animation = gr.Image(
            label="animation", type="filepath", interactive=False, height=260,
            buttons=["download"], elem_id="animation",
        )  # fmt: skip
        command = gr.Code(
            label="The same in a shell", language=None, interactive=False, lines=3,
            wrap_lines=True, elem_id="sweep-command",
        )  # fmt: skip
    return {
        "emotion": emotion, "first": first, "last": last, "count": count, "make": make,
        "strip": strip, "animation": animation, "command": command,
    }  # fmt: skip


def save_column(gr) -> dict[str, Any]:
    """Lay out the command, and the files to take away."""
    command = gr.Code(
        label="The same picture in a shell", language=None, interactive=False, lines=2,
        wrap_lines=True, elem_id="command",
    )  # fmt: skip
    make = gr.Button("Save picture and latents", variant="primary", elem_id="make-save")
    saved = gr.File(
        label="Saved: click a size to download", file_count="multiple", interactive=False,
        visible=False, elem_id="saved",
    )  # fmt: skip
    return {"make": make, "files": saved, "command": command}
