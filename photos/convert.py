"""Convert one picture, as a program of its own: `python -I photos/convert.py <picture >answer`.

The answer is a line of JSON, and after it the bytes of two WebP files whose lengths it names:

    {"width": 1600, "height": 1200, "blurhash": "…", "large": 180000, "small": 14000}

or {"code": "bad_picture"} alone. A decoder may have a hole, so this process has a limit of memory
and of processor time, inherits nothing, and after its start can open no file and no connection. It
imports nothing of the server.
"""

import contextlib
import ctypes
import errno
import io
import json
import os
import struct
import sys
import warnings
from typing import Any

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]  # None means that there are no limits

MEMORY = 320 << 20  # bytes, with the program itself
PROCESSOR = 5  # seconds
LARGE, SMALL = 1600, 400  # pixels of the longer side, at most
QUALITY, METHOD = 75, 2
# Pixels. A JPEG is decoded at a half to an eighth of its size, the others entirely: a PNG takes up
# to four bytes for each pixel, a WebP sixteen.
JPEG_PIXELS = 100_000_000
PNG_PIXELS = 12_500_000
WEBP_PIXELS = 5_000_000
HEIC_PIXELS = 12_500_000
SIDE = 30_000  # pixels of a side, where the whole picture is decoded
# Bytes. All scans of a JPEG are held in memory, at its whole size, unless one has everything.
PROGRESSIVE_BYTES = 75_000_000
SCANS = 200  # of all pictures in the file; each one of a progressive JPEG costs time
# What is shrunk at once: rows, times the factor, and pixels.
STRIP, STRIP_PIXELS = 64, 1_000_000
WHITE = (255, 255, 255)

# What the program may still do when it has started, by the numbers of Linux's system calls. All
# else is refused: it runs as the same user as the web, whom a signal, a limit or a file could hit.
CALLS = {
    "x86_64": (
        0xC000003E,
        {
            "read write close fstat lseek": "0 1 3 5 8",
            "mmap mprotect munmap brk mremap madvise": "9 10 11 12 25 28",
            "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack": "13 14 15 131",
            "restart_syscall nanosleep clock_gettime clock_nanosleep": "219 35 228 230",
            "futex set_robust_list rseq sched_yield sched_getaffinity": "202 273 334 24 204",
            "getpid gettid getrandom exit exit_group": "39 186 318 60 231",
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "read write close fstat lseek": "63 64 57 80 62",
            "mmap mprotect munmap brk mremap madvise": "222 226 215 214 216 233",
            "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack": "134 135 139 132",
            "restart_syscall nanosleep clock_gettime clock_nanosleep": "128 101 113 115",
            "futex set_robust_list rseq sched_yield sched_getaffinity": "98 99 293 124 123",
            "getpid gettid getrandom exit exit_group": "172 178 278 93 94",
        },
    ),
}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
CLONE_THREAD = 0x00010000


class Refused(Exception):  # noqa: N818  # the picture's fault
    """The picture cannot be taken. The text is the code of a problem."""


