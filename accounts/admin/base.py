"""Base classes of the admin: a fixed number of queries, and no private content without permission.

Operators find rows by their people, see their dates and owners, and may delete them. What people
wrote is on a separate page, which requires the permission `read_<model>` and logs each access.
"""

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User

if TYPE_CHECKING:  # part of the stubs
    from django_stubs_ext import StrOrPromise

logger = logging.getLogger(__name__)


class OperatorAdmin(admin.ModelAdmin):
    """The base of all pages: newest rows first, one count of rows, and a search by people."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)
    sortable_by = ()
    search_help_text = _("The start of an email or handle, or a full id.")
    # The foreign keys to the people by which rows are searched.
    people: ClassVar[tuple[str, ...]] = ("owner",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return the rows without those of deleted accounts that are still to be erased."""
        rows = super().get_queryset(request)
        if deleted := User.objects.keys_of_deleted():
            for person in self.people:
                rows = rows.exclude(**{f"{person}__in": deleted})
        return rows

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("pk",)  # shows the search box; get_search_results does the search

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search by people and by the id of the row. Each condition reads one index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        keys = User.objects.keys_for_operator(term)
        matches = models.Q()
        for person in self.people:
            matches |= models.Q((f"{person}__in", keys))
        if pk := self.parse_key(term):
            matches |= models.Q(pk=pk)
        return queryset.filter(matches), False

    def parse_key(self, term: str) -> UUID | None:
        """Return the search term as a primary key, if it is one."""
        key = self.opts.pk
        try:
            return None if isinstance(key, models.AutoField | models.OneToOneField) else UUID(term)
        except ValueError:
            return None

    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        """Allow only the lookups of `list_filter`.

        With others, such as ?title__startswith=, titles could be guessed letter by letter.
        """
        fields = [
            entry[0] if isinstance(entry, tuple) else entry
            for entry in self.get_list_filter(request)
        ]
        return lookup in {
            f"{field}{suffix}" for field in fields for suffix in ("", "__exact", "__isempty")
        }

    def get_deleted_objects(
        self, objs: Iterable[models.Model], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Return only the rows themselves. Django would load all related rows one by one."""
        rows = list(objs)
        missing = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return (
            [str(row) for row in rows],
            {str(self.opts.verbose_name_plural): len(rows)},
            missing,
            [],
        )

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        with transaction.atomic():
            for row in queryset.order_by("pk"):
                self.delete_model(request, row)


def person_column(field: str, title: "StrOrPromise") -> Callable[[OperatorAdmin, Any], SafeString]:
    """Return a list column that shows the handle of the person of a foreign key."""

    @admin.display(description=title)
    def column(admin: OperatorAdmin, row: models.Model) -> SafeString:
        person = getattr(row, field)
        url = reverse("admin:accounts_user_change", args=[person.pk])
        return format_html('<a href="{}">@{}</a>', url, person.profile.handle)

    return column


class ReadOnlyAdmin(OperatorAdmin):
    """Rows that operators can delete, as the API does, but not add or change."""

    # People are fetched by a query of their own. With a join, MySQL started at the people and
    # sorted all of 100,000 rows, in 0.8 s instead of 0.02 s.
    shown_people: ClassVar[tuple[str, ...]] = ("owner__profile",)
    person = person_column("owner", _("person"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request).prefetch_related(*self.shown_people)
        present: Callable[[], models.QuerySet[Any]] | None = getattr(rows, "present", None)
        return rows if present is None else present()

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        remove = getattr(obj, "remove", obj.delete)
        remove()


def operator_id(request: HttpRequest) -> UUID:
    """Return the public id of the signed-in operator, for security events."""
    return cast(User, request.user).uuid


def count_message(count: int, singular: str, plural: str) -> str:
    """Return the singular or the plural with its `%(count)s` filled in, translated."""
    return ngettext(singular, plural, count) % {"count": count}
