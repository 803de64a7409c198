"""ICC profiles made by hand: a wide gamut and a grey one with other curves than sRGB's."""

import struct


def _fixed(*values):
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def profile(gamma=2.2, *, grey=False, name="by hand"):
    """Return a version 2 profile: Adobe's wide primaries (D50), or grey, with a gamma curve."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    text = name.encode("ascii") + b"\0"
    described = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    white = b"XYZ " + bytes(4) + _fixed(0.9642, 1.0, 0.8249)
    tags = {b"desc": described, b"cprt": b"text" + bytes(4) + b"none\0", b"wtpt": white}
    if grey:
        tags[b"kTRC"] = curve
    else:
        primaries = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
        for letter, values in zip("rgb", primaries, strict=True):
            tags[f"{letter}XYZ".encode()] = b"XYZ " + bytes(4) + _fixed(*values)
            tags[f"{letter}TRC".encode()] = curve
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        content += bytes(-len(content) % 4)
        table += tag + struct.pack(">II", offset + len(body), len(content))
        body += content
    head = bytearray(128)
    head[0:4] = struct.pack(">I", offset + len(body))
    head[8:12] = b"\x02\x10\0\0"
    head[12:24] = b"mntr" + (b"GRAY" if grey else b"RGB ") + b"XYZ "
    head[36:40] = b"acsp"
    head[68:80] = _fixed(0.9642, 1.0, 0.8249)
    return bytes(head) + struct.pack(">I", len(tags)) + table + body
