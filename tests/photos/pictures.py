"""Pictures for tests, good and hostile, made by Pillow and by hand."""

from __future__ import annotations

import base64
import io
import random
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

SECRET = b"Zanzibar-37.5665N-126.9780E"


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Return a picture with soft noise, which compresses as photos do."""
    rough = Image.effect_noise((max(1, width // 8), max(1, height // 8)), 60)
    return rough.convert("RGB").resize((width, height)).convert(mode)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def jpeg(width: int = 320, height: int = 240, **options: Any) -> bytes:
    return saved(noise(width, height), "JPEG", **{"quality": 85} | options)


def png(width: int = 32, height: int = 24, mode: str = "RGB", **options: Any) -> bytes:
    return saved(noise(width, height, mode), "PNG", **{"compress_level": 1} | options)


def with_metadata() -> bytes:
    """Return a JPEG with GPS, a thumbnail, XMP, IPTC, a comment and a profile, all with SECRET."""
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()  # ImageDescription
    exif[0x0112] = 6
    gps = exif.get_ifd(0x8825)
    gps |= {1: "N", 2: (37.0, 33.0, 59.4), 3: "E", 4: (126.0, 58.0, 40.8), 29: SECRET.decode()}
    exif._ifds[0x8825] = gps
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = jpeg(exif=exif, comment=SECRET, icc_profile=srgb)
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(SECRET)) + SECRET
    extra = b"".join(
        bytes([0xFF, marker]) + struct.pack(">H", len(part) + 2) + part
        for marker, part in ((0xE1, xmp), (0xED, iptc))
    )
    return data[:2] + extra + data[2:] + SECRET  # and behind its end


def png_with_texts() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET.decode())
    texts.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=True)
    return saved(noise(64, 48), "PNG", pnginfo=texts)


def oriented(orientation: int) -> bytes:
    """Return a picture that is red at the top left when it is upright, and wider than high."""
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste((255, 0, 0), (0, 0, 16, 16))
    turns = Image.Transpose
    stored = {
        1: None,
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_90,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(upright.transpose(stored) if stored is not None else upright, "JPEG", exif=exif)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bomb(width: int, height: int, rows: int | None = None) -> bytes:
    """Return a small PNG that says to have this size. `rows` of them are really there."""
    packer = zlib.compressobj(9)
    lines = range(height if rows is None else rows)
    packed = b"".join(packer.compress(bytes(width + 1)) for _ in lines)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", packed + packer.flush())
        + _chunk(b"IEND", b"")
    )


def png_text_bomb() -> bytes:
    """Return a PNG whose profile and text are small, and very large when they are unpacked."""
    data = png(8, 8)
    zeros = zlib.compress(bytes(64 << 20), 9)
    bombs = _chunk(b"iCCP", b"x\0\0" + zeros) + _chunk(b"zTXt", b"y\0\0" + zeros)
    return data[:33] + bombs + data[33:]


def webp_bomb(width: int, height: int) -> bytes:
    """Return a WebP whose header says to have this size."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    rest = saved(noise(16, 16), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(extended + rest) + 4) + b"WEBP" + extended + rest


def jpeg_of_size(width: int, height: int) -> bytes:
    """Return a small JPEG whose header says to have this size."""
    data = bytearray(jpeg(16, 16))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_in_three_scans(width: int, height: int) -> bytes:
    """Return the head of a JPEG that is not progressive and says to have its layers one by one."""
    data = bytearray(jpeg_of_size(width, height))
    at = data.index(b"\xff\xda")
    scan = struct.pack(">HB2B3B", 8, 1, 1, 0, 0, 63, 0)
    return bytes(data[: at + 2]) + scan + bytes(data[at + 14 :])


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (32, 24), color) for color in ("red", "blue", "green")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


def random_bytes(length: int) -> bytes:
    return random.Random(7).randbytes(length)  # noqa: S311  # no secret


# Of 64 × 32 pixels, white and red at the top left, with SECRET's first word in its EXIF. Pillow and
# what decodes HEIC for it cannot write such a file.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAAADUAAgAAAAACFwABAAAAAAAAAC4AAAA4aWlu"
    "ZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA"
    "/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMA"
    "AAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkA"
    "AAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAIAAAAAEAAAAA"
    "AAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAABppcmVmAAAAAAAA"
    "AA5jZHNjAAIAAQABAAAAa21kYXQAAAAxKAGvE4DmqHuz//XeCv/KtZ/5m4alb9UbFHwlD/56GBp/+/Bix2ic/6M6"
    "HZ0KDgeH4AAAAAZFeGlmAABNTQAqAAAACAABAQ4AAgAAAAkAAAAaAAAAAFphbnppYmFyAAA="
)
