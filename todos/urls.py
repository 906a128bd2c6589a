"""URLs of todos and quick inputs, below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

import core.converters  # noqa: F401  # registers <day:…>
from todos.photos import TodoPictureView
from todos.quick_input_views import OfferViewSet, QuickInputViewSet
from todos.views import ArchiveViewSet, TodoViewSet

router = SimpleRouter(use_regex_path=False)
router.register("todos", TodoViewSet, basename="todo")
router.register("quick-inputs", QuickInputViewSet, basename="quick-input")

OFFER = "quick-inputs/<id:pk>/offers/<day:date>"
urlpatterns = [
    path("archive/", ArchiveViewSet.as_view({"get": "list", "post": "create"}, detail=False)),
    path("archive/<id:pk>/", ArchiveViewSet.as_view({"put": "archive"}, detail=True)),
    path("quick-inputs/offers/", OfferViewSet.as_view({"get": "read"}, detail=False)),
    path(
        f"{OFFER}/todo/",
        OfferViewSet.as_view({"put": "activate", "delete": "put_back"}, detail=True),
    ),
    path(
        f"{OFFER}/dismissal/",
        OfferViewSet.as_view({"put": "dismiss", "delete": "undo_dismissal"}, detail=True),
    ),
    *router.urls,
    path("pictures/todos/<id:photo>/<size:size>.webp", TodoPictureView.as_view()),
]
