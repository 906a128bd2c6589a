"""The only middleware: a short one for the API, Django's own for pages.

The API has no cookies, forms or frames. What it needs of Django's middleware (checking the host,
choosing the language, Content-Length, security headers) is done here in one step. Every request
gets an id, which its answer and all that is logged for it have.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import cast

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    ImproperlyConfigured,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.handlers.exception import convert_exception_to_response
from django.db import Error
from django.http import HttpRequest, StreamingHttpResponse, UnreadablePostError
from django.http.request import split_domain_port
from django.http.response import HttpResponse, HttpResponseBase, ResponseHeaders
from django.urls import is_valid_path
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string

from accounts.credentials.rates import client_address
from core.events import of_request
from core.exceptions import bad_request, outage_response, problem_response
from core.one_container import is_local_host
from operations.serving.receiving import AUTH_PATH, MAX_AUTH_BODY

API = "/api/v1/"
# Load balancers ask an address, not a name, by http. These answers tell nothing about the host.
HEALTH = f"{API}health/"
# Bytes of the largest body of a page. The API's are limited by MAX_AUTH_BODY and
# DATA_UPLOAD_MAX_MEMORY_SIZE. Django does not limit forms with files, which no page has.
MAX_FORM = 64 * 1024
MAX_HOST = 300  # characters, with the port; a name of DNS has at most 253
# What nobody may ask of a page. Of TRACE the answer would have the cookies; the API's views refuse
# it themselves.
PAGE_METHODS = {"GET", "HEAD", "POST"}
# Hooks of middleware that `Pages` does not call, and that none of Django's ten has.
UNSUPPORTED_HOOKS = {"process_exception", "process_template_response"}
PRIVATE = ("Cache-Control", "private")
NOSNIFF = ("X-Content-Type-Options", "nosniff")
suspicious_logger = logging.getLogger("django.security")

type GetResponse = Callable[[HttpRequest], HttpResponseBase]
type View = Callable[..., HttpResponseBase]


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def stored_headers(response: HttpResponseBase) -> dict[str, tuple[str, str]]:
    """Return the headers as Django stores them: name and value by the name in lower case.

    Set through `response.headers`, the ten that every answer has would take a twentieth of the time
    of a list, since each is encoded and checked each time. What is set here must be ASCII without
    line breaks.
    """
    stored: dict[str, tuple[str, str]] = response.headers._store
    return stored


def remove_body(response: HttpResponseBase) -> None:
    """Keep the headers alone, Content-Length included: gunicorn warns of a body after HEAD."""
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
    elif isinstance(response, StreamingHttpResponse):
        response.close()
        response.streaming_content = []


@lru_cache(maxsize=1_000)
def is_own_host(host: str, allowed: Sequence[str], local_only: bool) -> bool:
    """Return whether this server answers to a Host header, by ALLOWED_HOSTS, LOCAL_HOSTS_ONLY."""
    request = HttpRequest()
    request.META["HTTP_HOST"] = host
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return not local_only or is_local_host(split_domain_port(host)[0])


def refusal(request: HttpRequest) -> str:
    """Return the code of the problem of a request that is not even routed, or an empty string.

    It is for another host, not encrypted, too large for its path, or has a method that no page has.
    """
    path = request.path_info
    if not path.startswith(HEALTH):
        host = request.META.get("HTTP_HOST", request.META["SERVER_NAME"])
        # Longer ones are no names, and would fill the cache.
        allowed = tuple(settings.ALLOWED_HOSTS)
        if len(host) > MAX_HOST or not is_own_host(host, allowed, settings.LOCAL_HOSTS_ONLY):
            return "bad_request"
        if settings.SECURE_PROXY_SSL_HEADER and is_plain(request):
            return "https_required"
    if path.startswith(API):
        is_large = path.startswith(AUTH_PATH) and body_length(request) > MAX_AUTH_BODY
        return "payload_too_large" if is_large else ""
    if request.method not in PAGE_METHODS and is_valid_path(path):
        return "method_not_allowed"
    return "payload_too_large" if body_length(request) > MAX_FORM else ""


def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """Return the answer to a request that is refused. Another host is logged."""
    if code == "method_not_allowed":
        return problem_response(code, Allow=", ".join(sorted(PAGE_METHODS)))
    if code == "bad_request":
        hint = "; if it is this server's name, set DOMAIN" if settings.LOCAL_HOSTS_ONLY else ""
        host = request.META.get("HTTP_HOST")
        suspicious_logger.warning("Not a host of this server: %r%s", host, hint)
    if code == "https_required" and not is_api(request) and request.method in ("GET", "HEAD"):
        # A browser whose user typed the name. The API is not redirected: its clients would go on
        # sending tokens by http.
        name, _port = split_domain_port(request.get_host())
        location = f"https://{name}{request.get_full_path()}"
        return HttpResponse(status=308, headers={"Location": location}, content_type="text/plain")
    return problem_response(code)


def is_plain(request: HttpRequest) -> bool:
    """Return whether the client's connection to a trusted proxy is not encrypted."""
    return str(request.META.get("HTTP_X_FORWARDED_PROTO", "")).strip().lower() == "http"


def body_length(request: HttpRequest) -> int:
    """Return the length that the request's headers state, in bytes."""
    length = request.META.get("CONTENT_LENGTH", "")
    return int(length) if length and length.isascii() and length.isdecimal() else 0


