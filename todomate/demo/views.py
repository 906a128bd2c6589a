"""The button of the start page that resets the demo. Images do not contain it."""

from django.conf import settings
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core.exceptions import problem_response
from todomate.demo.writing import reset_demo


def reset(request: HttpRequest) -> HttpResponse:
    """Reset the demo, for a form of this server's start page, and return there."""
    if not settings.LOCAL:
        raise Http404
    if request.method != "POST":
        return problem_response("method_not_allowed", Allow="POST")
    try:
        reset_demo()
    except IntegrityError:  # somebody has taken a handle, or resets it at this moment
        return problem_response("duplicate")
    language = request.POST.get("lang", "")
    query = f"?lang={language}" if language in dict(settings.LANGUAGES) else ""
    return HttpResponseRedirect(f"{reverse('start')}{query}#demo", status=303)
