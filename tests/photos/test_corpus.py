"""The right answer to each good and each hostile picture, and nothing of it in what is served.

The longest ones are in `tests/attack/check_photos.py`.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.advice import ADVICE
from core.problems import Problem
from photos import convert as program
from photos.conversion import PROGRAM, Converted, convert
from tests.photos import pictures
from tests.photos.pictures import SECRET

HTML = b"<!doctype html><script>alert(1)</script>" * 9
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n"
JPEG = pictures.jpeg()

GOOD: dict[str, bytes] = {
    "baseline": JPEG,
    "progressive": pictures.jpeg(progressive=True),
    "cmyk": pictures.saved(pictures.noise(64, 48, "CMYK"), "JPEG"),
    "grey": pictures.saved(pictures.noise(64, 48, "L"), "JPEG"),
    "of 1 pixel": pictures.png(1, 1),
    "of 1 row": pictures.png(9000, 1),
    "palette": pictures.png(mode="P"),
    "palette with a transparent colour": pictures.png(mode="P", transparency=0),
    "1 bit": pictures.png(mode="1"),
    "16 bits": pictures.png(mode="I;16"),
    "alpha": pictures.png(mode="RGBA"),
    "grey and alpha": pictures.png(mode="LA"),
    "WebP": pictures.saved(pictures.noise(64, 48), "WEBP"),
    "lossless WebP": pictures.saved(pictures.noise(64, 48, "RGBA"), "WEBP", lossless=True),
    "animated WebP": pictures.animated("WEBP"),
    "animated PNG": pictures.animated("PNG"),
    "broken profile": pictures.jpeg(icc_profile=b"no profile" * 20),
    "broken EXIF": pictures.jpeg(exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(9)),
    "HEIC": pictures.HEIC,
    "JPEG and HTML": JPEG + HTML,
    "JPEG and PDF": JPEG + PDF,
    "PNG and ZIP": pictures.png() + b"PK\3\4" + bytes(99),
}
BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "bad_picture"),
    "HTML": (HTML, "unsupported_picture"),
    "PDF": (PDF, "unsupported_picture"),
    "GIF": (pictures.animated("GIF"), "unsupported_picture"),
    "TIFF": (pictures.saved(pictures.noise(8, 8), "TIFF"), "unsupported_picture"),
    "BMP": (pictures.saved(pictures.noise(8, 8), "BMP"), "unsupported_picture"),
    "AVIF": (pictures.saved(pictures.noise(8, 8), "AVIF"), "unsupported_picture"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported_picture"),
    "HTML after the mark of a JPEG": (b"\xff\xd8\xff" + HTML, "bad_picture"),
    "truncated JPEG": (JPEG[: len(JPEG) // 2], "bad_picture"),
    "truncated PNG": (pictures.png(200, 200)[:5000], "bad_picture"),
    "truncated WebP": (GOOD["WebP"][:40], "bad_picture"),
    "truncated HEIC": (pictures.HEIC[:300], "bad_picture"),
    "head of a PNG": (pictures.png()[:8], "bad_picture"),
    "PNG of 100 million pixels": (pictures.png_bomb(10_000, 10_000, 99), "too_many_pixels"),
    "PNG of 400 million pixels": (pictures.png_bomb(20_000, 20_000, 99), "too_many_pixels"),
    "PNG that is 2 GB": (pictures.png_bomb(2**31 - 1, 1, 0), "too_many_pixels"),
    "WebP of 100 million pixels": (pictures.webp_bomb(10_000, 10_000), "too_many_pixels"),
    "WebP of 268 million pixels": (pictures.webp_bomb(16_384, 16_384), "too_many_pixels"),
    "JPEG of 400 million pixels": (pictures.jpeg_of_size(20_000, 20_000), "too_many_pixels"),
    "JPEG of 36 million pixels in scans of one layer": (
        pictures.jpeg_in_three_scans(6000, 6000),
        "too_many_pixels",
    ),
    "PNG with a long side": (pictures.png_bomb(30_001, 1), "too_many_pixels"),
    "JPEG without rows": (pictures.jpeg_of_size(100, 0), "bad_picture"),
    "noise after the mark of a WebP": (
        b"RIFF\0\0\0\0WEBPVP8L" + pictures.random_bytes(999),
        "bad_picture",
    ),
}


def run(data: bytes) -> Converted:
    return convert([data])


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "WEBP"
    assert not {"exif", "xmp", "icc_profile"} & picture.info.keys()
    assert picture.n_frames == 1
    return picture.convert("RGB")


def assert_nothing_is_kept(original: bytes, *served: bytes) -> None:
    """Assert that no run of 12 bytes of the original is in what is served."""
    runs = {original[at : at + 12] for at in range(len(original) - 11)}
    runs -= {bytes(12)}
    for data in served:
        assert not any(data[at : at + 12] in runs for at in range(12, len(data) - 11))


@pytest.mark.parametrize("name", GOOD)
def test_a_good_picture_is_converted(name: str) -> None:
    picture = run(GOOD[name])
    large, small = opened(picture.large), opened(picture.small)
    assert large.size == (picture.width, picture.height)
    assert max(large.size) <= 1600
    assert max(small.size) <= 400
    assert_nothing_is_kept(GOOD[name], picture.large, picture.small)


@pytest.mark.parametrize("name", BAD)
def test_a_hostile_file_is_refused(name: str) -> None:
    data, code = BAD[name]
    with pytest.raises(Problem) as raised:
        run(data)
    assert raised.value.code == code


def test_what_unpacks_to_much_takes_little() -> None:
    # The picture itself is good. What it says about itself is ignored, or the picture is refused.
    try:
        run(pictures.png_text_bomb())
    except Problem as problem:
        assert problem.code == "bad_picture"  # noqa: PT017  # either is right


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_upright(orientation: int) -> None:
    picture = run(pictures.oriented(orientation))
    assert (picture.width, picture.height) == (64, 32)
    large = opened(picture.large)
    red, green, _ = large.getpixel((6, 6))
    assert red > 200, orientation
    assert green < 80, orientation
    for corner in ((57, 6), (6, 26), (57, 26)):
        assert min(large.getpixel(corner)) > 200, (orientation, corner)


def test_no_metadata_is_kept() -> None:
    for data in (pictures.with_metadata(), pictures.png_with_texts()):
        picture = run(data)
        for served in (picture.large, picture.small):
            assert not any(
                word in served for word in (b"Exif", b"EXIF", b"XMP", b"ICCP", b"8BIM", b"GPS")
            )
            assert SECRET[:8] not in served
        assert_nothing_is_kept(data, picture.large, picture.small)


def test_colours_become_srgb_and_the_transparent_white() -> None:
    from PIL import ImageCms  # noqa: PLC0415  # here alone

    swapped = Image.new("RGB", (16, 16), (200, 40, 40))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    red, green, _ = opened(run(pictures.saved(swapped, "PNG", icc_profile=lab)).large).getpixel(
        (8, 8)
    )
    assert red > green  # of another mode: ignored
    hidden = Image.new("RGBA", (16, 16), (200, 0, 0, 0))
    assert min(opened(run(pictures.saved(hidden, "PNG")).large).getpixel((8, 8))) > 250


LAUNCHER = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-I", {program!r}], env={{}})
_, status, usage = os.wait4(child.pid, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=sys.stderr)
"""


