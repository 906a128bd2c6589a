"""Lists: nothing of one person's request is in another's answer, whatever a newcomer's viewset holds or looks at."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings
from rest_framework import serializers

from accounts.models import User
from tests.core.test_lists import NewcomerTest, NoteSerializer, NoteViewSet, viewset
from tests.core.test_ready import todos_of
from todos.models import Todo


class WhoseField(serializers.CharField):
    """Shows who looks at it."""

    def to_representation(self, value: Any) -> str:
        return f"{value} for {self.context['request'].user.profile.nickname}"


class ShortSerializer(NoteSerializer):
    """Hides the title, as the guides do it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "X-Admin" not in self.context["request"].headers:
            self.fields.pop("title")


@override_settings(CHECK_READY_QUERIES=False)  # as in production
class ViewersTest(NewcomerTest):
    def setUp(self) -> None:
        super().setUp()
        todos_of(self.bob, 2)

    def listed(self, phone: Any, **headers: Any) -> list[dict[str, Any]]:
        return list(self.ok(phone.get("notes/", **headers))["results"])

    def test_a_field_that_asks_who_looks_tells_each_their_own(self) -> None:
        kind = type("S", (NoteSerializer,), {"title": WhoseField(), "Meta": NoteSerializer.Meta})
        self.serve(viewset(serializer_class=kind))
        for phone, name in ((self.as_alice, "Alice"), (self.as_bob, "Bob"), (self.as_alice, "Alice")):
            assert all(row["title"].endswith(f"for {name}") for row in self.listed(phone))

    def test_a_serializer_that_hides_fields_hides_them_from_whom_it_should(self) -> None:
        self.serve(viewset(serializer_class=ShortSerializer))
        assert "title" in self.listed(self.as_alice, HTTP_X_ADMIN="1")[0]
        assert "title" not in self.listed(self.as_bob)[0]
        assert "title" in self.listed(self.as_alice, HTTP_X_ADMIN="1")[0]

    def test_what_a_view_holds_of_one_request_is_in_no_other(self) -> None:
        def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
            NoteViewSet.initial(self, request, *args, **kwargs)
            self.owner = User.objects.get(uuid=request.headers["X-Who"])

        self.serve(viewset(initial=initial, get_queryset=lambda self: Todo.objects.filter(owner=self.owner)))
        for person, rows in ((self.alice, 4), (self.bob, 2), (self.charlie, 0), (self.alice, 4)):
            assert len(self.listed(self.as_alice, HTTP_X_WHO=str(person.uuid))) == rows

    def test_two_queries_of_one_action_are_two(self) -> None:
        def everything(self: Any, request: Any) -> Any:
            if "X-Admin" in request.headers:
                return self.list_of(lambda viewer: Todo.objects.all())
            return self.list_of(lambda viewer: Todo.objects.filter(owner=viewer))

        self.serve(viewset(list=everything))
        assert len(self.listed(self.as_alice, HTTP_X_ADMIN="1")) == 6
        assert len(self.listed(self.as_bob)) == 2
        assert self.listed(self.as_charlie) == []

    def test_a_query_that_holds_its_values_is_refused(self) -> None:
        def mine(self: Any, request: Any) -> Any:
            return self.list_of(lambda _viewer: Todo.objects.filter(owner=request.user))

        self.serve(viewset(list=mine))
        with pytest.raises(TypeError, match="holds none"):
            self.as_alice.get("notes/")

    def test_an_order_of_ones_own_is_ones_own(self) -> None:
        def ordering(self: Any) -> tuple[str, ...]:
            return ("-date", "-id") if "X-Late" in self.request.headers else ("date", "id")

        self.serve(viewset(ordering=property(ordering)))
        days = [row["date"] for row in self.listed(self.as_alice)]
        assert [row["date"] for row in self.listed(self.as_alice, HTTP_X_LATE="1")] == sorted(days, reverse=True)
        assert [row["date"] for row in self.listed(self.as_alice)] == sorted(days)
