"""What is open to everyone: the schema, its page, health."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

urlpatterns = [
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
]
