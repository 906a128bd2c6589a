"""URLs of diaries, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from diaries.views import DiaryViewSet

router = SimpleRouter(use_regex_path=False)
router.register("diaries", DiaryViewSet, basename="diary")

urlpatterns = router.urls