def limit_resources() -> None:
    """Limit memory and time, and what a crash may leave."""
    if resource is None:
        return
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # if the container has no memory left, this ends and no worker
    for limit, value, end in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_CPU, PROCESSOR, PROCESSOR + 1),  # SIGXCPU, and SIGKILL after it
        (resource.RLIMIT_AS, MEMORY, MEMORY),
        (resource.RLIMIT_FSIZE, 0, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # macOS knows no limit of address space
            resource.setrlimit(limit, (value, end))


def forbid_calls(*, threads: bool = False) -> bool:
    """Let the kernel refuse all calls but a few from now on. Return whether it does.

    A filter of system calls (seccomp) needs no right, so it works in a container too, for any user
    and with a root that is read-only. A namespace without a network would need one.
    """
    machine = os.uname().machine
    architecture, calls = CALLS.get(machine, (0, {}))
    if not calls or sys.platform != "linux":
        return False
    refused, allowed = 0x00050000 | errno.EPERM, 0x7FFF0000
    # Statements of BPF: load the architecture, refuse another one, load the number, compare. The
    # numbers of the x32 interface are others for the same calls, and so are refused.
    program = [(0x20, 0, 0, 4), (0x15, 1, 0, architecture), (0x06, 0, 0, 0x80000000)]
    program.append((0x20, 0, 0, 0))
    for number in map(int, " ".join(calls.values()).split()):
        program += [(0x15, 0, 1, number), (0x06, 0, 0, allowed)]
    # Threads, which the decoder of HEIC starts, are no processes: `clone` with CLONE_THREAD. The
    # flags of `clone3` cannot be read, so the library is told that there is none.
    program += [(0x15, 0, 1, CLONE3), (0x06, 0, 0, 0x00050000 | errno.ENOSYS)]
    if threads:
        program += [(0x15, 0, 3, CLONE[machine]), (0x20, 0, 0, 16)]
        program += [(0x45, 0, 1, CLONE_THREAD), (0x06, 0, 0, allowed)]
    program.append((0x06, 0, 0, refused))
    code = b"".join(struct.pack("HBBI", *statement) for statement in program)
    statements = ctypes.create_string_buffer(code)
    filters = struct.pack("HxxxxxxP", len(program), ctypes.addressof(statements))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, seccomp, of_filters = 38, 22, 2
    if libc.prctl(no_new_privileges, 1, 0, 0, 0):
        return False
    return not libc.prctl(seccomp, of_filters, ctypes.c_char_p(filters), 0, 0)


def load_decoders(data: bytes) -> str:
    """Return the format of the picture as Pillow calls it, with its decoder loaded."""
    if data.startswith(b"\xff\xd8\xff"):
        from PIL import JpegImagePlugin, MpoImagePlugin  # noqa: F401, PLC0415  # only what is needed

        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        from PIL import PngImagePlugin  # noqa: F401, PLC0415  # as above

        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    brands = {data[at : at + 4] for at in (8, *range(16, 64, 4))}
    if data[4:8] == b"ftyp" and brands & {b"heic", b"heix", b"heim", b"heis"}:
        try:
            import pi_heif  # noqa: PLC0415  # an extra
        except ImportError:
            raise Refused("unsupported_picture") from None
        pi_heif.register_heif_opener(thumbnails=False)
        pi_heif.options.DECODE_THREADS = 1
        return "HEIF"
    raise Refused("unsupported_picture" if data else "bad_picture")


def size_of_webp(data: bytes) -> tuple[int, int]:
    """Return the size that the header of a WebP states: Pillow takes memory for it in `open`."""
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        raise Refused("bad_picture")
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little")
    if kind == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[6:10])
        return width & 0x3FFF, height & 0x3FFF
    raise Refused("bad_picture")


def require_size(size: tuple[int, int], most: int) -> None:
    if size[0] < 1 or size[1] < 1:
        raise Refused("bad_picture")
    if size[0] * size[1] > most:
        raise Refused("too_many_pixels")


def layers_of_scan(data: bytes) -> int:
    """Return how many of the layers of a JPEG are in its first scan. Without one it is broken."""
    at = 2
    while data[at : at + 1] == b"\xff":
        marker = data[at + 1 : at + 2]
        if marker == b"\xda":
            return int.from_bytes(data[at + 4 : at + 5])
        # Any number of 0xFF may be before a marker.
        at += 1 if marker == b"\xff" else 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    return 0


def require_few_scans(picture: Any, data: bytes) -> None:
    """Raise Refused for a JPEG of several scans that would take much memory or time."""
    layers = getattr(picture, "layer", [])
    if not picture.info.get("progressive") and layers_of_scan(data) >= len(layers):
        return
    most = max((across * down for _, across, down, _ in layers), default=1)
    share = sum(across * down for _, across, down, _ in layers) / most
    if 2 * share * picture.width * picture.height > PROGRESSIVE_BYTES:
        raise Refused("too_many_pixels")
    if data.count(b"\xff\xda") > SCANS:
        raise Refused("bad_picture")


