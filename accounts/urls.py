"""The paths of accounts, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from accounts.people_views import BlockViewSet, FollowRequestViewSet, RelationViewSet, UserViewSet

router = SimpleRouter(use_regex_path=False)
router.register("users", UserViewSet, basename="user")
router.register("users", RelationViewSet, basename="relation")
router.register("blocks", BlockViewSet, basename="block")
router.register("follow-requests", FollowRequestViewSet, basename="follow-request")

urlpatterns = router.urls
