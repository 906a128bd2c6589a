"""URLs of alarms, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from alarms.views import AlarmViewSet

router = SimpleRouter(use_regex_path=False)
router.register("alarms", AlarmViewSet, basename="alarm")

urlpatterns = router.urls
