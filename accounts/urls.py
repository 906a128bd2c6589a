"""The paths of accounts, below /api/v1/."""

urlpatterns: list[object] = []
