"""A ModelViewSet for each of the five resources that one screen shows."""

from typing import Any

from django.utils import timezone
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from benchmarks.twin.serializers import (
    CheerSerializer,
    DiarySerializer,
    GoalSerializer,
    QuickInputSerializer,
    TodoSerializer,
)
from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from todos.models import QuickInput, Todo


class MineViewSet(ModelViewSet[Any]):
    """What is the caller's own."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(owner=self.request.user)

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.save(owner=self.request.user)


class TodoViewSet(MineViewSet):
    queryset = Todo.objects.order_by("date", "position", "id")
    serializer_class = TodoSerializer
    filterset_fields = ("date", "goal", "is_done")

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        # A constraint of the table wants both.
        done = serializer.validated_data.get("is_done")
        serializer.save(**({} if done is None else {"done_at": timezone.now() if done else None}))


class GoalViewSet(MineViewSet):
    queryset = Goal.objects.order_by("position", "id")
    serializer_class = GoalSerializer
    filterset_fields = ("state",)


class DiaryViewSet(MineViewSet):
    queryset = Diary.objects.order_by("-date")
    serializer_class = DiarySerializer
    filterset_fields = ("date",)


class CheerViewSet(MineViewSet):
    queryset = Cheer.objects.order_by("-created_at")
    serializer_class = CheerSerializer
    filterset_fields = ("todo__date",)

    def get_queryset(self) -> Any:
        return self.queryset.filter(target_owner_id=self.request.user.pk)


class QuickInputViewSet(MineViewSet):
    queryset = QuickInput.objects.order_by("created_at")
    serializer_class = QuickInputSerializer
