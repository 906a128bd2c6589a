"""Check the connection to the database, and its TLS, without a driver.

Some versions of the driver have unclear errors, and some accept any certificate.
"""

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress

from operations.doctor.address import Address
from operations.doctor.findings import Finding

# The protocol: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
CLIENT_SSL = 0x800  # in the flags of the greeting and of the answer to it
CLIENT_PROTOCOL_41 = 0x200
CLIENT_SECURE_CONNECTION = 0x8000
MAX_PACKET_SIZE = 1 << 24
UTF8MB4 = 45
SSL_REQUEST = struct.pack(
    "<IIB23x",
    CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION,
    MAX_PACKET_SIZE,
    UTF8MB4,
)
PROTOCOL_VERSION = 10
# OpenSSL's verify codes.
WRONG_NAME = (62, 64)  # for a name and for an address
OUT_OF_DATE = (9, 10)  # not yet valid, expired
CONNECT_TIMEOUT = 3  # seconds
GREETING_TIMEOUT = 15  # seconds; servers that look up the client's host name first may need them
CA_HINT = (
    "Set MYSQL_CA to the file of the server's certificate authority (RDS: /app/infra/rds-ca.pem,"
    " in the image)."
)


def load_authority(address: Address) -> ssl.SSLContext | Finding | None:
    """Return a context that trusts the authority of MYSQL_CA, or None if it is not set."""
    if not address.ca:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(address.ca)
    except ssl.SSLError:
        message = f"MYSQL_CA is the file {address.ca}, which contains no certificate."
        return Finding("ca-without-certificate", message, CA_HINT)
    except OSError as error:
        message = f"MYSQL_CA is the file {address.ca}, which cannot be read: {error.strerror}."
        return Finding("ca-unreadable", message, CA_HINT)
    return context


def examine_verification(
    address: Address, *, local: bool, variable: str = "MYSQL_CA", hint: str = CA_HINT
) -> Iterator[Finding]:
    """Yield a finding if the server is on another machine and its certificate is not verified.

    `variable` names the authority, and `hint` tells how to set it.
    """
    if not (address.ca or local or address.is_loopback or address.is_neighbour):
        message = (
            f"{variable} is not set, so an attacker on the network between this machine and"
            f" {address.host} can read and change everything, or impersonate the database."
        )
        yield Finding("database-unverified", message, hint)


def examine_reach(address: Address) -> Finding | None:
    """Return a finding if nothing can be connected to at the address."""
    if address.is_socket:
        return None
    sock = _connect(address)
    if isinstance(sock, Finding):
        return sock
    sock.close()
    return None


def examine(address: Address, context: ssl.SSLContext | None) -> Finding | None:
    """Connect to the server, read its greeting and, with a `context`, verify its certificate."""
    if address.is_socket:
        return None
    sock = _connect(address)
    if isinstance(sock, Finding):
        return sock
    with sock:
        sock.settimeout(GREETING_TIMEOUT)
        greeting = _read_greeting(sock)
        if not greeting:
            message = f"The server at {address.host_and_port} is not a MySQL server."
            hint = "Correct host and port in DATABASE_URL; MySQL's port is 3306."
            return Finding("database-not-mysql", message, hint)
        # Another first byte is an error at once, which the driver explains better.
        if greeting[0] != PROTOCOL_VERSION or not context:
            return None
        return _verify(sock, greeting, context, address)


def _connect(address: Address) -> socket.socket | Finding:
    """Return a connection to the port, or the reason why there is none."""
    target = (address.host, address.port)
    try:
        socket.getaddrinfo(*target, type=socket.SOCK_STREAM)
        return socket.create_connection(target, timeout=CONNECT_TIMEOUT)
    except (socket.gaierror, UnicodeError):
        return _unknown_host(address)
    except ConnectionRefusedError:
        return _nothing_listens(address)
    except OSError as error:
        return Finding(
            "database-silent",
            f"The database does not answer at {address.host_and_port}: {error.strerror or error}.",
            "A firewall blocks the connection, or the host is wrong. On AWS: the security group of"
            f" the database must allow port {address.port} from the security group of this"
            " machine, and both must be in one VPC.",
        )


