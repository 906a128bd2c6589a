"""URLs of goals, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from goals.views import GoalViewSet

router = SimpleRouter(use_regex_path=False)
router.register("goals", GoalViewSet, basename="goal")

urlpatterns = router.urls
