"""users/, blocks/, follow-requests/"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.cards import CardSerializer
from accounts.credentials.views import SignedInMixin
from accounts.models import Follow, User
from accounts.people.filters import PeopleFilterSet
from accounts.people.serializers import FollowRequestSerializer, ProfileSerializer
from core.problems import Problem
from core.responses import Response
from core.views import PAGE, GenericViewSet
from fastlists import FastListMixin, compiled

DONE = status.HTTP_204_NO_CONTENT


def undo(verb: Callable[[User], None], pk: UUID) -> Response:
    """The end of something between the viewer and this person, if there is such a person.

    Not asked whether they exist for the viewer: they may not by now, and the second time must be like the first.
    """
    person = User.objects.with_uuid(pk).first()
    if person is not None:
        verb(person)
    return Response(status=DONE)


class PeopleViewSet(SignedInMixin, GenericViewSet):
    """The base of what names a person in its path: they must exist for the viewer, or it is a 404."""

    queryset = User.objects.none()
    lookup_field = "uuid"
    lookup_url_kwarg = "id"
    ordering = ("profile__handle",)
    singular, plural = "user", "users"

    def get_queryset(self) -> Any:
        return User.objects.seen_by(self.viewer).with_profile()

    def profile(self) -> Response:
        """The person with what lies between them and the viewer."""
        person = (
            self.get_queryset().with_relations(self.viewer).with_uuid(self.kwargs["id"]).first()
        )
        if person is None:
            raise NotFound
        return Response(ProfileSerializer(person).data)


@compiled(User)
def seen_person(viewer: User, uuid: UUID) -> QuerySet[User]:
    people: QuerySet[User] = User.objects.seen_by(viewer).with_uuid(uuid)
    return people


@compiled(User)
def open_person(viewer: User, person: User) -> QuerySet[User, Any]:
    """One row where the viewer may see who follows this person, and whom they follow."""
    rows: QuerySet[User, Any] = User.objects.open_to(viewer).filter(pk=person.pk).values_list("pk")
    return rows


def followers_of(viewer: User, *, person: User) -> Any:
    return User.objects.seen_by(viewer).followers_of(person).with_profile()


def followed_by(viewer: User, *, person: User) -> Any:
    return User.objects.seen_by(viewer).followed_by(person).with_profile()


class UserViewSet(FastListMixin, PeopleViewSet):
    """People as others see them."""

    serializer_class = CardSerializer
    filterset_class = PeopleFilterSet
    parameters = {"followers": PAGE, "following": PAGE}

    @classmethod
    def list_query(cls, viewer: User, **clean: Any) -> Any:
        return PeopleFilterSet.apply(User.objects.seen_by(viewer).with_profile(), viewer, clean)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Find people by the start of their handle or nickname, or by their exact handle."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=ProfileSerializer)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Return a person's profile. Its counts include only people the caller can see."""
        return self.profile()

    @extend_schema(
        operation_id="list_followers", responses=CardSerializer(many=True), filters=False
    )
    @action(detail=True)
    def followers(self, request: Request, **kwargs: Any) -> Any:
        """List the followers of a person.

        For a private account, only its owner and accepted followers can do so. Others get
        403 `private`.
        """
        return self.list_response(followers_of, person=self.open_person())

    @extend_schema(
        operation_id="list_following", responses=CardSerializer(many=True), filters=False
    )
    @action(detail=True)
    def following(self, request: Request, **kwargs: Any) -> Any:
        """List the people whom a person follows.

        For a private account, only its owner and accepted followers can do so. Others get
        403 `private`.
        """
        return self.list_response(followed_by, person=self.open_person())

    def open_person(self) -> User:
        person: User | None = seen_person.first(self.viewer, self.kwargs["id"])
        if person is None:
            raise NotFound
        if not open_person(self.viewer, person):
            raise Problem("private")
        return person


class RelationViewSet(PeopleViewSet):
    """What the viewer does about a person. All of it may come twice."""

    serializer_class = ProfileSerializer
    bodyless = ("follow", "block")

    def get_queryset(self) -> Any:
        if self.action in ("block", "unblock"):
            return User.objects.blockable_by(self.viewer)
        return super().get_queryset()

    def another(self) -> User:
        person: User = self.get_object()
        if person == self.viewer:
            raise Problem("oneself")
        return person

    @extend_schema(request=None, responses=ProfileSerializer)
    @action(detail=True, methods=["put"])
    def follow(self, request: Request, **kwargs: Any) -> Response:
        """Follow a person, or ask to follow them if their account is private."""
        if self.viewer.follow(self.another()) is None:
            raise NotFound
        return self.profile()

    @extend_schema(responses={DONE: None})
    @follow.mapping.delete
    def unfollow(self, request: Request, **kwargs: Any) -> Response:
        """Unfollow a person or withdraw the follow request. The answer is 204 for every id."""
        return undo(self.viewer.unfollow, kwargs["id"])

    @extend_schema(operation_id="remove_follower")
    @action(detail=True, methods=["delete"], url_path="follower")
    def remove_follower(self, request: Request, **kwargs: Any) -> Response:
        """Remove a person from the caller's followers. The answer is 204 for every id."""
        return undo(self.viewer.remove_follower, kwargs["id"])

    @extend_schema(request=None, responses={DONE: None})
    @action(detail=True, methods=["put"])
    def block(self, request: Request, **kwargs: Any) -> Response:
        """Block a person. Neither can see the other any more, and both follows end."""
        self.viewer.block(self.another())
        return Response(status=DONE)

    @extend_schema(responses={DONE: None})
    @block.mapping.delete
    def unblock(self, request: Request, **kwargs: Any) -> Response:
        """Unblock a person. Follows are not restored. The answer is 204 for every id."""
        return undo(self.viewer.unblock, kwargs["id"])


class BlockViewSet(FastListMixin, SignedInMixin, GenericViewSet):
    """Whom the viewer has blocked."""

    queryset = User.objects.none()
    serializer_class = CardSerializer
    ordering = ("profile__handle",)
    singular, plural = "block", "blocks"

    @classmethod
    def list_query(cls, viewer: User, **clean: Any) -> Any:
        return User.objects.blocked_by(viewer).with_profile()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """List the people the caller has blocked."""
        return super().list(request, *args, **kwargs)


class FollowRequestViewSet(FastListMixin, SignedInMixin, GenericViewSet):
    """Who asks to follow the viewer, named by who asks."""

    queryset = Follow.objects.none()
    serializer_class = FollowRequestSerializer
    lookup_url_kwarg = "user_id"
    bodyless = ("update",)
    ordering = ("-created_at", "-id")
    singular, plural = "follow_request", "follow_requests"

    @classmethod
    def list_query(cls, viewer: User, **clean: Any) -> Any:
        return Follow.objects.requests_to(viewer).with_followers()

    def person(self) -> User:
        person: User | None = (
            User.objects.seen_by(self.viewer).with_uuid(self.kwargs["user_id"]).first()
        )
        if person is None:
            raise NotFound
        return person

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """List the requests to follow the caller, newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(operation_id="accept_follow_request", request=None, responses={DONE: None})
    def update(self, request: Request, **kwargs: Any) -> Response:
        """Accept the request of this person to follow the caller."""
        if not self.viewer.accept(self.person()):
            raise NotFound
        return Response(status=DONE)

    @extend_schema(operation_id="decline_follow_request")
    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Decline the request of this person to follow the caller.

        This does not remove an accepted follower. The answer is 204 for every id.
        """
        return undo(self.viewer.decline, kwargs["user_id"])