def _unknown_host(address: Address) -> Finding:
    hint = "Correct the host in DATABASE_URL; for RDS copy the endpoint from its console."
    if address.is_neighbour:
        hint = (
            "Start the container of that name in this container's network"
            f" (`./deploy.sh compose up --detach {address.host}`), or correct the host."
        )
    return Finding("database-host-unknown", f"There is no host {address.host}.", hint)


def _nothing_listens(address: Address) -> Finding:
    hint = (
        "Start the database (RDS: its status must be Available), or correct the port in"
        " DATABASE_URL."
    )
    if address.is_loopback:
        hint += " In a container this address is the container itself: use the database's host."
    message = f"{address.host} is reachable, but nothing listens on port {address.port}."
    return Finding("database-refused", message, hint)


def _read_greeting(sock: socket.socket) -> bytes:
    """Return the server's first packet without its header; empty if it is not a MySQL packet."""
    greeting = b""
    with suppress(OSError):
        header = _receive(sock, 4)
        if len(header) == 4 and header[3] == 0:
            greeting = _receive(sock, int.from_bytes(header[:3], "little") % 4096)
    return greeting if greeting[:1] in (b"\x0a", b"\xff") else b""


def _receive(sock: socket.socket, size: int) -> bytes:
    """Return `size` bytes, or fewer if the connection ends."""
    received = b""
    while len(received) < size and (part := sock.recv(size - len(received))):
        received += part
    return received


def _offers_tls(greeting: bytes) -> bool:
    """Return whether the greeting has the flag CLIENT_SSL.

    The flags follow the version, which ends with a zero, and 13 bytes: an id of 4, a random value
    of 8 and a zero.
    """
    flags = greeting.index(b"\0", 1) + 14
    return bool(int.from_bytes(greeting[flags : flags + 2], "little") & CLIENT_SSL)


def _verify(
    sock: socket.socket, greeting: bytes, context: ssl.SSLContext, address: Address
) -> Finding | None:
    """Start TLS and verify the authority and the name of the server's certificate."""
    if not _offers_tls(greeting):
        return Finding(
            "tls-missing",
            f"The server {address.host_and_port} has no TLS, which MYSQL_CA requires.",
            "Turn TLS on in the server (RDS always has it: is the host right?), or remove"
            " MYSQL_CA.",
        )
    try:
        sock.sendall(len(SSL_REQUEST).to_bytes(3, "little") + b"\x01" + SSL_REQUEST)
        with context.wrap_socket(
            sock, server_hostname=address.host, do_handshake_on_connect=False
        ) as encrypted:
            # Explicitly: wrap_socket() silently skips it if the server has closed the connection.
            encrypted.do_handshake()
            return None
    except ssl.SSLCertVerificationError as error:
        return _wrong_certificate(error, address)
    except OSError as error:
        message = f"No encrypted connection to {address.host_and_port}: {error.strerror or error}."
        hint = "The server's log has the reason; it must support TLS 1.2 or 1.3."
        return Finding("tls-failed", message, hint)


def _wrong_certificate(error: ssl.SSLCertVerificationError, address: Address) -> Finding:
    certificate = f"The certificate of {address.host_and_port}"
    if error.verify_code in WRONG_NAME:
        return Finding(
            "tls-wrong-name",
            f"{certificate} has a trusted signature, but is not for the name {address.host}.",
            "Use the name in the certificate as the host in DATABASE_URL; for RDS it is the"
            " endpoint.",
        )
    if error.verify_code in OUT_OF_DATE:
        return Finding(
            "tls-out-of-date",
            f"{certificate} is not valid now: {error.verify_message}.",
            "If this machine's clock is right, renew the certificate on the server (RDS: rotate"
            " it).",
        )
    return Finding(
        "tls-wrong-ca",
        f"{certificate} is not signed by an authority in {address.ca}: {error.verify_message}."
        " It is another server, or MYSQL_CA is the wrong file.",
        CA_HINT,
    )
