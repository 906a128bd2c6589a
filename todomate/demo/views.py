"""The button of the start page that resets the demo. Images do not contain it."""

from urllib.parse import urlencode

from django.conf import settings
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

from core.exceptions import problem_response
from todomate.demo.writing import reset_demo


def start_page(request: HttpRequest, problem: str = "") -> HttpResponse:
    """Return to the demo of the start page, which says what the problem is, if there is one."""
    language = request.POST.get("lang", "")
    values = {"lang": language if language in dict(settings.LANGUAGES) else "", "reset": problem}
    query = urlencode({name: value for name, value in values.items() if value})
    path = reverse("start")
    return HttpResponseRedirect(f"{path}?{query}#demo" if query else f"{path}#demo", status=303)


class CsrfCheck(CsrfViewMiddleware):
    """Django's check, with an answer for the person who pressed the button."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return start_page(request, "refused")


@csrf_exempt  # from the check whose answer is a problem document
@decorator_from_middleware(CsrfCheck)
def reset(request: HttpRequest) -> HttpResponse:
    """Reset the demo, for a form of this server's start page, and return there."""
    if not settings.LOCAL:
        raise Http404
    if request.method != "POST":
        return problem_response("method_not_allowed", Allow="POST")
    try:
        reset_demo()
    except IntegrityError:  # somebody has taken a handle, or resets it at this moment
        return start_page(request, "failed")
    return start_page(request)