def shrink(picture: Any) -> Any:
    """Return the picture with at most about twice the pixels that are needed, without alpha.

    It is done in strips, so that what a strip becomes on the way takes little memory. What is
    transparent becomes white: nothing hidden behind it is kept.
    """
    from PIL import Image  # noqa: PLC0415  # after the limits

    width, height = picture.size
    factor = max(1, max(width, height) // LARGE)
    size = (-(-width // factor), -(-height // factor))
    shrunk = None
    rows = factor * max(1, min(STRIP, STRIP_PIXELS // (width * factor)))
    for top in range(0, height, rows):
        part = flatten(picture.crop((0, top, width, min(height, top + rows))))
        if factor > 1:
            part = part.reduce(factor)
        if shrunk is None:
            shrunk = Image.new(part.mode, size)
        shrunk.paste(part, (0, top // factor))
    return shrunk


def flatten(part: Any) -> Any:
    """Return a part of a picture in a mode without alpha: L, RGB or CMYK."""
    from PIL import Image  # noqa: PLC0415  # as above

    if part.mode.startswith(("I", "F")):  # 16 bits
        part = part.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if part.mode in ("L", "RGB", "CMYK") and "transparency" not in part.info:
        return part
    if part.mode in ("1", "YCbCr", "LAB", "HSV", "RGBX"):
        return part.convert("L" if part.mode == "1" else "RGB")
    with_alpha = part.convert("RGBA")
    white = Image.new("RGBA", part.size, (*WHITE, 255))
    return Image.alpha_composite(white, with_alpha).convert("RGB")


def to_srgb(picture: Any, profile: bytes | None) -> Any:
    """Return the picture in sRGB. A profile that is broken, or of another mode, is ignored."""
    from PIL import ImageCms  # noqa: PLC0415  # as above

    if profile:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if converted is not None:
                return converted
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def turn_upright(picture: Any, orientation: object) -> Any:
    from PIL import Image  # noqa: PLC0415  # as above

    turns = Image.Transpose
    turn = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_270,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_90,
    }.get(orientation if isinstance(orientation, int) else 1)
    return picture if turn is None else picture.transpose(turn)


def fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return the size of a picture whose longer side is at most `longest`."""
    width, height = size
    scale = min(1.0, longest / max(size))
    return max(1, round(width * scale)), max(1, round(height * scale))


def resized(picture: Any, longest: int) -> Any:
    from PIL import Image  # noqa: PLC0415  # as above

    size = fitted(picture.size, longest)
    return picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)


def encode(picture: Any) -> bytes:
    """Return the pixels alone as a WebP: nothing that a picture has besides is passed on."""
    from PIL import Image  # noqa: PLC0415  # as above

    new = Image.new("RGB", picture.size)
    new.paste(picture)
    file = io.BytesIO()
    new.save(file, "WEBP", quality=QUALITY, method=METHOD)
    return file.getvalue()


def hash_of(picture: Any) -> str:
    """Return a blurhash of 4 by 3 components, in the direction of the longer side."""
    import blurhash  # noqa: PLC0415  # as above

    tiny = picture.resize(fitted(picture.size, 32))
    rows = [[tiny.getpixel((x, y)) for x in range(tiny.width)] for y in range(tiny.height)]
    is_wide = tiny.width >= tiny.height
    return str(blurhash.encode(rows, *((4, 3) if is_wide else (3, 4))))


def convert(data: bytes, kind: str) -> tuple[dict[str, Any], bytes, bytes]:
    """Return what the answer's first line says, and both files. Raise Refused."""
    from PIL import Image  # noqa: PLC0415  # as above

    if kind == "WEBP":
        require_size(size_of_webp(data), WEBP_PIXELS)
    with Image.open(io.BytesIO(data), formats=[kind]) as picture:
        most = {"JPEG": JPEG_PIXELS, "PNG": PNG_PIXELS, "WEBP": WEBP_PIXELS}
        require_size(picture.size, most.get(kind, HEIC_PIXELS))
        if kind != "JPEG" and max(picture.size) > SIDE:
            raise Refused("too_many_pixels")
        profile = picture.info.get("icc_profile")
        if kind == "JPEG":
            require_few_scans(picture, data)
            # The size that is needed, and not a square: that would be larger than most pictures.
            picture.draft(None, fitted(picture.size, LARGE))
        picture.load()
        orientation: object = 1
        with contextlib.suppress(Exception):  # EXIF is anything at all
            orientation = picture.getexif().get(0x0112)
        small_enough = shrink(picture)
    del picture  # its pixels: closing it keeps them
    if kind == "HEIF":
        orientation = 1  # its decoder has turned it
    picture = to_srgb(small_enough, profile)
    picture = turn_upright(resized(picture, LARGE), orientation)
    small = resized(picture, SMALL)
    large_file, small_file = encode(picture), encode(small)
    answer = {
        "width": picture.width,
        "height": picture.height,
        "blurhash": hash_of(small),
        "large": len(large_file),
        "small": len(small_file),
    }
    return answer, large_file, small_file


def prepare() -> None:
    """Import all that every picture needs, before files can no longer be opened."""
    import blurhash  # noqa: F401, PLC0415  # after the limits
    from PIL import Image, ImageCms, WebPImagePlugin  # noqa: F401, PLC0415  # as above

    warnings.simplefilter("ignore")  # a program must not write them into the answer
    # Sizes are judged here.
    Image.MAX_IMAGE_PIXELS = None
    Image.init = lambda: False  # no other formats
    Image.preinit = lambda: None
    ImageCms.createProfile("sRGB")


def main() -> None:
    limit_resources()
    answer: dict[str, Any]
    files: tuple[bytes, ...] = ()
    try:
        prepare()
        data = sys.stdin.buffer.read()
        kind = load_decoders(data)
        is_confined = forbid_calls(threads=kind == "HEIF")
        answer, *rest = convert(data, kind)
        answer["is_confined"] = is_confined
        files = tuple(rest)
    except Refused as refused:
        answer = {"code": str(refused)}
    except MemoryError:
        answer = {"code": "too_many_pixels"}
    except ImportError as error:  # of Pillow: a fault of the server's
        answer = {"error": str(error)[:150]}
    except Exception:  # noqa: BLE001, RUF100  # decoders raise anything at broken data
        answer = {"code": "bad_picture"}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + b"".join(files))
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing is to be tidied up


if __name__ == "__main__":
    main()
