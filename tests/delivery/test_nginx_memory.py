"""What nginx may hold at once, added up from its files: in memory, on the disk, and of one answer."""

from __future__ import annotations

import re
from math import prod

from accounts.models import Profile
from core.pagination import MAX_PAGE_SIZE
from diaries.models import BODY_LENGTH
from resources.serializers import VIEWERS
from tests.delivery.compose import PROD, memory, services
from tests.delivery.template import ROOT

CONF = "".join((ROOT / "nginx" / name).read_text() for name in ("nginx.conf", "proxy.conf"))
SERVICES = services(PROD)
KIB = {"k": 1, "m": 1024}
# KiB, measured or read in the sources. A process: its own copy of the configuration, TLS and its events.
PROCESS = 4 * 1024
# An open connection: OpenSSL holds 45 in the midst of a handshake and 20 after it, nginx's pools and HPACK some more.
CONNECTION = 48
# A request: its pools, and what nginx gives OpenSSL at once (ssl_buffer_size).
REQUEST = 12 + 16
DEFLATE = 8  # of zlib, beside window and hash


def numbers(directive: str) -> list[int]:
    """The sizes (in KiB) and numbers that a directive has."""
    (found,) = re.findall(rf"^\s*{directive} ([^;]+);", CONF, re.MULTILINE)
    return [int(word.rstrip("km")) * KIB.get(word[-1], 1) for word in found.split()]


def number(directive: str) -> int:
    return numbers(directive)[-1]


def zones() -> int:
    """The memory that its processes share."""
    return sum(
        int(size) * KIB[unit]
        for size, unit in re.findall(r"(?:zone=|shared:)\w+:(\d+)([km])", CONF)
    )


def of_a_request() -> int:
    """Headers, body, answer, what is read of it from the disk, gzip's own and its buffers."""
    sizes = [number("client_body_buffer_size"), number("proxy_buffer_size")]
    many = ("large_client_header_buffers", "proxy_buffers", "output_buffers", "gzip_buffers")
    gzip = DEFLATE + 4 * number("gzip_window") + 2 * number("gzip_hash")
    return REQUEST + sum(sizes) + sum(prod(numbers(name)) for name in many) + gzip


def test_all_connections_and_requests_at_once_fit_its_limit() -> None:
    workers = number("worker_processes")
    processes = (1 + 2 * workers) * PROCESS  # the first, and during a reload the workers before
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


def test_nothing_of_a_client_s_is_in_its_tmp_which_is_memory_too() -> None:
    assert re.findall(r"\S+ /tmp\S*;", CONF) == ["pid /tmp/nginx.pid;"]
    (folder,) = [
        one["target"] for one in SERVICES["nginx"]["volumes"] if one.get("source") == "./buffers"
    ]
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        assert re.search(rf"^ *{kind}_temp_path {folder}/\w+;$", CONF, re.MULTILINE), kind


def test_the_longest_answer_is_taken_whole() -> None:
    """A page of diaries; a character that JSON must escape (U+0001) is six bytes."""
    lengths = {field.name: field.max_length or 0 for field in Profile._meta.concrete_fields}
    handle, nickname = lengths["handle"], lengths["nickname"]
    card = handle + 6 * nickname + 100  # a handle is ASCII letters
    diary = 6 * BODY_LENGTH + (VIEWERS + 1) * card + 1000
    assert MAX_PAGE_SIZE * diary <= number("proxy_max_temp_file_size") * 1024


def test_what_waits_on_the_disk_leaves_most_of_it() -> None:
    (disk,) = re.findall(
        r"DiskGiB:\n    Type: Number\n    Default: (\d+)", (ROOT / "infra" / "aws.yml").read_text()
    )
    one = number("proxy_max_temp_file_size") + number("client_max_body_size")
    assert number("limit_conn everybody") * one <= int(disk) * 1024 * 1024 / 4


def test_one_address_can_neither_take_all_nor_run_out_while_the_server_works_for_it() -> None:
    environment = SERVICES["web"]["environment"]
    threads = prod(
        int(re.findall(r"\d+", environment[name])[0]) for name in ("WEB_CONCURRENCY", "WEB_THREADS")
    )
    assert 4 * threads <= number("limit_conn addresses") <= number("limit_conn everybody") / 2
    # Each request may have two connections.
    assert 2 * number("limit_conn everybody") <= number("worker_connections")


def test_its_errors_do_not_tell_who_reads_slowly() -> None:
    """Such a warning names the request as it came, with what was searched for."""
    assert "error_log /dev/stderr error;" in CONF
    assert "limit_conn_log_level notice;" in CONF


def test_one_http_2_client_is_told_how_many_requests_it_may_have_under_way_and_is_not_refused_for_them() -> (
    None
):
    assert number("http2_max_concurrent_streams") <= number("limit_conn addresses") // 2
