"""Test the sum of what nginx can hold at once, in memory and on disk, from its configuration."""

from __future__ import annotations

import re
from math import prod

from accounts.models import Profile
from core.pagination import MAX_PAGE_SIZE
from diaries.models import BODY_LENGTH
from operations.serving.receiving import HEAD_TIME, REQUEST_TIME
from resources.serializers import VIEWERS
from tests.delivery.compose import PROD, memory, services
from tests.delivery.template import ROOT

CONF = "".join((ROOT / "nginx" / name).read_text() for name in ("nginx.conf", "proxy.conf"))
PICTURES = (ROOT / "nginx" / "pictures.conf").read_text()
UPLOADS = (ROOT / "nginx" / "uploads.conf").read_text()
UPLOAD = 1024 * int(re.findall(r"client_max_body_size (\d+)m;", UPLOADS)[0])  # KiB
SERVICES = services(PROD)
KIB = {"k": 1, "m": 1024}
# KiB, measured or from the sources. A process: its copy of the configuration, TLS and events.
PROCESS = 4 * 1024
# A connection: OpenSSL has 45 during a handshake and 20 after it; the rest are pools and HPACK.
CONNECTION = 48
# A request: its pools and the buffer for OpenSSL (ssl_buffer_size).
REQUEST = 12 + 16
DEFLATE = 8  # zlib, besides window and hash


def numbers(directive: str) -> list[int]:
    """Return the sizes (in KiB) and numbers of a directive."""
    (found,) = re.findall(rf"^\s*{directive} ([^;]+);", CONF, re.MULTILINE)
    return [int(word.rstrip("km")) * KIB.get(word[-1], 1) for word in found.split()]


def number(directive: str) -> int:
    return numbers(directive)[-1]


def zones() -> int:
    """Return the memory that the processes share."""
    return sum(
        int(size) * KIB[unit]
        for size, unit in re.findall(r"(?:zone=|shared:)\w+:(\d+)([km])", CONF)
    )


def of_a_request() -> int:
    """Return the memory of a request: headers, body, answer, disk buffers and gzip."""
    sizes = [number("client_body_buffer_size"), number("proxy_buffer_size")]
    many = ("large_client_header_buffers", "proxy_buffers", "output_buffers", "gzip_buffers")
    gzip = DEFLATE + 4 * number("gzip_window") + 2 * number("gzip_hash")
    return REQUEST + sum(sizes) + sum(prod(numbers(name)) for name in many) + gzip


def test_all_connections_and_requests_fit_the_memory_limit() -> None:
    workers = number("worker_processes")
    processes = (1 + 2 * workers) * PROCESS  # the master, and during a reload the old workers
    connections = workers * number("worker_connections") * CONNECTION
    requests = number("limit_conn everybody") * of_a_request()
    assert zones() == (1 + 2) * 1024 + 64
    held = {
        "processes": processes,
        "zones": zones(),
        "connections": connections,
        "requests": requests,
    }
    assert sum(held.values()) <= memory(SERVICES["nginx"]) * 1024, held


def test_no_data_of_clients_are_in_tmp_which_is_in_memory() -> None:
    assert re.findall(r"\S+ /tmp\S*;", CONF) == ["pid /tmp/nginx.pid;"]
    (folder,) = [
        one["target"] for one in SERVICES["nginx"]["volumes"] if one.get("source") == "./buffers"
    ]
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        assert re.search(rf"^ *{kind}_temp_path {folder}/\w+;$", CONF, re.MULTILINE), kind


def test_the_largest_answer_is_buffered_whole() -> None:
    """A page of diaries; a character that JSON must escape (U+0001) is six bytes."""
    lengths = {field.name: field.max_length or 0 for field in Profile._meta.concrete_fields}
    handle, nickname = lengths["handle"], lengths["nickname"]
    card = handle + 6 * nickname + 100  # handles are ASCII
    diary = 6 * BODY_LENGTH + (VIEWERS + 1) * card + 1000
    assert MAX_PAGE_SIZE * diary <= number("proxy_max_temp_file_size") * 1024


def test_the_buffers_on_disk_leave_most_of_it() -> None:
    (disk,) = re.findall(
        r"DiskGiB:\n    Type: Number\n    Default: (\d+)", (ROOT / "infra" / "aws.yml").read_text()
    )
    # The answer to an upload is short, so it has no file.
    one = max(number("proxy_max_temp_file_size") + number("client_max_body_size"), UPLOAD)
    assert number("limit_conn everybody") * one <= int(disk) * 1024 * 1024 / 4


def test_one_address_cannot_use_all_requests_but_all_threads() -> None:
    environment = SERVICES["web"]["environment"]
    threads = prod(
        int(re.findall(r"\d+", environment[name])[0]) for name in ("WEB_CONCURRENCY", "WEB_THREADS")
    )
    assert 4 * threads <= number("limit_conn addresses") <= number("limit_conn everybody") / 2
    # Each request can have two connections.
    assert 2 * number("limit_conn everybody") <= number("worker_connections")


def test_its_error_log_has_nothing_about_slow_clients_or_a_server_out_of_reach() -> None:
    """Such a line contains the whole request, with what the user searched for."""
    assert re.findall(r"error_log .*", CONF) == ["error_log /dev/stderr alert;"]
    assert "limit_conn_log_level notice;" in CONF


def test_one_http_2_connection_cannot_exceed_the_limit_of_requests() -> None:
    assert number("http2_max_concurrent_streams") <= number("limit_conn addresses") // 2


def test_slow_bodies_are_left_to_the_server_which_limits_their_time() -> None:
    """Parts may arrive one by one for hours before `client_body_timeout` notices anything."""
    assert "proxy_request_buffering off;" in CONF
    assert seconds("proxy_read_timeout") > REQUEST_TIME
    assert seconds("client_header_timeout") <= HEAD_TIME
    # But for uploads, which fill files of nginx's and not the memory of the server.
    assert "proxy_request_buffering on;" in UPLOADS


def seconds(directive: str) -> int:
    (found,) = re.findall(rf"^\s*{directive} (\d+)s;", CONF, re.MULTILINE)
    return int(found)


def test_a_picture_from_s3_takes_no_more_than_another_answer() -> None:
    """Its request has the buffers of the server's answer, and one set for the file's."""
    for directive in ("proxy_buffer_size", "proxy_buffers", "proxy_max_temp_file_size"):
        (here,) = re.findall(rf"^\s*{directive} ([^;]+);", PICTURES, re.MULTILINE)
        (there,) = re.findall(rf"^\s*{directive} ([^;]+);", CONF, re.MULTILINE)
        assert here == there
    assert "gzip off;" in PICTURES
