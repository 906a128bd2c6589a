"""The paths of cheers, below /api/v1/."""

urlpatterns: list[object] = []
