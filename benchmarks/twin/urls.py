"""The paths of the twin: those of the project, as far as it has them."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from benchmarks.twin.views import (
    CheerViewSet,
    DiaryViewSet,
    GoalViewSet,
    QuickInputViewSet,
    TodoViewSet,
)

router = DefaultRouter()
router.register("todos", TodoViewSet)
router.register("goals", GoalViewSet)
router.register("diaries", DiaryViewSet)
router.register("cheers", CheerViewSet)
router.register("quick-inputs", QuickInputViewSet)

urlpatterns = [path("api/v1/", include(router.urls))]