class ApiOrPages:
    """Send requests to the API, and refused ones, through `Api`, others through PAGE_MIDDLEWARE."""

    def __init__(self, get_response: GetResponse) -> None:
        self.api = Api(get_response)
        self.pages = Pages(get_response)
        self.respond: GetResponse = self.choose
        allowed = settings.CORS_ALLOWED_ORIGINS or settings.CORS_ALLOWED_ORIGIN_REGEXES
        if allowed or settings.CORS_ALLOW_ALL_ORIGINS:
            # Preflights end here: they reach no view and no database.
            self.open = cast(GetResponse, CorsMiddleware(self.choose))
            self.respond = self.open_to_origins

    def choose(self, request: HttpRequest) -> HttpResponseBase:
        is_page = not is_api(request) and not refusal(request)
        return (self.pages if is_page else self.api)(request)

    def open_to_origins(self, request: HttpRequest) -> HttpResponseBase:
        """Let pages of other origins read answers. Preflights are refused as other requests are."""
        if request.method != "OPTIONS":
            return self.open(request)
        if refusal(request) not in ("", "method_not_allowed"):
            return self.api(request)
        response = self.open(request)
        stored_headers(response).setdefault("x-content-type-options", NOSNIFF)
        return response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        with of_request(given, partial(client_address, request)) as request_id:
            response = self.respond(request)
        stored = stored_headers(response)
        stored["x-request-id"] = ("X-Request-ID", request_id)
        stored.setdefault("cache-control", PRIVATE)
        if response.status_code == 304:
            # It would be the length of the answer that the client holds.
            response.headers.pop("Content-Length", None)
        if request.method == "HEAD":
            remove_body(response)
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Answer what is no error of ours, though Django would log it as one.

        It is a body that ends before its length (the client has hung up), what Django finds
        suspicious, and a database that is away. The API's views answer for the database themselves.
        """
        if isinstance(exception, UnreadablePostError):
            return bad_request(request, exception)
        if isinstance(exception, RequestDataTooBig):
            return problem_response("payload_too_large")
        if isinstance(exception, SuspiciousOperation):
            suspicious_logger.warning("%s: %s", type(exception).__name__, exception)
            return bad_request(request, exception)
        return outage_response(request, exception)

    def process_view(
        self,
        request: HttpRequest,
        view: View,
        args: Sequence[object],
        kwargs: Mapping[str, object],
    ) -> HttpResponseBase | None:
        """Run the hooks of the pages' middleware, such as the CSRF check."""
        return None if is_api(request) else self.pages.process_view(request, view, args, kwargs)


def answer_outages(call: GetResponse) -> GetResponse:
    """Return a middleware's `call` with an answer where the database cannot serve it."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        try:
            return call(request)
        except Error as error:
            if response := outage_response(request, error):
                return response
            raise

    return answer


class Pages:
    """The middleware of PAGE_MIDDLEWARE as a chain, with their process_view hooks.

    Raise ImproperlyConfigured for a middleware with another hook.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.call = get_response
        self.view_hooks: list[Callable[..., HttpResponseBase | None]] = []
        for name in reversed(settings.PAGE_MIDDLEWARE):
            middleware = import_string(name)(self.call)
            if unsupported := UNSUPPORTED_HOOKS & set(dir(middleware)):
                raise ImproperlyConfigured(f"{name}: {', '.join(unsupported)} would not be called.")
            if hasattr(middleware, "process_view"):
                self.view_hooks.insert(0, middleware.process_view)
            self.call = cast(GetResponse, convert_exception_to_response(answer_outages(middleware)))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.call(request)

    def process_view(
        self,
        request: HttpRequest,
        view: View,
        args: Sequence[object],
        kwargs: Mapping[str, object],
    ) -> HttpResponseBase | None:
        for hook in self.view_hooks:
            if (response := hook(request, view, args, kwargs)) is not None:
                return response
        return None


@lru_cache(maxsize=1_000)
def language_for(accept: str) -> str:
    """Return the supported language that an Accept-Language header asks for."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accept
    return translation.get_language_from_request(request)


class Api:
    """The middleware of the API.

    Its headers forbid browsers from executing, framing or sniffing responses.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        headers = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
            "Vary": "Accept-Language",
        }
        self.defaults = {
            code: dict(ResponseHeaders(headers | {"Content-Language": code})._store)
            for code, _name in settings.LANGUAGES
        }
        seconds = settings.SECURE_HSTS_SECONDS
        self.transport_security = f"max-age={seconds}" if seconds else ""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = language_for(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(language)
        code = refusal(request)
        response = refuse(request, code) if code else self.get_response(request)
        stored = stored_headers(response)
        if "vary" in stored:
            patch_vary_headers(response, ["Accept-Language"])
        for name, header in self.defaults[language].items():
            stored.setdefault(name, header)
        if request.path_info.startswith(AUTH_PATH):  # it has tokens, which no cache may store
            response.headers["Cache-Control"] = "no-store"
        if isinstance(response, HttpResponse):  # not a streaming one
            response.headers.setdefault("Content-Length", str(len(response.content)))
        if self.transport_security and request.is_secure():
            response.headers["Strict-Transport-Security"] = self.transport_security
        return response
