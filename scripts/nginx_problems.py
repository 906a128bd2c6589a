"""Prints nginx/problems.conf: what nginx answers by itself, in the words of core/problems.py."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todomate.settings")

import django  # noqa: E402  # after the path and the settings are known
from django.utils import translation  # noqa: E402  # as above

# Which of nginx's statuses each stands for: 403 is a folder, 412 and 416 are a condition and a part
# that a static file does not have, 494 are headers, 495 to 497 a TLS that is none.
PROBLEMS = {
    "bad_request": "400 412 416 495 496 497 505",
    "not_found": "403 404",
    "method_not_allowed": "405",
    "payload_too_large": "413",
    "uri_too_long": "414",
    "headers_too_large": "494",
    "busy": "500 501 502 503 504",
}
# What may be refused before its path was read cannot go to a named place (@…): without a path nginx answers with a 500
# of its own. The others go there, which leaves the log the path that was asked for.
BEFORE_THE_PATH = {"bad_request", "uri_too_long", "headers_too_large"}
# A path is looked up once more, with the limit of the body.
INTERNAL = "    internal;\n    client_max_body_size 0;\n"
HEAD = "# What nginx answers by itself is a problem document too. Made by scripts/nginx_problems.py; a test compares.\n"


def location(code: str, statuses: str) -> str:
    """The answer to `statuses`, in the client's language."""
    from core.exceptions import problem_response  # noqa: PLC0415  # Django is set up by now

    returns = {}
    for language in ("ko", "en"):
        with translation.override(language):
            answer = problem_response(code)
        returns[language] = f"return {answer.status_code} '{answer.content.decode()}';"
    place = f"/.problems/{code}" if code in BEFORE_THE_PATH else f"@{code}"
    exact, internal = ("= ", INTERNAL) if code in BEFORE_THE_PATH else ("", "")
    again = '    add_header Retry-After "5" always;\n' if code == "busy" else ""
    return f"""
error_page {statuses} = {place};
location {exact}{place} {{
{internal}    default_type application/problem+json;
    add_header X-Content-Type-Options nosniff always;
    add_header Vary Accept-Language always;
{again}    if ($language = ko) {{
        {returns["ko"]}
    }}
    {returns["en"]}
}}
"""


def conf() -> str:
    """The whole file."""
    return HEAD + "".join(location(*problem) for problem in PROBLEMS.items())


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(conf())
