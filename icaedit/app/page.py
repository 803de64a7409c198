"""The page itself: what stands where, and which answer belongs to which control."""

from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from icaedit.app.commands import Request
from icaedit.app.handlers import REACH, Handlers, Opened, View, answered
from icaedit.app.studio import MOST_FRAMES, Studio

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["build_page", "dressing"]

_FOUR_FONTS = ["system-ui", "Segoe UI", "Helvetica Neue", "sans-serif"]
_PRIVATE = {"api_visibility": "private"}
_LIVE = {**_PRIVATE, "show_progress": "hidden", "trigger_mode": "always_last"}
_NUMBER = "a number"
_AGAINST = (("the picture", "picture"), ("its reconstruction", "reconstruction"))


def dressing() -> dict[str, Any]:
    """Return how the page looks, for Gradio's `launch`: a theme without web fonts, and CSS."""
    import gradio as gr

    theme = gr.themes.Base(
        primary_hue="blue",
        neutral_hue="slate",
        font=_FOUR_FONTS,
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


def build_page(studio: Studio, folder: Path) -> "gr.Blocks":
    """Return the page of a studio.

    Parameters
    ----------
    studio : Studio
    folder : Path
        Where files for people are made.
    """
    import gradio as gr

    handlers = Handlers(studio, folder)
    given = studio.directions
    fitted = handlers.fitted(given)
    with gr.Blocks(title="icaedit", analytics_enabled=False, fill_width=True) as page:
        sitting, directions = gr.State(None, time_to_live=3600), gr.State(None)
        gr.HTML(_HEADER, elem_id="header")
        marks = gr.HTML(fitted.marks, elem_id="marks")
        notice = gr.HTML(elem_id="notice")
        with gr.Row(elem_id="main", equal_height=False):
            with gr.Column(scale=5, min_width=300, elem_classes="ie-card"):
                face = _face_column(gr, studio)
            with gr.Column(scale=5, min_width=300, elem_classes="ie-card"):
                expression = _expression_column(gr, handlers, fitted)
            with gr.Column(scale=7, min_width=320, elem_classes="ie-card"):
                result = _result_column(gr)
        with gr.Tabs(elem_id="details"):
            with gr.Tab("Scores"):
                scores = gr.HTML(elem_id="scores")
            with gr.Tab("What moves"):
                moved = gr.HTML(elem_id="moved")
                gr.HTML(
                    "<h4>Coordinates that each direction keeps, by style layer</h4>", padding=False
                )
                layers = gr.HTML(fitted.layers, elem_id="layers")
            with gr.Tab("Sweep"):
                sweep = _sweep_tab(gr, given.emotions)
            with gr.Tab("Save"):
                save = _save_tab(gr)

        view = [result["compare"], result["edited"], scores, moved, save["command"]]
        opened = [
            sitting, face["shown"], result["picture"], result["reconstruction"],
            expression["present"], face["numbers"], *view, notice,
        ]  # fmt: skip
        sliders = list(expression["strengths"].values())
        asked = [expression["neutralize"], *sliders]
        request = partial(_request, given.emotions)
        against = result["against"]
        wants = [directions, against, *asked]

        def show_opened(answer: Callable[[], Opened]) -> list[Any]:
            found, complaint = answered(answer, handlers.told)
            return [gr.skip()] * (len(opened) - 1) + [complaint] if found is None else [
                found.sitting, found.outlined, found.picture, found.reconstruction, found.present,
                gr.Radio(
                    choices=[(f"face {n}", n) for n in found.numbers],
                    value=found.sitting.encoded.face.number,
                    visible=len(found.numbers) > 1,
                ),
                *_shown(found.view), found.notice,
            ]  # fmt: skip

        def on_load(directions, against, *asked):
            if not studio.portraits:
                return [gr.skip()] * len(opened)
            return show_opened(lambda: handlers.portrait(0, request(asked), directions, against))

        def on_portrait(event: gr.SelectData, directions, against, *asked):
            number = int(event.index)
            return show_opened(
                lambda: handlers.portrait(number, request(asked), directions, against)
            )

        def on_upload(path, landmarks, directions, against, *asked):
            shown = show_opened(
                lambda: handlers.upload(path, landmarks, request(asked), directions, against)
            )
            return [*shown, None]  # the place to drop the next one is free again

        def on_click(event: gr.SelectData, sitting, directions, against, *asked):
            return show_opened(
                lambda: handlers.choose(
                    sitting,
                    handlers.number_at(sitting, event.index),
                    request(asked),
                    directions,
                    against,
                )
            )

        def on_number(number, sitting, directions, against, *asked):
            return show_opened(
                lambda: handlers.choose(sitting, int(number), request(asked), directions, against)
            )

        def on_change(sitting, directions, against, *asked):
            found, complaint = answered(
                lambda: handlers.view(sitting, request(asked), directions, against),
                handlers.told,
            )
            if found is None:
                return [gr.skip()] * len(view) + [complaint]
            return [*_shown(found), gr.skip() if sitting is None else ""]

        def on_pose(emotion, directions):
            used = given if directions is None else directions
            posed = min(max(used.posed_strength.get(emotion, 0.0), -REACH), REACH)
            return [round(posed, 1) if name == emotion else 0.0 for name in given.emotions]

        def on_fit(method, threshold, number, progress=gr.Progress()):  # noqa: B008
            def tell(done: int, total: int) -> None:
                progress((done, total), desc="rendering the people to fit to", unit="pictures")

            rule = number if threshold == _NUMBER else threshold
            found, complaint = answered(
                lambda: handlers.fit(method, _required(rule), tell), handlers.told
            )
            if found is None:
                return [gr.skip()] * 4 + [complaint]
            kept = None if found.directions is given else found.directions
            return [kept, found.marks, found.layers, found.told, ""]

        def on_sweep(sitting, emotion, first, last, count, neutralize, directions):
            found, complaint = answered(
                lambda: handlers.sweep(
                    sitting,
                    emotion,
                    (_required(first), _required(last), int(_required(count))),
                    directions,
                    neutralize=neutralize,
                ),
                handlers.told,
            )
            return [gr.skip()] * 3 + [complaint] if found is None else [*found, ""]

        def on_save(sitting, directions, against, *asked):
            found, complaint = answered(
                lambda: handlers.save(sitting, request(asked), directions), handlers.told
            )
            return [gr.skip(), complaint] if found is None else [found, ""]

        page.load(on_load, wants, opened, **_PRIVATE)
        face["gallery"].select(on_portrait, wants, opened, **_LIVE)
        face["upload"].upload(
            on_upload, [face["upload"], face["landmarks"], *wants], [*opened, face["upload"]],
            **_PRIVATE,
        )  # fmt: skip
        face["shown"].select(on_click, [sitting, *wants], opened, **_LIVE)
        face["numbers"].input(on_number, [face["numbers"], sitting, *wants], opened, **_LIVE)
        gr.on(
            [*(slider.input for slider in sliders), expression["neutralize"].input, against.input],
            on_change, [sitting, *wants], [*view, notice], **_LIVE,
        )  # fmt: skip
        for emotion, button in expression["poses"].items():
            button.click(
                partial(on_pose, emotion), directions, sliders, **_LIVE
            ).then(on_change, [sitting, *wants], [*view, notice], **_LIVE)
        expression["reset"].click(
            lambda: [False, *[0.0] * len(sliders)], None, asked, **_LIVE
        ).then(on_change, [sitting, *wants], [*view, notice], **_LIVE)
        gr.on(
            [expression[name].input for name in ("method", "threshold")]
            + [expression["number"].submit, expression["number"].blur],
            on_fit, [expression[name] for name in ("method", "threshold", "number")],
            [directions, marks, layers, expression["told"], notice], **_PRIVATE,
        ).success(on_change, [sitting, *wants], [*view, notice], **_LIVE)  # fmt: skip
        expression["threshold"].input(
            lambda rule: gr.Number(visible=rule == _NUMBER), expression["threshold"],
            expression["number"], **_LIVE,
        )  # fmt: skip
        sweep["make"].click(
            on_sweep,
            [
                sitting, sweep["emotion"], sweep["first"], sweep["last"], sweep["count"],
                expression["neutralize"], directions,
            ],
            [sweep["strip"], sweep["animation"], sweep["command"], notice], **_PRIVATE,
        )  # fmt: skip
        save["make"].click(on_save, [sitting, *wants], [save["files"], notice], **_PRIVATE)
    page.queue(default_concurrency_limit=2, api_open=False)
    return page


_HEADER = (
    '<div class="ie-head"><h1>icaedit</h1><p>Give a face another expression and keep the person. '
    "Everything runs on this machine; no picture leaves it.</p></div>"
)


def _face_column(gr, studio: Studio) -> dict[str, Any]:
    gr.HTML('<h2><span class="ie-step">1</span>Face</h2>', padding=False)
    shown = gr.Image(
        label="Faces found", type="numpy", format="png", interactive=False, height=240,
        buttons=[], elem_id="shown", show_label=False,
    )  # fmt: skip
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
    pictures = [
        (str(p.path), "" if p.emotion == "neutral" else p.emotion) for p in studio.portraits
    ]
    gallery = gr.Gallery(
        [(np.asarray(_small(path)), caption) for path, caption in pictures],
        label="or take a rendered portrait", columns=6, allow_preview=False, height="auto",
        object_fit="cover", elem_id="gallery", buttons=[], interactive=False, format="png",
    )  # fmt: skip
    return {
        "shown": shown, "numbers": numbers, "upload": upload, "landmarks": landmarks,
        "gallery": gallery,
    }  # fmt: skip


def _small(path: str) -> np.ndarray:
    from icaedit.images import read_image, resize

    return resize(read_image(path), 128)


def _expression_column(gr, handlers: Handlers, fitted) -> dict[str, Any]:
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
        gr.HTML('<span class="ie-poses-label">Pose</span>', padding=False, min_width=30, scale=0)
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
            names = [*fits.thresholds, _NUMBER]
            threshold = gr.Dropdown(
                names, value=own if own in names else _NUMBER, label="Threshold", min_width=120,
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


def _result_column(gr) -> dict[str, Any]:
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


def _sweep_tab(gr, emotions: tuple[str, ...]) -> dict[str, Any]:
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
            label="The same in a shell", language="shell", interactive=False, lines=3,
            wrap_lines=True, elem_id="sweep-command",
        )  # fmt: skip
    return {
        "emotion": emotion, "first": first, "last": last, "count": count, "make": make,
        "strip": strip, "animation": animation, "command": command,
    }  # fmt: skip


def _save_tab(gr) -> dict[str, Any]:
    with gr.Row():
        with gr.Column(min_width=320):
            gr.HTML(
                '<p class="ie-note">The edited picture at its own size and in its own format, the '
                "latents before and after, and what the command reads: directions of another "
                "method or threshold, landmarks.</p>",
                padding=False,
            )
            make = gr.Button("Save", variant="primary", elem_id="make-save")
            saved = gr.File(
                label="Files", file_count="multiple", interactive=False, elem_id="saved"
            )
        with gr.Column(min_width=320):
            command = gr.Code(
                label="The same picture in a shell", language="shell", interactive=False, lines=4,
                wrap_lines=True, elem_id="command",
            )  # fmt: skip
    return {"make": make, "files": saved, "command": command}


def _shown(view: View) -> list[Any]:
    return [view.compare, view.edited, view.scores, view.moved, view.command]


def _request(emotions: tuple[str, ...], asked: tuple[Any, ...]) -> Request:
    """Return what the switch and the sliders say; a slider that was emptied says 0."""
    neutralize, *strengths = asked
    numbers = [round(float(strength or 0), 2) for strength in strengths]
    return Request(dict(zip(emotions, numbers, strict=True)), bool(neutralize))


def _required(value: Any) -> Any:
    from icaedit.errors import InputError

    if value is None:
        raise InputError("A number is missing. Fill in every field.")
    return value
