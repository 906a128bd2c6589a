"""URLs of cheers, below /api/v1/."""

from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

from cheers.views import CheerViewSet, DiaryCheerViewSet, TodoCheerViewSet

router = SimpleRouter(use_regex_path=False)
router.register("cheers", CheerViewSet, basename="cheer")

OWN_CHEER: dict[str, Any] = {"put": "give", "delete": "withdraw"}

urlpatterns = [
    *router.urls,
    path(
        "cheers/todos/<id:id>/", TodoCheerViewSet.as_view(OWN_CHEER, detail=True), name="cheer-todo"
    ),
    path(
        "cheers/diaries/<id:id>/",
        DiaryCheerViewSet.as_view(OWN_CHEER, detail=True),
        name="cheer-diary",
    ),
]
