"""The two pages for browsers: the start page and the interactive docs."""

from functools import cache, lru_cache

from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from core.exceptions import problem_response
from todomate.front import guides
from todomate.front.codes import field_codes, statuses
from todomate.front.demo import sign_ins
from todomate.front.documents import Document
from todomate.front.http_file import http_file


def database_kind() -> str:
    """Return SQLite, MariaDB or MySQL. The server is asked to tell the last two apart."""
    try:
        return str(connection.display_name)
    except Error:
        return "MySQL"


def page_context(language: str) -> dict[str, object]:
    """Return what the templates of all pages use."""
    return {
        "language": language,
        "languages": settings.LANGUAGES,
        "version": settings.VERSION,
    }


def language_of(request: HttpRequest) -> str:
    """Return the language of ?lang=, or of Accept-Language without it."""
    language = request.GET.get("lang")
    return language if language in dict(settings.LANGUAGES) else translation.get_language()


def page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    """Render a page in the language of the request."""
    if request.method not in ("GET", "HEAD"):
        return problem_response("method_not_allowed", Allow="GET, HEAD")
    language = language_of(request)
    with translation.override(language):
        response = render(request, template, context | page_context(language))
    response.headers["Content-Language"] = language
    return response


@csrf_exempt  # a POST must get 405 instead of the 403 of the CSRF check
def start(request: HttpRequest) -> HttpResponse:
    context = {"database": database_kind(), "people": sign_ins(), "sign_up": settings.SIGN_UP}
    context["reset"] = request.GET.get("reset", "")  # how a reset of the demo has ended
    return page(request, "front/start.html", **context)


@csrf_exempt  # a POST must get 405 instead of the 403 of the CSRF check
def docs(request: HttpRequest) -> HttpResponse:
    return page(request, "front/docs.html", people=sign_ins())


@csrf_exempt  # as above
def requests(request: HttpRequest) -> HttpResponse:
    """Return the .http file for this server, for the first account of the demo if it has one."""
    if request.method not in ("GET", "HEAD"):
        return problem_response("method_not_allowed", Allow="GET, HEAD")
    host = f"{request.scheme}://{request.get_host()}"
    people = sign_ins()
    email, password = people[0][:2] if people else ("you@example.org", "your password")
    headers = {"Content-Disposition": 'inline; filename="todomate.http"'}
    return http_document(host, email, password).answer(request, headers)


@lru_cache(maxsize=4)  # for each host and account
def http_document(host: str, email: str, password: str) -> Document:
    content = http_file(host, email, password).encode()
    return Document.of(content, "text/plain; charset=utf-8")


@csrf_exempt  # as above
def guide(request: HttpRequest, name: str) -> HttpResponse:
    """Return a guide for developers of apps. Raise Http404 for any other name."""
    found = guides.guide(name)
    if found is None:
        raise Http404
    return page(request, "front/guide.html", guide=found, name=name, guides=guides.menu())


@csrf_exempt  # as above
def codes(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return problem_response("method_not_allowed", Allow="GET, HEAD")
    language = language_of(request)
    return codes_page(language).answer(request, {"Content-Language": language})


@cache
def codes_page(language: str) -> Document:
    """Return the page of all codes, which takes 20 ms and changes with a release only."""
    with translation.override(language):
        context: dict[str, object] = {"statuses": statuses(), "field_codes": field_codes()}
        context |= {"name": "codes", "guides": guides.menu(), **page_context(language)}
        content = render_to_string("front/codes.html", context)
    return Document.of(content.encode(), "text/html; charset=utf-8")
