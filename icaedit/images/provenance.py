"""How an edited picture was made, written into the picture itself."""

import json
import os
from collections.abc import Mapping
from typing import Any

from PIL import Image

from icaedit.errors import InputError
from icaedit.images.encoding import EXIF_ERRORS
from icaedit.images.xmp import read_xmp, with_properties

__all__ = [
    "COMPOSITE",
    "GENERATED",
    "TEXT_KEY",
    "provenance_in",
    "provenance_text",
    "read_provenance",
    "with_provenance",
]

_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
COMPOSITE = f"{_SOURCE_TYPES}compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a photograph of which a trained model changed a part."""
GENERATED = f"{_SOURCE_TYPES}trainedAlgorithmicMedia"
"""IPTC's word for a picture that a trained model made as a whole."""

FORMAT, VERSION = "icaedit.edit", 1
TEXT_KEY = "icaedit"
"""Under which a PNG's texts hold the record."""

_EDIT = ("urn:icaedit:edit:1:", "Edit")
_SOURCE_TYPE = ("http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "DigitalSourceType")
_PREFIXES = {_EDIT[0]: "icaedit", _SOURCE_TYPE[0]: "Iptc4xmpExt"}
_PROCESSING_SOFTWARE = 0x000B  # EXIF's tag for what changed a picture after it was taken
_LARGEST_JPEG_XMP = 65_502  # bytes that one marker holds beside the name of its content
_EARLIER = 20  # edits before the last one that are kept


def provenance_text(record: Mapping[str, Any]) -> str:
    """Return a record as ASCII JSON on one line, its keys sorted.

    Raises
    ------
    InputError
        If it holds something that JSON has no word for.

    Examples
    --------
    >>> provenance_text({"b": 1.0, "a": "x"})
    '{"a": "x", "b": 1.0, "format": "icaedit.edit", "version": 1}'
    """
    try:
        return json.dumps(
            {**record, "format": FORMAT, "version": VERSION}, sort_keys=True, allow_nan=False
        )
    except (TypeError, ValueError) as err:
        raise InputError(
            f"got a record of an edit that is no JSON ({err}), expected texts, numbers, lists and "
            "mappings; convert what it holds"
        ) from err


def with_provenance(
    metadata: Mapping[str, Any], record: Mapping[str, Any], *, name: str
) -> dict[str, Any]:
    """Return a photo's metadata with the record of an edit added, and all else as it was.

    The record goes into XMP (`icaedit:Edit`) and PNG's texts (`icaedit`); IPTC's
    `DigitalSourceType` into XMP; the program's name into EXIF's `ProcessingSoftware`. The record
    of an edit before is kept in it under ``"earlier"``.

    Parameters
    ----------
    metadata : mapping
        As of `Photo.metadata`.
    record : mapping
        Plain JSON values; ``"digital_source_type"`` is `COMPOSITE` where it is missing.
    name : str
        The format that will be written, in Pillow's words.

    Raises
    ------
    InputError
        If the record has no form in JSON.
    """
    record = {"digital_source_type": COMPOSITE, **record}
    before = provenance_in(metadata)
    if before is not None:
        earlier = before.pop("earlier", [])
        kept = earlier if isinstance(earlier, list) else []
        record["earlier"] = [*kept, before][-_EARLIER:]
    text = provenance_text(record)
    result = dict(metadata)
    result["text"] = {**metadata.get("text", {}), TEXT_KEY: text}
    properties = {_SOURCE_TYPE: str(record["digital_source_type"]), _EDIT: text}
    xmp = with_properties(metadata.get("xmp"), properties, _PREFIXES)
    if name == "JPEG" and len(xmp) > _LARGEST_JPEG_XMP:
        xmp = with_properties(None, properties, _PREFIXES)
    result["xmp"] = xmp
    result["exif"] = _with_software(metadata.get("exif", b""), f"icaedit {record.get('icaedit')}")
    if _parsed(metadata.get("comment")) is not None:
        del result["comment"]  # of the GIF that was edited
    return result


def provenance_in(metadata: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the record that a picture's metadata hold, or None.

    What stands in a file may have been written by anybody: only its form is checked.

    Examples
    --------
    >>> kept = with_provenance({}, {"icaedit": "0.1.0"}, name="PNG")
    >>> provenance_in({"xmp": kept["xmp"]}) == provenance_in({"text": kept["text"]})
    True
    """
    texts = metadata.get("text", {})
    found = _parsed(texts.get(TEXT_KEY) if isinstance(texts, dict) else None)
    if found is None and metadata.get("xmp"):
        found = _parsed(read_xmp(metadata["xmp"], _EDIT))
    return _parsed(metadata.get("comment")) if found is None else found


def read_provenance(path: str | os.PathLike) -> dict[str, Any] | None:
    """Return the record of the edit that made a picture, as the picture itself tells it.

    Parameters
    ----------
    path : path
        A picture as in `read_photo`.

    Returns
    -------
    dict or None
        None if the picture tells of no edit by icaedit, which proves nothing: metadata are
        easily removed, and as easily made up.

    Raises
    ------
    IcaeditError
        As `read_photo`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> from icaedit.images import save_image
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.png"
    >>> save_image(path, np.zeros((16, 16, 3), np.uint8), provenance={"icaedit": "0.1.0"})
    >>> read_provenance(path)["icaedit"]
    '0.1.0'
    """
    from icaedit.images.reading import read_photo

    return provenance_in(read_photo(path).metadata)


def _parsed(text: Any) -> dict[str, Any] | None:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and record.get("format") == FORMAT else None


def _with_software(content: bytes, software: str) -> bytes:
    try:
        exif = Image.Exif()
        if content:
            exif.load(content)
        exif[_PROCESSING_SOFTWARE] = software
        return exif.tobytes()
    except EXIF_ERRORS:
        return content
