"""URLs of accounts, below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.people.me_views import DeleteMeView, MeView
from accounts.people.views import BlockViewSet, FollowRequestViewSet, RelationViewSet, UserViewSet
from accounts.signing_in.email_views import EmailConfirmView, EmailVerifyView, SignUpConfirmView
from accounts.signing_in.password_views import (
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
)
from accounts.signing_in.second_factor_views import (
    ConfirmSecondFactorView,
    RemoveSecondFactorView,
    SecondFactorView,
)
from accounts.signing_in.session_views import SessionViewSet
from accounts.signing_in.views import LogoutView, RefreshView, SignUpView, TokenView

router = SimpleRouter(use_regex_path=False)
router.register("users", UserViewSet, basename="user")
router.register("users", RelationViewSet, basename="relation")
router.register("blocks", BlockViewSet, basename="block")
router.register("follow-requests", FollowRequestViewSet, basename="follow-request")

urlpatterns = [
    path("auth/signup/", SignUpView.as_view(), name="sign-up"),
    path("auth/signup/confirm/", SignUpConfirmView.as_view(), name="confirm-sign-up"),
    path("auth/email/verify/", EmailVerifyView.as_view(), name="verify-email"),
    path("auth/email/confirm/", EmailConfirmView.as_view(), name="confirm-email"),
    path("auth/token/", TokenView.as_view(), name="sign-in"),
    path("auth/token/refresh/", RefreshView.as_view(), name="refresh-token"),
    path("auth/logout/", LogoutView.as_view(), name="sign-out"),
    path(
        "auth/sessions/",
        SessionViewSet.as_view({"get": "list", "delete": "end_others"}, detail=False),
        name="sessions",
    ),
    path("auth/sessions/<id:id>/", SessionViewSet.as_view({"delete": "end"}), name="session"),
    path("auth/password/change/", PasswordChangeView.as_view(), name="change-password"),
    path("auth/password/reset/", PasswordResetView.as_view(), name="reset-password"),
    path(
        "auth/password/reset/confirm/",
        PasswordResetConfirmView.as_view(),
        name="confirm-password-reset",
    ),
    path("auth/second-factor/", SecondFactorView.as_view(), name="second-factor"),
    path(
        "auth/second-factor/confirm/",
        ConfirmSecondFactorView.as_view(),
        name="confirm-second-factor",
    ),
    path(
        "auth/second-factor/remove/", RemoveSecondFactorView.as_view(), name="remove-second-factor"
    ),
    path("me/", MeView.as_view(), name="me"),
    path("me/delete/", DeleteMeView.as_view(), name="delete-me"),
    *router.urls,
]
