"""The content of the page of all codes, made from the catalogues."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from itertools import groupby
from typing import NamedTuple

from django.utils import translation
from django.utils.functional import Promise

from core.advice import ADVICE, FIELD_CODES
from core.problems import CATALOGUE

LANGUAGES = ("en", "ko")


class Text(NamedTuple):
    """A text in one language."""

    language: str
    text: str


class Code(NamedTuple):
    """A code, its title and detail in each language, and what a client does about it."""

    code: str
    titles: list[Text]
    details: list[Text]
    advice: Promise | str


class Status(NamedTuple):
    """An HTTP status and the codes that have it."""

    number: int
    phrase: str
    codes: list[Code]


def in_each_language(text: str | Promise) -> list[Text]:
    """Return the text in English and Korean. Placeholders are shown as {name}."""
    texts = []
    for language in LANGUAGES:
        with translation.override(language):
            texts.append(Text(language, re.sub(r"%\((\w+)\)s", r"{\1}", str(text))))
    return texts


def statuses() -> Iterator[Status]:
    """Yield the codes of problems by status."""
    by_status = sorted(CATALOGUE.items(), key=lambda item: item[1].status)
    for number, group in groupby(by_status, key=lambda item: item[1].status):
        codes = [
            Code(
                code,
                in_each_language(problem_type.title),
                in_each_language(problem_type.detail),
                ADVICE.get(code, ""),
            )
            for code, problem_type in group
        ]
        yield Status(number, HTTPStatus(number).phrase, codes)


def field_codes() -> list[tuple[str, list[Text]]]:
    """Return the codes of field errors with their meaning in each language."""
    return [(code, in_each_language(FIELD_CODES[code])) for code in sorted(FIELD_CODES)]
