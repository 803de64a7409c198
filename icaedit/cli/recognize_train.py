"""icaedit recognize train: from a dataset to a recogniser of emotions."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from icaedit.cli.labelled_data import data_argument, dataset_options, read_labelled
from icaedit.cli.options import (
    FILE,
    NUMBER,
    align_option,
    landmark_model_option,
    model_option,
    shared_options,
)
from icaedit.cli.training_options import (
    backbone_of,
    network_options,
    settings_of,
    training_options,
)
from icaedit.errors import InputError

if TYPE_CHECKING:
    from icaedit.datasets import Record

__all__ = ["command"]


@click.command("train", short_help="Train a recogniser on a dataset.")
@data_argument
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="recogniser.safetensors",
    show_default=True,
    metavar="FILE",
    help="Where the recogniser goes.",
)
@dataset_options
@network_options
@click.option(
    "--emotions", metavar="LIST", help="What to recognise, by commas.  [default: the seven]"
)
@click.option(
    "--mask",
    type=FILE,
    metavar="FILE",
    help="Coordinates of the latents to use, as export-mask writes them.  [default: those of the "
    "directions shipped with the model]",
)
@click.option(
    "--latents",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Latents of DATA as encode writes them.  [default: encoded now, into a file beside the "
    "output]",
)
@click.option("--no-latents", is_flag=True, help="Use the network's features alone.")
@click.option("--collaborative", is_flag=True, help="Train a copy of the model's encoder along.")
@model_option
@align_option
@landmark_model_option
@training_options
@click.option(
    "--test-share",
    type=NUMBER,
    default=0.0,
    show_default=True,
    metavar="S",
    help="Share of the people that is left for a test.",
)
@click.option(
    "--skip-unreadable", is_flag=True, help="Leave out and count pictures that cannot be used."
)
@shared_options
def command(
    data: tuple[Path, ...],
    output: Path,
    dataset: str,
    labels: str | None,
    mask: Path | None,
    latents: tuple[Path, ...],
    no_latents: bool,
    collaborative: bool,
    model: str,
    align: str,
    landmark_model: Path | None,
    emotions: str | None,
    test_share: float,
    skip_unreadable: bool,
    device: str,
    seed: int,
    quiet: bool,
    **options: Any,
) -> None:
    """Train a recogniser of emotions on DATA.

    DATA is KDEF, RAF-DB, CK+, a CSV table, or folders by emotion; several are used together, such
    as photographs and their sketches. A test part is left alone, and people are set aside for
    validation. A run that was stopped goes on.

    \b
    Example:
      icaedit recognize train kdef --size 64 -o recogniser.safetensors
      icaedit recognize train kdef drawings --size 64
    """
    from icaedit.artifacts import load_index_mask, load_latents
    from icaedit.cli.progress import progress_bar
    from icaedit.cli.recognizing import default_mask, encoded, framed, joined
    from icaedit.cli.results import record_run, require_parent, tell
    from icaedit.files import sha256_file
    from icaedit.models import load_model
    from icaedit.models.devices import resolve_device
    from icaedit.recognition import CollaborativeEncoder, train_recogniser
    from icaedit.recognition.training import Processes
    from icaedit.schema import EMOTIONS

    plain = no_latents or options["head"] == "own"
    _check(plain, mask, latents, collaborative)
    require_parent(output)
    settings = settings_of(options, seed=seed, skip=skip_unreadable)
    backbone = backbone_of(options, settings)
    records = [read_labelled(path, dataset=dataset, labels=labels, quiet=quiet) for path in data]
    parted = _with_test(records, test_share, seed)
    test = [record for part in parted for record in part if record.split == "test"]
    used = [[record for record in part if record.split != "test"] for part in parted]
    processes = Processes(resolve_device(device))
    index_mask = codes = None
    inputs: dict[str, str] = {}
    with processes.first_then_others():
        faces = []
        for number, part in enumerate(used):
            kept, left_out = framed(
                part,
                output.with_name(f"{output.stem}.faces"),
                align=align,
                landmark_model=landmark_model,
                skip=skip_unreadable,
                quiet=quiet,
            )
            for name, reason in left_out.items():
                tell(f"left out {name}: {reason}")
            faces += kept
            used[number] = [record for record in part if record.name not in left_out]
        if not plain:
            latent_model = load_model(model, device=device)
            inputs["model"] = latent_model.fingerprint
            index_mask = default_mask(latent_model) if mask is None else load_index_mask(mask)
        if collaborative:
            codes = CollaborativeEncoder(
                latent_model.encoder,
                size=latent_model.encoder.config.input_size,
                model_fingerprint=latent_model.fingerprint,
            )
        elif not plain and latents:
            codes = joined([load_latents(path) for path in latents])
            inputs |= {path.as_posix(): sha256_file(path) for path in latents}
        elif not plain:
            codes = joined(
                [
                    encoded(
                        part,
                        latent_model,
                        output.with_name(f"{output.stem}.latents{number or ''}.safetensors"),
                        align=align,
                        landmark_model=landmark_model,
                        quiet=quiet,
                    )
                    for number, part in enumerate(used)
                ]
            )
    state = output.with_name(f"{output.stem}.training.safetensors")
    with progress_bar("training", quiet=quiet) as progress:
        recogniser = train_recogniser(
            [*faces, *test],
            backbone,
            mask=index_mask,
            latents=codes,
            emotions=EMOTIONS if emotions is None else emotions.split(","),
            settings=settings,
            resume=state,
            device=resolve_device(device),
            progress=progress,
        )
    if processes.index:
        return  # the first of several writes
    replace(recogniser, provenance={**recogniser.provenance, "align": align}).save(output)
    state.unlink(missing_ok=True)
    digest = recogniser.provenance["dataset_digest"]
    inputs |= {" ".join(path.as_posix() for path in data): digest}
    for file in (mask, options["checkpoint"], options["trunk"]):
        if file is not None:
            inputs[file.as_posix()] = sha256_file(file)
    record_run(output, inputs=inputs)
    click.echo(recogniser.summary())
    click.echo(f"{output}: trained on {', '.join(path.as_posix() for path in data)}")


def _check(
    plain: bool, mask: Path | None, latents: tuple[Path, ...], collaborative: bool
) -> None:
    if plain and (mask or latents or collaborative):
        raise click.UsageError(
            "got --mask, --latents or --collaborative for a network without latents, expected "
            "none of them; leave them out"
        )
    if collaborative and latents:
        raise click.UsageError(
            "got --latents with --collaborative, expected one; latents change while their encoder "
            "is trained"
        )


def _with_test(
    datasets: Sequence[Sequence["Record"]], share: float, seed: int
) -> list[list["Record"]]:
    """Return the pictures of each dataset, with a share of all people in the test."""
    from icaedit.datasets import split_people

    if not share:
        return [list(records) for records in datasets]
    together = [record for records in datasets for record in records]
    if any(record.split for record in together):
        raise InputError(
            "got --test-share for a dataset that has parts of its own, expected one without; leave "
            "it out"
        )
    parted = split_people(together, {"train": 1 - share, "test": share}, random_state=seed)
    remaining = iter(parted)
    return [[next(remaining) for _ in records] for records in datasets]
