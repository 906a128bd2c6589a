"""The two pages for people: the start page and the one to try the API out."""

from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from core.exceptions import problem_response
from todomate.front.demo import sign_ins


def database_kind() -> str:
    """SQLite, MariaDB or MySQL; telling the last two apart asks the server."""
    try:
        return str(connection.display_name)
    except Error:
        return "MySQL"


def page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page in the language of ?lang=, else of Accept-Language."""
    if request.method not in ("GET", "HEAD"):
        return problem_response("method_not_allowed", Allow="GET, HEAD")
    language = request.GET.get("lang")
    if language not in dict(settings.LANGUAGES):
        language = translation.get_language()
    with translation.override(language):
        context |= {
            "language": language,
            "languages": settings.LANGUAGES,
            "version": settings.VERSION,
        }
        answer = render(request, template, context)
    answer.headers["Content-Language"] = str(language)
    return answer


@csrf_exempt  # nothing is posted here; a POST is a 405 like everywhere
def start(request: HttpRequest) -> HttpResponse:
    return page(request, "front/start.html", database=database_kind(), people=sign_ins())


@csrf_exempt  # nothing is posted here; a POST is a 405 like everywhere
def docs(request: HttpRequest) -> HttpResponse:
    return page(request, "front/docs.html")
