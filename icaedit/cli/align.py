"""icaedit align: the faces of a photo cut out upright, or shown with their numbers."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, landmark_options, shared_options

__all__ = ["command"]

_SIZES = {"ffhq": (1024, 4096), "e4e": (256, 256)}


@click.command("align", short_help="Cut out the faces of a photo as FFHQ does.")
@click.argument("image", type=FILE)
@click.option(
    "-o", "--output", type=FILE, required=True, metavar="OUT", help="A .png or .jpg file."
)
@click.option(
    "--variant",
    type=click.Choice(list(_SIZES)),
    default="ffhq",
    show_default=True,
    help="ffhq: 1024 px, finely sampled, for pictures; e4e: 256 px as encoders of the e4e family "
    "were trained, for latents.",
)
@click.option(
    "--size",
    type=click.IntRange(8, 2048),
    metavar="PX",
    help="Side of the result in pixels.  [default: that of the variant]",
)
@landmark_options
@click.option(
    "--all-faces", is_flag=True, help="Cut out every face, into files numbered OUT-1, OUT-2, ..."
)
@click.option("--show", is_flag=True, help="Draw the faces with their numbers into OUT instead.")
@click.option(
    "--write-landmarks",
    type=FILE,
    metavar="FILE",
    help="Also write the points, as JSON that --landmarks reads.",
)
@shared_options
def command(
    image: Path,
    output: Path,
    variant: str,
    size: int | None,
    face: int | None,
    landmarks: Path | None,
    landmark_model: Path | None,
    all_faces: bool,
    show: bool,
    write_landmarks: Path | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Cut out the face in IMAGE as the FFHQ dataset was made.

    \b
    Example:
      icaedit align photo.jpg -o face.png
      icaedit align group.jpg --show -o faces.png
      icaedit align group.jpg --all-faces -o face.png
    """
    from icaedit.cli.editing import require_suffix
    from icaedit.cli.results import record_run, require_parent
    from icaedit.faces import prepare_face, prepare_faces, save_landmarks
    from icaedit.files import sha256_file
    from icaedit.images import read_image, save_image

    if sum((all_faces, show, face is not None)) > 1:
        raise click.UsageError(
            "got two of --face, --all-faces and --show, expected one; leave the others out"
        )
    require_suffix(output, (".png", ".jpg", ".jpeg"))
    require_parent(output)
    picture = read_image(image)
    side, sampled = _SIZES[variant]
    options = {
        "align": "always",
        "size": size or side,
        "transform_size": (size or side) * sampled // side,
        "landmarks": landmarks,
        "landmark_model": landmark_model,
    }
    if show or all_faces:
        faces = prepare_faces(picture, doubtful=show, **options)
    else:
        faces = [prepare_face(picture, face=face, **options)]
    if show:
        from icaedit.plots import numbered_faces

        written = [output]
        save_image(output, numbered_faces(picture, faces))
    else:
        written = [_named(output, found.number) for found in faces] if all_faces else [output]
        for path, found in zip(written, faces, strict=True):
            save_image(path, found.image)
    if write_landmarks is not None:
        save_landmarks(write_landmarks, [found.landmarks for found in faces])
    used = [path for path in (image, landmarks, landmark_model) if path is not None]
    record_run(
        output, inputs={path.as_posix(): sha256_file(path) for path in used}, outputs=written
    )
    for path, found in zip(written, faces, strict=False):
        what = _shown(faces) if show else f"face {found.number} at {len(found.image)} px"
        click.echo(f"{path}: {what} of {image}")


def _named(output: Path, number: int) -> Path:
    return output.with_name(f"{output.stem}-{number}{output.suffix}")


def _shown(faces: list) -> str:
    doubtful = [str(f.number) for f in faces if f.box is not None and not f.box.is_sure]
    doubt = f" ({', '.join(doubtful)} doubtful)" if doubtful else ""
    return f"{len(faces)} face{'s' if len(faces) > 1 else ''}{doubt}"
