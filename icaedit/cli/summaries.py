"""Files in plain words."""

import csv
import dataclasses
import json
from collections import Counter
from pathlib import Path

from icaedit.artifacts import load_directions, load_index_mask, load_latents, peek_header
from icaedit.errors import FileAccessError, FormatError
from icaedit.files import read_bytes, sha256_file

__all__ = ["CHECKPOINTS", "MODEL_FORMAT", "PICTURES", "RECOGNISER_FORMAT", "summary_of"]

MODEL_FORMAT, RECOGNISER_FORMAT = "icaedit.model", "icaedit.recogniser"
CHECKPOINTS = (".pt", ".pth", ".pkl")
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")


def summary_of(path: Path) -> str:
    """Return what a file or a dataset's folder holds, in a few lines.

    Raises
    ------
    IcaeditError
        If it is missing, or of no kind that icaedit knows.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        return _dataset_summary(path)
    if not path.exists():
        raise FileAccessError(f"got {path}, which does not exist, expected a file; check the path")
    if suffix == ".safetensors":
        return _tensors_summary(path)
    if suffix == ".json":
        return _json_summary(path)
    if suffix in CHECKPOINTS:
        from icaedit.cli.model_summaries import model_summary

        return model_summary(path, path.stem)
    if suffix == ".csv":
        return _table_summary(path)
    if suffix in PICTURES:
        return _picture_summary(path)
    raise FormatError(
        f"got {path}, whose kind is not known, expected a .safetensors, .json, .csv, .pt, .pkl or "
        "picture file, or a dataset's folder; name one of these"
    )


def _dataset_summary(path: Path) -> str:
    from icaedit.datasets import read_dataset

    return read_dataset(path).report()


def _tensors_summary(path: Path) -> str:
    kind = peek_header(path)["format"]
    if kind == MODEL_FORMAT:
        from icaedit.cli.model_summaries import model_summary

        return model_summary(path, path.stem)
    if kind == "icaedit.directions":
        directions = load_directions(path)
        return f"{directions.summary()}\ndigest {directions.digest[:12]}"
    if kind == RECOGNISER_FORMAT:
        return _recogniser_summary(path)
    if kind == "icaedit.recognition_scores":
        return _scores_summary(path)
    if kind != "icaedit.latents":
        return f"{path} holds {kind}, {path.stat().st_size / 1e6:.1f} MB"
    latents = load_latents(path)
    n, layers, channels = latents.latents.shape
    people = len(set(latents.identity.tolist()))
    return "\n".join(
        [
            f"latents of {n} pictures of {people} people, {layers} layers x {channels} channels",
            f"model {latents.model_fingerprint[:12] or 'not recorded'}",
            f"emotions: {_counts(latents.emotion.tolist())}",
            f"views: {_counts(latents.view.tolist())}",
        ]
    )


def _recogniser_summary(path: Path) -> str:
    from icaedit.recognition import describe_recogniser

    return describe_recogniser(path)


def _scores_summary(path: Path) -> str:
    from icaedit.recognition import experiment_overview, experiment_rows, load_experiment

    experiment = load_experiment(path)
    rows = experiment_rows(experiment, experiment.conditions[0], n_bootstrap=1)
    seeds = ", ".join(map(str, experiment.seeds))
    people = len(set(experiment.identities or ())) or "unknown"
    return (
        f"scores of {len(experiment.labels)} pictures of {people} people, seeds {seeds}\n"
        f"{experiment_overview(rows).rstrip()}"
    )


def _json_summary(path: Path) -> str:
    from icaedit.cli.run_summaries import is_run_record, run_summary

    try:
        content = json.loads(read_bytes(path))
    except (ValueError, RecursionError):  # the mask's reader says what is wrong
        content = None
    if is_run_record(content):
        return run_summary(path, content)
    if isinstance(content, dict) and content.get("format") == "icaedit.recognition_report":
        return f"evaluation of a recogniser\n{content.get('summary', '')}"
    if isinstance(content, dict) and content.get("format") == "icaedit.landmarks":
        from icaedit.faces import read_landmarks

        faces = [
            f"face {n}: {len(points)} points" for n, points in enumerate(read_landmarks(path), 1)
        ]
        return "\n".join(["landmarks, x and y in pixels", *faces])
    return _mask_summary(path)


def _mask_summary(path: Path) -> str:
    mask = load_index_mask(path)
    layers, channels = mask.shape
    total = layers * channels
    lines = [
        f"index mask over {layers} layers x {channels} channels = {total} coordinates",
        f"threshold {mask.threshold}, {mask.rule}; model {mask.model[:12] or 'not recorded'}",
    ]
    if mask.people:
        lines.append(f"fitted on {len(mask.people)} people")
    for name, kept in {**mask.emotions, "union": mask.union}.items():
        lines.append(f"{name:<10} {len(kept):>6} kept  {len(kept) / total:>6.1%}")
    return "\n".join(lines)


def _table_summary(path: Path) -> str:
    try:
        rows = list(csv.DictReader(read_bytes(path).decode("utf-8").splitlines()))
    except (UnicodeDecodeError, csv.Error) as err:
        raise FormatError(
            f"got {path}, which is no table ({err}), expected comma-separated UTF-8; export it so"
        ) from err
    if rows and {"path", "emotion", "not_recognised"} <= set(rows[0]):
        return _predictions_summary(rows)
    if not rows or not {"path", "identity", "emotion"} <= set(rows[0]):
        raise FormatError(
            f"got {path}, expected a table with the columns path, identity and emotion, like "
            "portraits.csv; name such a file"
        )
    people = len({row["identity"] for row in rows})
    return "\n".join(
        [
            f"table of {len(rows)} pictures of {people} people, {len(rows[0])} columns",
            f"emotions: {_counts([row['emotion'] for row in rows])}",
        ]
    )


def _predictions_summary(rows: list[dict[str, str]]) -> str:
    read = [row["emotion"] for row in rows if row["emotion"]]
    lines = [f"table of {len(rows)} predictions: {_counts(read) or 'none'}"]
    if len(read) < len(rows):
        lines.append(f"not recognised: {len(rows) - len(read)}")
    return "\n".join(lines)


def _picture_summary(path: Path) -> str:
    from icaedit.cli.provenance_text import provenance_lines
    from icaedit.faces import detect
    from icaedit.images import provenance_in, read_photo

    photo = read_photo(path)
    image = photo.pixels
    height, width = image.shape[:2]
    lines = [f"picture, {width} x {height} px, SHA-256 {sha256_file(path)[:12]}"]
    for box in detect(image):
        numbers = dataclasses.asdict(box)
        lines.append("face: " + ", ".join(f"{key} {value:.4g}" for key, value in numbers.items()))
    if len(lines) == 1:
        lines.append("no face found")
    return "\n".join([*lines, *provenance_lines(provenance_in(photo.metadata))])


def _counts(names: list[str]) -> str:
    return ", ".join(f"{name or 'not given'} {n}" for name, n in Counter(names).items())
