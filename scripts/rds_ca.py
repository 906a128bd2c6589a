"""Convert a JSON list of certificates (standard input) to infra/rds-ca.pem (standard output)."""

from __future__ import annotations

import json
import sys
import warnings
from datetime import UTC, datetime

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning

HEADER = """\
# The certificate authorities of Amazon RDS, without expired ones. scripts/rds-ca creates this file
# from lib/profiles/ca/defaults.js of the npm package {package} (MIT licence), whose
# hash is
# {integrity}.
# AWS publishes the same certificates as global-bundle.pem on its truststore host. Regions newer
# than the package are missing: for those, append AWS's bundle of the region.
"""


def name(certificate: x509.Certificate) -> str:
    """Return the common name, such as "Amazon RDS ap-northeast-2 Root CA RSA2048 G1"."""
    return str(certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def main() -> None:
    """Convert the list. Argument 1 is the package with its version, argument 2 its hash."""
    package, integrity = sys.argv[1:]
    # An expired one has the serial number 0, which is deprecated; it is left out anyway.
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
