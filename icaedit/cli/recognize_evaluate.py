"""icaedit recognize evaluate: a recogniser on people that it has not seen."""

from dataclasses import replace
from pathlib import Path

import click

from icaedit.cli.labelled_data import data_argument, dataset_options
from icaedit.cli.options import FILE, landmark_model_option, model_option, shared_options

__all__ = ["command"]


@click.command("evaluate", short_help="Test a recogniser on unseen people.")
@click.argument("recogniser", type=FILE)
@data_argument
@click.option(
    "--against",
    type=FILE,
    metavar="FILE",
    help="Another recogniser, such as one without latents, to compare with on the same pictures.",
)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="FILE",
    help="Where the report goes: .json with every number, or .md.",
)
@click.option(
    "--figure",
    type=FILE,
    metavar="FILE",
    help="Where the confusion matrix goes, beside that of the other; .png, .svg or .pdf.",
)
@click.option(
    "--reliability",
    type=FILE,
    metavar="FILE",
    help="Where a figure of confidence and accuracy goes.",
)
@click.option(
    "--calibrated",
    type=FILE,
    metavar="FILE",
    help="Where a copy of the recogniser goes, with the temperature that fits people of the "
    "validation best.",
)
@click.option(
    "--latents",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Latents of DATA as encode writes them.  [default: encoded now]",
)
@click.option(
    "--align",
    type=click.Choice(["auto", "always", "none"]),
    help="As for train.  [default: as in the training]",
)
@dataset_options
@model_option
@landmark_model_option
@shared_options
def command(
    recogniser: Path,
    data: tuple[Path, ...],
    against: Path | None,
    output: Path | None,
    figure: Path | None,
    reliability: Path | None,
    calibrated: Path | None,
    latents: tuple[Path, ...],
    align: str | None,
    dataset: str,
    labels: str | None,
    model: str,
    landmark_model: Path | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Test a RECOGNISER, as train writes it, on people of DATA that it has not seen.

    The test part of DATA is used; where it has no parts, the people that train left for a test,
    and if there are none of these everyone. People seen in training are refused by name. Pictures
    in which no face is found count as wrong.

    \b
    Example:
      icaedit recognize evaluate fused.safetensors kdef -o report.json
      icaedit recognize evaluate fused.safetensors kdef --against own.safetensors
    """
    from icaedit.cli.editing import require_suffix
    from icaedit.cli.recognition_testing import (
        Testing,
        draw_confusion,
        draw_reliability,
        write_report,
    )
    from icaedit.cli.results import record_run, require_parent
    from icaedit.errors import InputError
    from icaedit.recognition.evaluating.report import evaluation_text

    for file, suffixes in (
        (output, (".json", ".md")),
        (figure, (".png", ".svg", ".pdf")),
        (reliability, (".png", ".svg", ".pdf")),
        (calibrated, (".safetensors",)),
    ):
        if file is not None:
            require_suffix(file, suffixes)
            require_parent(file)
    testing = Testing(
        recogniser, against, model=model, device=device, latents=latents, seed=seed, quiet=quiet
    )
    evaluation = testing.evaluate(
        data, dataset=dataset, labels=labels, align=align, landmark_model=landmark_model
    )
    written = []
    if calibrated is not None:
        if evaluation.fitted is None:
            raise InputError(
                f"got {', '.join(map(str, data))} without anyone of the validation, expected some "
                "to fit a temperature to; name the dataset that was trained on, or leave out "
                "--calibrated"
            )
        replace(testing.recogniser, temperature=evaluation.fitted.temperature).save(calibrated)
        written.append(calibrated)
    if output is not None:
        write_report(output, evaluation, testing.names)
        written.append(output)
    if figure is not None:
        draw_confusion(figure, evaluation, testing.names)
        written.append(figure)
    if reliability is not None:
        draw_reliability(reliability, evaluation)
        written.append(reliability)
    if written:
        record_run(written[0], inputs=testing.inputs, outputs=written)
    click.echo(evaluation_text(evaluation, testing.names))
    if written:
        click.echo(f"{written[0]}" + "".join(f", {path}" for path in written[1:]))
