"""Certificate authorities and what they sign, for tests."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """One that signs; `ca` is the file of its own certificate."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.key, self.ca = folder, ec.generate_private_key(ec.SECP256R1()), folder / f"{name}.pem"
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self.builder(self.name, self.key.public_key(), 1)
        certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.ca.write_bytes(certificate.sign(self.key, SHA256()).public_bytes(Encoding.PEM))

    def builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
        """Of a certificate that holds from two days ago on, until `days` from now."""
        now = dt.datetime.now(dt.UTC)
        begun = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        begun = begun.serial_number(x509.random_serial_number())
        return begun.not_valid_before(now - dt.timedelta(2)).not_valid_after(now + dt.timedelta(days))

    def issue(self, host: str, *, days: int = 1, file: str = "server") -> tuple[Path, Path]:
        """The files of a certificate for a name or an address, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        builder = self.builder(subject, key.public_key(), days)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        paths = self.folder / f"{file}.crt", self.folder / f"{file}.key"
        paths[0].write_bytes(builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM))
        paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
        return paths
