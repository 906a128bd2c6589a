"""Certificate authorities and certificates for tests."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import CertificateBuilder as Builder
from cryptography.x509.oid import NameOID

LONG = dt.timedelta(days=1)


class Authority:
    """A certificate authority; `ca` is the file of its own certificate."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.key, self.ca = (
            folder,
            ec.generate_private_key(ec.SECP256R1()),
            folder / f"{name}.pem",
        )
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self.builder(self.name, self.key.public_key(), LONG)
        certificate = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.ca.write_bytes(certificate.sign(self.key, SHA256()).public_bytes(Encoding.PEM))

    def builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, time: dt.timedelta
    ) -> Builder:
        """Return the builder of a certificate, valid since yesterday and for `time` from now."""
        now = dt.datetime.now(dt.UTC)
        begun = Builder().subject_name(subject).issuer_name(self.name).public_key(key)
        begun = begun.serial_number(x509.random_serial_number())
        return begun.not_valid_before(now - LONG).not_valid_after(now + time)

    def issue(self, host: str, time: dt.timedelta = LONG) -> tuple[Path, Path]:
        """Return the files of a certificate for a host name or address, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        builder = self.builder(subject, key.public_key(), time)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        paths = self.folder / "server.crt", self.folder / "server.key"
        paths[0].write_bytes(builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        )
        return paths
