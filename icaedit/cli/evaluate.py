"""icaedit evaluate: directions beside those of other methods, on people nothing was fitted on."""

from pathlib import Path

import click

from icaedit.cli.options import COMPARED, FILE, model_option, shared_options

__all__ = ["command"]


@click.command("evaluate", short_help="Compare directions with other methods.")
@click.argument("directions", type=FILE, required=False, metavar="[FILE]")
@click.option(
    "--against",
    type=COMPARED,
    help="Methods to compare with, separated by commas.  [default: all]",
)
@click.option(
    "--latents",
    type=FILE,
    metavar="FILE",
    help="The latents that the directions were fitted to.  [default: those beside FILE, or the "
    "portraits of the embedded model]",
)
@click.option(
    "--faces",
    type=FILE,
    metavar="FILE",
    help="Latents of other people, to be edited.  [default: newly rendered people]",
)
@click.option(
    "--people",
    type=click.IntRange(min=2),
    default=32,
    show_default=True,
    metavar="N",
    help="How many people to render.",
)
@click.option(
    "--change",
    type=click.FloatRange(min=0, min_open=True, max=2),
    default=0.5,
    show_default=True,
    metavar="SHARE",
    help="Target change, as a share of that of a posed expression.",
)
@click.option(
    "--identity",
    default="judge",
    show_default=True,
    metavar="WHO",
    help="What tells people apart: judge, dlib, or a file of ArcFace's IR-SE50.",
)
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="evaluation",
    show_default=True,
    metavar="DIR",
    help="Folder of comparison.md, .csv and .png.",
)
@model_option
@shared_options
def command(
    directions: Path | None,
    against: tuple[str, ...] | None,
    latents: Path | None,
    faces: Path | None,
    people: int,
    change: float,
    identity: str,
    output: Path,
    model: str,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Compare the directions in FILE with those of other methods.

    The other methods are fitted to the same latents, and each edits the same faces, of people
    that nothing was fitted on, until its target has changed by the same amount. Without FILE the
    directions shipped with the model are compared.

    \b
    Example:
      icaedit evaluate directions.safetensors --against pca,svm,mean-difference
    """
    from icaedit.cli.comparing import compare_directions, write_comparison
    from icaedit.cli.results import record_run
    from icaedit.evaluation.tables import comparison_sentences, comparison_text
    from icaedit.files import ensure_writable_folder
    from icaedit.models import load_model

    ensure_writable_folder(output)
    comparison, inputs = compare_directions(
        directions,
        against=against,
        files=(latents, faces),
        model=load_model(model, device=device),
        people=people,
        change=change,
        identity=identity,
        seed=seed,
        quiet=quiet,
    )
    written = write_comparison(comparison, output)
    record_run(output, inputs=inputs, outputs=written)
    click.echo(comparison_text(comparison))
    for sentence in comparison_sentences(comparison):
        click.echo(sentence)
    click.echo(f"{output}: {', '.join(path.name for path in written)}")
