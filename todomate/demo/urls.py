"""URLs of the demo, which only a local server has."""

from django.urls import path

from todomate.demo import views

urlpatterns = [path("demo/reset/", views.reset, name="reset-demo")]
