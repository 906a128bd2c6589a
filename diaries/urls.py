"""URLs of diaries, below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from diaries.photos import DiaryPictureView
from diaries.views import DiaryViewSet

router = SimpleRouter(use_regex_path=False)
router.register("diaries", DiaryViewSet, basename="diary")

urlpatterns = [
    *router.urls,
    path("pictures/diaries/<id:photo>/<size:size>.webp", DiaryPictureView.as_view()),
]
