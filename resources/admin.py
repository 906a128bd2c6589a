"""The base of admin pages of rows with private content."""

import logging
from typing import Any, ClassVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext

from accounts.admin.base import ReadOnlyAdmin, operator_id
from core.events import security_event

logger = logging.getLogger(__name__)


class ContentAdmin(ReadOnlyAdmin):
    """Rows with private content, which is in the fields `content`."""

    content: ClassVar[tuple[str, ...]] = ()
    change_form_template = "resources/change_form.html"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows without their content, which is not even loaded from the database."""
        names = {field.name for field in self.opts.concrete_fields}
        copies = {f"{name}_folded" for name in self.content} & names
        return super().get_queryset(request).defer(*self.content, *copies)

    def has_read_permission(self, request: HttpRequest) -> bool:
        permission = f"{self.opts.app_label}.read_{self.opts.model_name}"
        return self.has_view_permission(request) and request.user.has_perm(permission)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.content_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_content"
        return [path("<path:object_id>/content/", view, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = {"may_read": self.has_read_permission(request)} | (extra_context or {})
        return super().change_view(request, object_id, form_url, extra)

    def content_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the content of a row and log the access.

        Only for POST, so that links and prefetching do not cause an access.
        """
        row = self.get_object(request, unquote(object_id))
        if not self.has_read_permission(request):
            raise PermissionDenied
        if row is None:
            raise Http404
        change = reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[object_id]
        )
        if request.method != "POST":
            return HttpResponseRedirect(change)
        self.log_change(request, row, gettext("Read the content."))
        logger.warning("operator %s read %s %s", request.user.pk, self.opts.label, row.pk)
        security_event(
            "operator_looked",
            person=row.owner.uuid,
            operator=operator_id(request),
            kind=self.opts.model_name,
            row=row.pk,
        )
        context = self.admin_site.each_context(request) | {
            "title": capfirst(str(row)),
            "opts": self.opts,
            "original": row,
            "change": change,
            "content": [
                (capfirst(self.field(name).verbose_name), getattr(row, name))
                for name in self.content
            ],
        }
        return TemplateResponse(request, "resources/content.html", context)

    def field(self, name: str) -> Any:
        return self.opts.get_field(name)
