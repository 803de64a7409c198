"""The page itself: which answer belongs to which control."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icaedit.app.commands import Request
from icaedit.app.handlers import REACH, Handlers, Opened, View, answered
from icaedit.app.layout import (
    HEADER,
    NUMBER,
    expression_column,
    face_column,
    result_column,
    save_column,
    sweep_tab,
)
from icaedit.app.studio import Studio
from icaedit.errors import InputError

if TYPE_CHECKING:
    import gradio as gr

__all__ = ["build_page"]

_PRIVATE = {"api_visibility": "private"}
_LIVE = {**_PRIVATE, "show_progress": "hidden", "trigger_mode": "always_last"}
# edits are answered in the order in which they are asked for
_EDIT = {**_LIVE, "concurrency_id": "edit", "concurrency_limit": 1}


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
        gr.HTML(HEADER, elem_id="header")
        marks = gr.HTML(fitted.marks, elem_id="marks")
        notice = gr.HTML(elem_id="notice")
        with gr.Row(elem_id="main", equal_height=False):
            with gr.Column(elem_classes=["ie-card", "ie-face"]):
                face = face_column(gr, studio)
            with gr.Column(elem_classes=["ie-card", "ie-expression"]):
                expression = expression_column(gr, handlers, fitted)
            with gr.Column(elem_classes=["ie-card", "ie-result"]):
                result = result_column(gr)
            with gr.Column(elem_classes=["ie-card", "ie-save"]):
                save = save_column(gr)
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
                sweep = sweep_tab(gr, given.emotions)

        view = [result["compare"], result["edited"], scores, moved, save["command"]]
        opened = [
            sitting, face["shown"], result["picture"], result["reconstruction"],
            expression["present"], face["found"], face["numbers"], *view, notice,
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
                found.found,
                gr.Radio(
                    choices=[(f"face {n}", n) for n in found.numbers],
                    value=found.sitting.encoded.face.number,
                    visible=len(found.numbers) > 1,
                ),
                *_shown(found.view), "",
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
            # the place for the next one is free again; landmarks are of this photo alone
            return [*shown, None, gr.skip() if shown[-1] else None]

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
            return [*_shown(found), ""]

        def on_opened(sitting, directions, against, *asked):
            # while a picture was opened, sliders may have moved on
            return on_change(sitting, directions, against, *asked)[:-1]

        def on_fitted(sitting, directions, against, *asked):
            if sitting is None:
                return [gr.skip()] * (len(view) + 1)
            shown = on_opened(sitting, directions, against, *asked)
            return [*shown, handlers.present(sitting, directions)]

        def on_pose(emotion, directions):
            used = given if directions is None else directions
            posed = min(max(used.posed_strength.get(emotion, 0.0), -REACH), REACH)
            return [round(posed, 1) if name == emotion else 0.0 for name in given.emotions]

        def on_fit(method, threshold, number, progress=gr.Progress()):  # noqa: B008
            def tell(done: int, total: int) -> None:
                progress((done, total), desc="rendering the people to fit to", unit="pictures")

            rule = number if threshold == NUMBER else threshold
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
            return [gr.skip(), complaint] if found is None else [gr.File(found, visible=True), ""]

        edits = [sitting, *wants], [*view, notice]
        openings = [
            page.load(on_load, wants, opened, show_progress_on=face["shown"], **_PRIVATE),
            face["gallery"].select(on_portrait, wants, opened, **_LIVE),
            face["upload"].upload(
                on_upload,
                [face["upload"], face["landmarks"], *wants],
                [*opened, face["upload"], face["landmarks"]],
                show_progress_on=face["shown"],
                **_PRIVATE,
            ),
            face["shown"].select(on_click, [sitting, *wants], opened, **_LIVE),
            face["numbers"].input(on_number, [face["numbers"], sitting, *wants], opened, **_LIVE),
        ]
        for opening in openings:
            opening.then(on_opened, [sitting, *wants], view, **_EDIT)
        gr.on(
            [*(slider.input for slider in sliders), expression["neutralize"].input, against.input],
            on_change,
            *edits,
            **_EDIT,
        )
        for emotion, button in expression["poses"].items():
            button.click(
                partial(on_pose, emotion), directions, sliders, **_LIVE
            ).then(on_change, *edits, **_EDIT)
        expression["reset"].click(
            lambda: [False, *[0.0] * len(sliders)], None, asked, **_LIVE
        ).then(on_change, *edits, **_EDIT)
        gr.on(
            [expression[name].input for name in ("method", "threshold")]
            + [expression["number"].submit, expression["number"].blur],
            on_fit, [expression[name] for name in ("method", "threshold", "number")],
            [directions, marks, layers, expression["told"], notice],
            show_progress_on=expression["told"], **_PRIVATE,
        ).then(on_fitted, [sitting, *wants], [*view, expression["present"]], **_EDIT)  # fmt: skip
        expression["threshold"].input(
            lambda rule: gr.Number(visible=rule == NUMBER), expression["threshold"],
            expression["number"], **_LIVE,
        )  # fmt: skip
        sweep["make"].click(
            on_sweep,
            [
                sitting, sweep["emotion"], sweep["first"], sweep["last"], sweep["count"],
                expression["neutralize"], directions,
            ],
            [sweep["strip"], sweep["animation"], sweep["command"], notice],
            show_progress_on=sweep["strip"], **_PRIVATE,
        )  # fmt: skip
        save["make"].click(on_save, [sitting, *wants], [save["files"], notice], **_LIVE)
    page.queue(default_concurrency_limit=2, api_open=False)
    return page


def _shown(view: View) -> list[Any]:
    return [view.compare, view.edited, view.scores, view.moved, view.command]


def _request(emotions: tuple[str, ...], asked: tuple[Any, ...]) -> Request:
    """Return what the switch and the sliders say; a slider that was emptied says 0."""
    neutralize, *strengths = asked
    numbers = [round(float(strength or 0), 2) for strength in strengths]
    return Request(dict(zip(emotions, numbers, strict=True)), bool(neutralize))


def _required(value: Any) -> Any:
    if value is None:
        raise InputError("A number is missing. Fill in every field.")
    return value
