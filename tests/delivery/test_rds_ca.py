"""Test the certificate authorities of Amazon RDS."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.delivery.template import ROOT, Template

BUNDLE = ROOT / "infra" / "rds-ca.pem"
NAME = re.compile(
    r"Amazon RDS (?:Beta |Preview )?([a-z]{2}-[a-z]+-\d) Root CA (RSA2048|RSA4096|ECC384) G1"
)


@pytest.fixture(scope="module")
def authorities() -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(BUNDLE.read_bytes())


def title(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def test_openssl_loads_every_certificate(authorities: list[x509.Certificate]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(BUNDLE)
    assert (
        len(context.get_ca_certs())
        == len(authorities)
        == BUNDLE.read_text().count("BEGIN CERTIFICATE")
        > 80
    )


def test_each_is_a_self_signed_root_of_amazon_rds(
    authorities: list[x509.Certificate],
) -> None:
    for one in authorities:
        assert NAME.fullmatch(title(one)), title(one)
        assert (
            one.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value
            == "Amazon Web Services, Inc."
        )
        one.verify_directly_issued_by(one)
        assert one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_none_is_weak_or_duplicate(authorities: list[x509.Certificate]) -> None:
    assert len({title(one) for one in authorities}) == len(authorities)
    for one in authorities:
        key = one.public_key()
        assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
        assert key.key_size >= (2048 if isinstance(key, rsa.RSAPublicKey) else 384)


def test_none_expires_within_a_year(authorities: list[x509.Certificate]) -> None:
    assert all(one.not_valid_before_utc < datetime.now(UTC) for one in authorities)
    assert min(one.not_valid_after_utc for one in authorities) > datetime.now(UTC) + timedelta(
        days=365
    )


def test_the_stack_can_only_be_created_in_a_region_with_a_root(
    authorities: list[x509.Certificate],
) -> None:
    found = {
        match[1]
        for one in authorities
        if (match := NAME.fullmatch(title(one))) and match[2] == "RSA2048"
    }
    allowed, asked = Template().body["Rules"]["RegionHasAnAuthority"]["Assertions"][0]["Assert"][
        "Fn::Contains"
    ]
    assert asked == {"Ref": "AWS::Region"}
    assert set(allowed) == found


def test_its_header_has_its_origin() -> None:
    head = BUNDLE.read_text().split("\n\n")[0]
    script = (ROOT / "scripts" / "rds-ca").read_text()
    for key in ("package", "integrity"):
        stated = re.search(rf"^{key}=(\S+)$", script, re.MULTILINE)
        assert stated
        assert stated[1] in head
