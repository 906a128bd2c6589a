"""URLs of diaries, below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from diaries.photos import DiaryPictureView
from diaries.post_views import PostViewSet
from diaries.views import DiaryViewSet

router = SimpleRouter(use_regex_path=False)
router.register("diaries", DiaryViewSet, basename="diary")
router.register("posts", PostViewSet, basename="post")

urlpatterns = [
    *router.urls,
    path("pictures/diaries/<id:photo>/<size:size>.webp", DiaryPictureView.as_view()),
]
