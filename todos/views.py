"""Views of todos and the archive."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request

from accounts.models import User
from core.responses import Response
from fastlists import compiled
from goals.models import Goal
from resources.viewsets import OwnedViewSet
from todos.filters import ArchiveFilterSet, TodoFilterSet
from todos.models import Todo, TodoQuerySet
from todos.serializers import (
    DeletedTodosSerializer,
    MovedTodosSerializer,
    NewArchivedTodoSerializer,
    NewTodoSerializer,
    TodoIdsSerializer,
    TodoMoveSerializer,
    TodoOrderSerializer,
    TodoSerializer,
)


class BaseTodoViewSet(OwnedViewSet):
    """The base of the viewsets of dated and archived todos."""

    model = Todo
    queryset = Todo.objects.none()
    serializer_class = TodoSerializer
    new_serializer_class: type[TodoSerializer]

    def get_serializer_class(self) -> type[TodoSerializer]:
        return self.new_serializer_class if self.action == "create" else self.serializer_class


@compiled(Goal)
def visible_goals(viewer: User, owner: UUID) -> QuerySet[Goal, tuple[UUID]]:
    return Goal.objects.filter(owner__uuid=owner).visible_to(viewer).values_list("pk")


@extend_schema_view(
    create=extend_schema(request=NewTodoSerializer, responses={201: TodoSerializer})
)
class TodoViewSet(BaseTodoViewSet):
    """Todos: tasks for one date each, done or not."""

    new_serializer_class = NewTodoSerializer
    filterset_class = TodoFilterSet
    ordering = ("date", "position", "id")
    singular, plural = "todo", "todos"

    def list(self, request: Request, *args: object, **kwargs: object) -> Any:
        """List the caller's todos with a date, or those of `owner` that the caller can see."""
        return super().list(request, *args, **kwargs)

    def get_list_parameters(self) -> dict[str, Any]:
        """Add `goals`: the ids of those goals of `owner` that the viewer can see.

        With a condition on each todo, the database would read every todo of an owner whose goals
        are all hidden.
        """
        parameters = super().get_list_parameters()
        owner = parameters["owner"]
        goals = [pk for (pk,) in visible_goals(self.viewer, owner)] if owner else []
        return {**parameters, "goals": goals}

    @classmethod
    def list_query(
        cls, viewer: User, *, goals: Sequence[UUID] = (), **parameters: object
    ) -> TodoQuerySet:
        todos = Todo.objects.dated().with_cards()
        if parameters["owner"] is not None:
            todos = todos.in_goals(goals)
        return TodoFilterSet.apply(todos, viewer, parameters)

    def get_object(self) -> Any:
        """Lock the owner before the todo, if it is moved or deleted.

        Adding, moving and deleting todos lock the owner first; checking one off need not.
        """
        if self.action == "destroy":
            Todo.objects.lock_with_origin(self.viewer, [self.kwargs["pk"]])
        elif self.action == "partial_update" and self.may_move_todo():
            self.viewer.lock()
        return super().get_object()

    def may_move_todo(self) -> bool:
        """Return whether the body has a date or a goal."""
        body = self.request.data
        return isinstance(body, dict) and not body.keys().isdisjoint(("date", "goal"))

    @extend_schema(request=TodoOrderSerializer, responses=TodoSerializer(many=True), filters=False)
    @action(detail=False, methods=["put"], pagination_class=None)
    def order(self, request: Request) -> Response:
        """Reorder the todos of one date and return all of them.

        The given todos take the positions that they hold now, in the given order.
        """
        todos = Todo.objects.reorder(self.viewer, **self.read_body(TodoOrderSerializer))
        return Response(self.get_serializer(todos, many=True).data)

    @extend_schema(request=TodoMoveSerializer, responses=MovedTodosSerializer, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def move(self, request: Request) -> Response:
        """Move todos, archived ones included, to the end of a date in the given order.

        If one of them cannot be moved, none is.
        """
        outcome = Todo.objects.move(self.viewer, **self.read_body(TodoMoveSerializer))
        return Response(MovedTodosSerializer(outcome, context=self.get_serializer_context()).data)

    @extend_schema(
        operation_id="delete_todos",
        request=TodoIdsSerializer,
        responses=DeletedTodosSerializer,
        filters=False,
    )
    @action(detail=False, methods=["post"], url_path="delete", pagination_class=None)
    def delete_many(self, request: Request) -> Response:
        """Delete todos, and dismiss the offers from which they were activated."""
        outcome = Todo.objects.remove(self.viewer, **self.read_body(TodoIdsSerializer))
        return Response(DeletedTodosSerializer(outcome).data)


@extend_schema_view(
    create=extend_schema(request=NewArchivedTodoSerializer, responses={201: TodoSerializer})
)
class ArchiveViewSet(BaseTodoViewSet):
    """The archive: todos without a date.

    Change, schedule and delete them at todos/{id}/.
    """

    new_serializer_class = NewArchivedTodoSerializer
    filterset_class = ArchiveFilterSet
    ordering = ("-created_at", "-id")
    singular, plural = "archived_todo", "archive"

    @classmethod
    def list_query(cls, viewer: User, **parameters: object) -> TodoQuerySet:
        todos = Todo.objects.of(viewer).archived().with_cards()
        return ArchiveFilterSet.apply(todos, viewer, parameters)
