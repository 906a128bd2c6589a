"""The paths of the library."""

from rest_framework.routers import SimpleRouter

from fastlists.tests.views import BookViewSet

router = SimpleRouter()
router.register("books", BookViewSet, basename="book")
urlpatterns = router.urls
