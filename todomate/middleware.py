"""What a request passes through: a browser's pages all of Django's middlewares, the API one of its own.

The API has no cookies, no forms and no frames. What it does need of the others (the host is checked, the language is
chosen, the length of the body told, the browser kept from guessing) is done here in one step.
"""

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # it has no types

from core.exceptions import bad_request

API = "/api/v1/"
security_logger = logging.getLogger("django.security.DisallowedHost")

Respond = Callable[[HttpRequest], Any]


def for_pages(middleware: Any) -> Any:
    """The same middleware, which lets the API's requests pass."""

    def call(self: Any, request: HttpRequest) -> Any:
        if request.path_info.startswith(API):
            return self.get_response(request)
        return middleware.__call__(self, request)

    return type(middleware.__name__, (middleware,), {"__call__": call, "__module__": __name__})


Security = for_pages(SecurityMiddleware)
StaticFiles = for_pages(WhiteNoiseMiddleware)
ContentSecurityPolicy = for_pages(ContentSecurityPolicyMiddleware)
Session = for_pages(SessionMiddleware)
Locale = for_pages(LocaleMiddleware)
Common = for_pages(CommonMiddleware)
Csrf = for_pages(CsrfViewMiddleware)
Authentication = for_pages(AuthenticationMiddleware)
Messages = for_pages(MessageMiddleware)
FrameOptions = for_pages(XFrameOptionsMiddleware)


@lru_cache(maxsize=1_000)
def language_for(accept: str) -> str:
    """The language of ours that a header Accept-Language asks for."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accept
    return translation.get_language_from_request(request)


class Api:
    """The API's own. Its answers are documents: no browser may run, frame or guess anything in them."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response
        self.headers = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
            "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        }
        self.transport = f"max-age={settings.SECURE_HSTS_SECONDS}" if settings.SECURE_HSTS_SECONDS else ""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(API):
            response: HttpResponseBase = self.get_response(request)
            return response
        language = language_for(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        translation.activate(language)
        try:
            request.get_host()
            response = self.get_response(request)
        except DisallowedHost as error:
            security_logger.warning("%s", error)
            response = bad_request(request, error)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Language", language)
        if "Vary" in response.headers:
            patch_vary_headers(response, ["Accept-Language"])
        else:
            response.headers["Vary"] = "Accept-Language"
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))  # type: ignore[attr-defined]  # not streaming
        if self.transport and request.is_secure():
            response.headers["Strict-Transport-Security"] = self.transport
        return response