def measure(data: bytes) -> tuple[float, float, bytes]:
    """Return the seconds of processor time and the MB that the converter takes, and its answer.

    A small program starts it, since the memory of the process that does counts until then.
    """
    code = LAUNCHER.format(program=str(PROGRAM))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], input=data, capture_output=True, check=True
    )
    seconds, megabytes = map(float, done.stderr.split()[-2:])
    return seconds, megabytes, done.stdout


@pytest.mark.parametrize(
    ("kind", "mode", "size"),
    [
        ("PNG", "RGBA", (12_500, 1000)),
        ("PNG", "RGBA", (3199, 3199)),  # the largest that is not shrunk at first
        ("WEBP", "RGB", (16_383, 305)),
    ],
)
def test_a_wide_or_large_picture_takes_little_memory(
    kind: str, mode: str, size: tuple[int, int]
) -> None:
    _, megabytes, answer = measure(pictures.saved(Image.new(mode, size), kind))
    assert b'"width": 1600' in answer
    assert megabytes <= 128


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "subsampling": "4:4:4"}),
        ("PNG", {"compress_level": 1}),
        ("WEBP", {"method": 0}),
        ("WEBP", {"method": 0, "lossless": True}),
    ],
)
def test_the_size_that_is_advised_is_accepted(kind: str, options: dict[str, Any]) -> None:
    assert "2,048 pixels" in ADVICE["too_many_pixels"]
    picture = run(pictures.saved(pictures.noise(2048, 2048), kind, **options))
    assert (picture.width, picture.height) == (1600, 1600)


def test_a_photo_of_12_megapixels_takes_little_time_and_memory() -> None:
    seconds, megabytes, answer = measure(pictures.jpeg(4000, 3000))
    assert b'"width": 1600' in answer
    assert megabytes <= 128
    assert seconds <= 0.8


