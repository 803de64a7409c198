"""icaedit app: the page in the browser."""

from pathlib import Path

import click

from icaedit.cli.options import (
    FILE,
    directions_option,
    landmark_model_option,
    model_option,
    shared_options,
)

__all__ = ["command"]


@click.command("app", short_help="Edit faces on a page in the browser.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="H",
    help="Address to listen at; 0.0.0.0 lets other machines in.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="P",
    help="Port to listen at; 0 stands for any.  [default: the first free from 7860]",
)
@directions_option
@model_option
@click.option(
    "--latents",
    type=FILE,
    metavar="FILE",
    help="Latents as encode writes them, to which other methods and thresholds are fitted.  "
    "[default: for the embedded model, those of rendered people]",
)
@landmark_model_option
@shared_options
def command(
    host: str,
    port: int | None,
    directions: Path | None,
    model: str,
    latents: Path | None,
    landmark_model: Path | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Serve a page on this machine where faces are edited by sliders.

    Nothing leaves the machine, and nobody else can open the page unless --host says so.
    Stop it by Ctrl+C.

    \b
    Example:
      icaedit app
      icaedit app --port 8000 --model ffhq --directions ffhq.safetensors
    """
    import signal
    import tempfile

    from icaedit.app.server import require_gradio, serving

    require_gradio()  # told before anything is loaded
    from icaedit.app import Studio, cached_portraits, make_gallery
    from icaedit.artifacts import load_latents
    from icaedit.cli.editing import make_editor
    from icaedit.cli.results import tell

    encoded = None if latents is None else load_latents(latents)
    editor = make_editor(model, directions, device=device, landmark_model=landmark_model)
    if encoded is None and directions is None:  # the embedded model's own
        encoded = lambda progress: cached_portraits(editor.model, progress)  # noqa: E731
    named = {
        "--model": None if model == "portraits" else model,
        "--directions": directions,
        "--landmark-model": landmark_model,
    }
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # tidies up as after Ctrl+C
    with tempfile.TemporaryDirectory(prefix="icaedit-portraits-") as folder:
        studio = Studio(
            editor,
            portraits=make_gallery(Path(folder)),
            latents=encoded,
            named={name: str(value) for name, value in named.items() if value is not None},
        )
        with serving(studio, host=host, port=port) as served:
            click.echo(served.url)
            if not quiet:
                tell("the page is open to this address until Ctrl+C")
            served.wait()
