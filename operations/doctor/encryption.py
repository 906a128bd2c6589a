"""TLS with the database, tried without its driver, whose versions word it badly or take any certificate."""

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress

from operations.doctor.address import Address
from operations.doctor.findings import Finding

OFFERS_TLS = 0x800  # a flag of the server's greeting and of the answer to it
SSL_REQUEST = struct.pack(
    "<IIB23x", 0x200 | OFFERS_TLS | 0x8000, 1 << 24, 45
)  # protocol 4.1, 16 MB, utf8mb4
WRONG_NAME = (62, 64)  # OpenSSL's numbers, of a name and of an address
OUT_OF_DATE = (9, 10)  # not yet, not any more
GREETING_TIMEOUT = 15  # seconds; a server that looks up the client's name first may take as long
CA_HINT = "Set MYSQL_CA to the file of the server's certificate authority (RDS: /app/infra/rds-ca.pem, in the image)."


def trust(address: Address) -> ssl.SSLContext | Finding | None:
    """Whom the connection trusts, as MYSQL_CA says; nobody in particular where nothing has to be proven."""
    if not address.ca:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(address.ca)
    except ssl.SSLError:
        message = f"MYSQL_CA names {address.ca}, in which there is no certificate."
        return Finding("ca-without-certificate", message, CA_HINT)
    except OSError as error:
        message = f"MYSQL_CA names {address.ca}, which cannot be read: {error.strerror}."
        return Finding("ca-unreadable", message, CA_HINT)
    return context


def unverified(address: Address, *, local: bool) -> Iterator[Finding]:
    """The way to another machine has to be encrypted, and its end has to prove who it is."""
    if not (address.ca or local or address.is_loopback or address.is_neighbour):
        message = (
            f"MYSQL_CA is not set, so whoever stands between this machine and {address.host} can read and change "
            "everything, or pass for the database."
        )
        yield Finding("database-unverified", message, CA_HINT)


def reach(address: Address) -> socket.socket | Finding:
    """A connection to the port, or why there is none."""
    try:
        socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return socket.create_connection((address.host, address.port), timeout=3)
    except (socket.gaierror, UnicodeError):
        return unknown(address)
    except ConnectionRefusedError:
        return refused(address)
    except OSError as error:
        message = f"The database does not answer at {address.where}: {error.strerror or error}."
        hint = (
            "A firewall is in the way, or the host is wrong. On AWS: the security group of the database must let port "
            f"{address.port} in from the security group of this machine, and both must be in one VPC."
        )
        return Finding("database-silent", message, hint)


def unknown(address: Address) -> Finding:
    hint = "Correct the host in DATABASE_URL; for RDS copy the endpoint that its console shows."
    if address.is_neighbour:
        hint = (
            "Start the container of that name in this one's network"
            f" (`./deploy.sh compose up --detach {address.host}`), or correct the host."
        )
    return Finding("database-host-unknown", f"There is no host {address.host}.", hint)


def refused(address: Address) -> Finding:
    hint = "Start the database (RDS: its status must be Available), or correct the port in DATABASE_URL."
    if address.is_loopback:
        hint += " In a container this address is the container itself: name the database's host instead."
    return Finding(
        "database-refused",
        f"{address.host} is there, but nothing listens on port {address.port}.",
        hint,
    )


def examine(address: Address, context: ssl.SSLContext | None) -> Finding | None:
    """The way to the server: its name, its port, that MySQL answers, and TLS where `context` says whom to trust."""
    if address.is_socket:
        return None
    line = reach(address)
    if isinstance(line, Finding):
        return line
    with line:
        line.settimeout(GREETING_TIMEOUT)
        greeting = greet(line)
        if not greeting:
            hint = "Correct host and port in DATABASE_URL; MySQL's port is 3306."
            return Finding(
                "database-not-mysql", f"What answers at {address.where} is no MySQL server.", hint
            )
        if (
            greeting[0] != 10 or not context
        ):  # not 10: it says no at once, and the driver knows how to read that
            return None
        return encrypt(line, greeting, context, address)


def greet(line: socket.socket) -> bytes:
    """The server's first packet, without its header; empty when it is none of MySQL's."""
    greeting = b""
    with suppress(OSError):
        header = receive(line, 4)
        if len(header) == 4 and header[3] == 0:
            greeting = receive(line, int.from_bytes(header[:3], "little") % 4096)
    return greeting if greeting[:1] in (b"\x0a", b"\xff") else b""


def receive(line: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer when the line ends."""
    got = b""
    while len(got) < size and (part := line.recv(size - len(got))):
        got += part
    return got


def offers_tls(greeting: bytes) -> bool:
    """The flags stand behind the version, which ends with a zero, a number of 4 bytes, 8 of random and a zero."""
    flags = greeting.index(b"\0", 1) + 14
    return bool(int.from_bytes(greeting[flags : flags + 2], "little") & OFFERS_TLS)


def encrypt(
    line: socket.socket, greeting: bytes, context: ssl.SSLContext, address: Address
) -> Finding | None:
    """The server's certificate, held against the one who signs and the name."""
    if not offers_tls(greeting):
        message = f"The server {address.where} has no TLS, which MYSQL_CA asks for: nothing would be encrypted."
        hint = "Turn TLS on in the server (RDS has it always: is the host right?), or take MYSQL_CA out."
        return Finding("tls-missing", message, hint)
    try:
        line.sendall(len(SSL_REQUEST).to_bytes(3, "little") + b"\x01" + SSL_REQUEST)
        with context.wrap_socket(
            line, server_hostname=address.host, do_handshake_on_connect=False
        ) as safe:
            safe.do_handshake()  # asked for: Python leaves it out, in silence, where the other end has hung up
            return None
    except ssl.SSLCertVerificationError as error:
        return wrong_certificate(error, address)
    except OSError as error:
        message = f"No encrypted connection to {address.where}: {error.strerror or error}."
        return Finding(
            "tls-failed", message, "The server's log says more; TLS 1.2 or 1.3 has to be on there."
        )


def wrong_certificate(error: ssl.SSLCertVerificationError, address: Address) -> Finding:
    if error.verify_code in WRONG_NAME:
        message = f"The certificate of {address.where} is signed as it should be, but for another name than {address.host}."
        hint = "Write the name that the certificate bears as the host in DATABASE_URL; for RDS that is the endpoint."
        return Finding("tls-wrong-name", message, hint)
    if error.verify_code in OUT_OF_DATE:
        message = f"The certificate of {address.where}: {error.verify_message}."
        hint = "Renew it at the server (RDS: rotate the certificate), if this machine's clock is right."
        return Finding("tls-out-of-date", message, hint)
    message = (
        f"The certificate of {address.where} is signed by none of those in {address.ca}: {error.verify_message}. It is "
        "another server, or MYSQL_CA is the wrong file."
    )
    return Finding("tls-wrong-ca", message, CA_HINT)
