"""From a JSON list of certificates (standard input) the bundle infra/rds-ca.pem (standard output)."""

from __future__ import annotations

import json
import sys
import warnings
from datetime import UTC, datetime

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

HEADER = """\
# The authorities that sign the certificates of Amazon RDS, made by scripts/rds-ca from lib/profiles/ca/defaults.js of
# the npm package {package} (MIT licence), less those that have expired; the package's hash is
# {integrity}.
# AWS publishes the same certificates as global-bundle.pem on its truststore host. Younger regions than the package are
# not among them: for those, append AWS's bundle of the region.
"""


def name(certificate: x509.Certificate) -> str:
    """Its subject's common name, such as "Amazon RDS ap-northeast-2 Root CA RSA2048 G1"."""
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def main() -> None:
    """Argument 1 is the package with its version, argument 2 its hash."""
    package, integrity = sys.argv[1:]
    # One that has expired carries the serial number 0; it is left out anyway.
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    read = [(x509.load_pem_x509_certificate(pem.encode()), pem) for pem in json.load(sys.stdin)]
    valid = sorted(
        (name(one), one, pem) for one, pem in read if one.not_valid_after_utc > datetime.now(UTC)
    )
    print(HEADER.format(package=package, integrity=integrity), end="")
    for title, one, pem in valid:
        print(f"\n# {title}, until {one.not_valid_after_utc:%Y-%m-%d}\n{pem.strip()}")


if __name__ == "__main__":
    main()