ATTEMPTS = """
import ctypes, fcntl, importlib.util, os, resource, signal, socket, sys, threading
spec = importlib.util.spec_from_file_location("convert", {program!r})
program = importlib.util.module_from_spec(spec)
spec.loader.exec_module(program)
victim, is_arm = {victim}, os.uname().machine == "aarch64"
libc = ctypes.CDLL(None, use_errno=True)

def call(of_intel, of_arm, *values):
    if libc.syscall(of_arm if is_arm else of_intel, *values) < 0:
        raise OSError(ctypes.get_errno(), "")

information = ctypes.create_string_buffer(128)
ctypes.memmove(information, (ctypes.c_int * 3)(9, 0, -1), 12)
attempts = dict(
    network=lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    unix=lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    read=lambda: open("/proc/self/environ"),
    parent=lambda: open(f"/proc/{{os.getppid()}}/environ"),
    write=lambda: os.open("/tmp/of-the-converter", os.O_CREAT | os.O_WRONLY),
    run=lambda: os.execv("/bin/true", ["true"]),
    fork=os.fork,
    kill=lambda: os.kill(victim, 9),
    queue=lambda: call(129, 138, victim, 9, information),
    queue_for_a_thread=lambda: call(297, 240, victim, victim, 9, information),
    limit=lambda: resource.prlimit(victim, resource.RLIMIT_NOFILE, (0, 0)),
    owner=lambda: fcntl.fcntl(1, fcntl.F_SETOWN, victim),
    signal=lambda: fcntl.fcntl(1, fcntl.F_SETSIG, 9),
    priority=lambda: os.setpriority(os.PRIO_PROCESS, victim, 19),
    processors=lambda: os.sched_setaffinity(victim, {{0}}),
    disk=lambda: call(251, 30, 1, victim, 3 << 13),
    mode=lambda: os.chmod({file!r}, 0),
    mode_of_open=lambda: os.fchmod(1, 0),
    times=lambda: os.utime({file!r}, (0, 0)),
    attribute=lambda: os.setxattr({file!r}, "user.x", b"x"),
    owner_of_file=lambda: os.lchown({file!r}, os.getuid(), -1),
    node=lambda: os.mknod({file!r} + ".node"),
    stat=lambda: os.stat({file!r}),
    shared_memory=lambda: call(29, 194, 0, 4096, 0o1600),
    messages=lambda: call(68, 186, 0, 0o1600),
    terminal=lambda: os.ttyname(1),
)
program.limit_resources()
print(program.forbid_calls(threads={threads}))
for name, attempt in attempts.items():
    try:
        attempt()
        print(name, "worked")
    except OSError as error:
        print(name, error.errno)
thread = threading.Thread(target=lambda: None)
try:
    thread.start()
    thread.join()
    print("thread")
except RuntimeError:
    print("no thread")
sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.skipif(
    os.uname().machine not in program.CALLS or sys.platform != "linux", reason="no such filter"
)
@pytest.mark.parametrize("threads", [False, True])
def test_the_converter_can_reach_no_file_connection_or_process(
    threads: bool, tmp_path: Path
) -> None:
    file = tmp_path / "of-the-server"
    file.touch()
    with subprocess.Popen(["sleep", "60"]) as victim:
        code = ATTEMPTS.format(
            program=str(PROGRAM), victim=victim.pid, file=str(file), threads=threads
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], capture_output=True, text=True, env={}, check=False
        )
        is_alive = victim.poll() is None
        victim.kill()
    first, *lines = done.stdout.splitlines()
    assert first == "True", done
    assert lines.pop() == ("thread" if threads else "no thread")
    assert {line.rpartition(" ")[2] for line in lines} == {"1"}, done.stdout
    assert len(lines) > 20
    assert is_alive


def test_the_web_process_never_imports_a_decoder() -> None:
    code = "import sys, django; django.setup(); import photos.views; print('PIL' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "todomate.settings", "TODOMATE_ENV": "local"},
        check=False,
    )
    assert done.stdout.strip() == "False", done.stderr


def test_a_converter_that_lies_is_not_believed() -> None:
    from photos.conversion import _read  # noqa: PLC0415  # here alone

    lies: list[tuple[int, Any]] = [
        (0, b""),
        (-11, b'{"width": 1}\n'),
        (0, b"no JSON\n"),
        (0, b"[]\n"),
        (0, b'{"code": "server_error"}\n'),
        (0, b'{"width": 9, "height": 9, "blurhash": "x", "large": 4, "small": 4}\n12345678'),
        (0, b"[" * 900 + b"\n"),
        (0, b"[" * 100_000 + b"\n"),
        (0, b'"error"\n'),
        (0, b'{"code": []}\n'),
    ]
    files = b"RIFF1234WEBPRIFF1234WEBP"
    good = {"width": 9, "height": 9, "blurhash": "LEHV6nWB2yk8", "large": 12, "small": 12}
    assert _read(0, json.dumps(good).encode() + b"\n" + files).width == 9
    for name, value in (
        ("width", float("inf")),
        ("width", 9e9),
        ("width", True),
        ("height", float("nan")),
        ("height", 10**4000),
        ("height", 0),
        ("large", -12),
        ("large", 12.0),
        ("small", "12"),
        ("blurhash", "\ud800" * 8),
        ("blurhash", "LEHV6n\0WB2yk8"),
        ("blurhash", "LEHV6nWB2yk8\n"),
        ("blurhash", ""),
        ("blurhash", "L" * 41),
        ("blurhash", ["L"] * 12),
    ):
        lies.append((0, json.dumps(good | {name: value}).encode() + b"\n" + files))
    for status, answer in lies:
        with pytest.raises(Problem) as raised:
            _read(status, answer)
        assert raised.value.code == "bad_picture"
