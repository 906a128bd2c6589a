"""A serializer and a ModelViewSet for each of the five resources on one screen, and their URLs."""

from typing import Any

from django.db.models import Model, QuerySet
from django.urls import include, path
from django.utils import timezone
from rest_framework.routers import DefaultRouter
from rest_framework.serializers import BaseSerializer, CharField, ListField, ModelSerializer
from rest_framework.viewsets import ModelViewSet

from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from todos.models import QuickInput, Todo


class TodoSerializer(ModelSerializer[Todo]):
    class Meta:
        model = Todo
        fields = "__all__"
        read_only_fields = ("owner",)


class GoalSerializer(ModelSerializer[Goal]):
    class Meta:
        model = Goal
        exclude = ("viewers",)
        read_only_fields = ("owner",)


class DiarySerializer(ModelSerializer[Diary]):
    class Meta:
        model = Diary
        exclude = ("viewers",)
        read_only_fields = ("owner",)


class CheerSerializer(ModelSerializer[Cheer]):
    class Meta:
        model = Cheer
        fields = "__all__"
        read_only_fields = ("owner",)


class QuickInputSerializer(ModelSerializer[QuickInput]):
    weekdays = ListField(child=CharField())

    class Meta:
        model = QuickInput
        fields = "__all__"
        read_only_fields = ("owner",)


class OwnViewSet(ModelViewSet[Any]):
    """Base for the caller's own rows."""

    def get_queryset(self) -> QuerySet[Model]:
        return super().get_queryset().filter(owner=self.request.user)

    def perform_create(self, serializer: BaseSerializer[Model]) -> None:
        serializer.save(owner=self.request.user)


class TodoViewSet(OwnViewSet):
    queryset = Todo.objects.order_by("date", "position", "id")
    serializer_class = TodoSerializer
    filterset_fields = ("date", "goal", "is_done")

    def perform_update(self, serializer: BaseSerializer[Model]) -> None:
        # A constraint of the table requires both.
        done = serializer.validated_data.get("is_done")
        serializer.save(**({} if done is None else {"done_at": timezone.now() if done else None}))


class GoalViewSet(OwnViewSet):
    queryset = Goal.objects.order_by("position", "id")
    serializer_class = GoalSerializer
    filterset_fields = ("state",)


class DiaryViewSet(OwnViewSet):
    queryset = Diary.objects.order_by("-date")
    serializer_class = DiarySerializer
    filterset_fields = ("date",)


class CheerViewSet(OwnViewSet):
    queryset = Cheer.objects.order_by("-created_at")
    serializer_class = CheerSerializer
    filterset_fields = ("todo__date",)

    def get_queryset(self) -> QuerySet[Model]:
        return self.queryset.filter(target_owner_id=self.request.user.pk)


class QuickInputViewSet(OwnViewSet):
    queryset = QuickInput.objects.order_by("created_at")
    serializer_class = QuickInputSerializer


router = DefaultRouter()
router.register("todos", TodoViewSet)
router.register("goals", GoalViewSet)
router.register("diaries", DiaryViewSet)
router.register("cheers", CheerViewSet)
router.register("quick-inputs", QuickInputViewSet)

urlpatterns = [path("api/v1/", include(router.urls))]
