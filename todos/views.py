"""Views of todos and the archive."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request

from accounts.models import User
from core.filters import DatedFilterSet
from core.pagination import MAX_PAGE_SIZE, nth_after
from core.responses import Response
from core.serializers import CLEAR
from fastlists import compiled
from goals.models import Goal
from resources.relations import own_row
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


# A list looks at this many todos for each page, if it may have to pass over many of them.
TODOS_AT_ONCE = 3_000
ORDER = ("date", "position", "id")
# Filters that no index answers.
UNINDEXED = ("is_done", "has_time", "q")


@compiled(Todo)
def end_of_own(
    viewer: User, key: Any, *, backwards: bool, goal: UUID | None, **dates: Any
) -> QuerySet[Todo, Any]:
    """Select the ordering values of the viewer's last todo of the next TODOS_AT_ONCE.

    `goal` is a goal of the viewer's.
    """
    todos = Todo.objects.of(viewer) if goal is None else Todo.objects.filter(goal=goal)
    todos = DatedFilterSet.apply(todos.dated(), viewer, dates)
    return nth_after(todos, ORDER, key, TODOS_AT_ONCE, backwards=backwards)


@compiled(Todo)
def ends_of_goals(
    goals: list[UUID], key: Any, *, backwards: bool, is_filtered: bool, **dates: Any
) -> QuerySet[Todo, Any]:
    """Select the ordering values of the last of the next todos of each goal that are looked at.

    They are read goal by goal, because the todos between them may be hidden from the viewer.
    """
    share = TODOS_AT_ONCE >> (len(goals) - 1).bit_length()
    number = share if is_filtered else min(share, MAX_PAGE_SIZE + 1)
    ends = []
    for goal in goals:
        todos = DatedFilterSet.apply(Todo.objects.filter(goal=goal).dated(), None, dates)
        ends.append(nth_after(todos, ORDER, key, number, backwards=backwards))
    return ends[0].union(*ends[1:], all=True) if ends[1:] else ends[0]


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
    ordering = ORDER
    singular, plural = "todo", "todos"

    def list(self, request: Request, *args: object, **kwargs: object) -> Any:
        """List the caller's todos with a date, or those of `owner` that the caller can see."""
        return super().list(request, *args, **kwargs)

    def get_list_parameters(self) -> dict[str, Any]:
        """Add `goals`: the ids of those goals of `owner` that the viewer can see.

        With a condition on each todo, the database would read every todo of an owner whose goals
        are all hidden. The page ends where the todos end that are looked at for it.
        """
        parameters = dict(super().get_list_parameters())
        if parameters["owner"] == self.viewer.uuid:
            parameters["owner"] = None  # which gives the same rows
        owner, goal = parameters["owner"], parameters["goal"]
        if owner is not None:
            goals = [pk for (pk,) in visible_goals(self.viewer, owner) if goal in (None, pk)]
        else:  # with somebody else's goal, the database would read all of its todos
            goals = [goal] if goal is not None and own_row(Goal).first(self.viewer, goal) else []
        parameters["goals"] = goals
        paginator: Any = self.paginator
        paginator.read_request(self.request, self.ordering, Todo)
        if end := self.end_of_part(paginator, **parameters):
            paginator.stop_at(end)
        return parameters

    def end_of_part(
        self, paginator: Any, *, goals: Sequence[UUID], goal: UUID | None, **parameters: Any
    ) -> Any:
        """Return the ordering values of the last todo that is looked at, or None for no limit."""
        if parameters["date"] is not None or parameters["quick_input"] is not None:
            return None  # there are few todos of a day, or of a quick input
        is_filtered = any(parameters[name] is not None for name in UNINDEXED)
        where: dict[str, Any] = {name: parameters[name] for name in ("date_from", "date_to")}
        where |= {"backwards": paginator.backwards}
        if parameters["owner"] is None:
            if not is_filtered or (goal is not None and not goals):
                return None
            return end_of_own.first(self.viewer, paginator.key, goal=goal, **where)
        if not goals or (len(goals) == 1 and not is_filtered):
            return None
        if len(goals) > 1 and not connection.features.supports_slicing_ordering_in_compound:
            return None  # SQLite
        ends = ends_of_goals([*goals], paginator.key, is_filtered=is_filtered, **where)
        return (max if paginator.backwards else min)(ends, default=None)

    @classmethod
    def list_query(
        cls, viewer: User, *, goals: Sequence[UUID] = (), **parameters: object
    ) -> TodoQuerySet:
        todos = Todo.objects.dated().with_cards()
        if parameters["owner"] is not None or parameters["goal"] is not None:
            todos = todos.in_goals(goals)
        return TodoFilterSet.apply(todos, viewer, parameters)

    def get_object(self) -> Any:
        """Lock the owner before the todo, if it is moved or deleted, or its photo changes.

        All who do so lock the owner first; checking a todo off need not.
        """
        if self.action == "destroy":
            Todo.objects.lock_with_origin(self.viewer, [self.kwargs["pk"]])
        elif self.action == "partial_update" and self.needs_owner():
            self.viewer.lock()
        return super().get_object()

    def needs_owner(self) -> bool:
        """Return whether the body has a date, goal or photo, or clears what may be one of these."""
        body = self.request.data
        names = ("date", "goal", "photo", CLEAR)
        return isinstance(body, dict) and not body.keys().isdisjoint(names)

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
    bodyless = ("archive",)
    singular, plural = "archived_todo", "archive"

    @classmethod
    def list_query(cls, viewer: User, **parameters: object) -> TodoQuerySet:
        todos = Todo.objects.of(viewer).archived().with_cards()
        if connection.vendor == "postgresql":
            todos = todos.order_by("date")  # for the index; see rows_after
        return ArchiveFilterSet.apply(todos, viewer, parameters)

    @extend_schema(operation_id="archive_todo", request=None, responses=TodoSerializer)
    def archive(self, request: Request, pk: UUID) -> Response:
        """Put a todo into the archive: the same as a PATCH of it with `date: null`.

        It loses its date, and with it its time and whether it is done. A todo that came from a
        quick input is put back instead (409 `put_back_instead`). Repeating the request has no
        further effect.
        """
        self.viewer.lock()  # before the todo, as for whatever moves one
        todo = self.get_object()
        todo.archive()
        return Response(self.get_serializer(todo).data)
