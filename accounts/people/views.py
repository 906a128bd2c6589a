"""Views of people, follows, blocks and follow requests."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.cards import CardSerializer
from accounts.credentials.views import ViewerMixin
from accounts.models import Block, Follow, Profile, User, UserQuerySet, find_by_name
from accounts.people.counts import add_counts
from accounts.people.filters import PeopleFilterSet
from accounts.people.serializers import FollowRequestSerializer, ProfileSerializer
from core.pagination import nth_after
from core.problems import Problem
from core.responses import Response
from core.views import PAGE, GenericViewSet
from fastlists import FastListMixin, compiled

DONE = status.HTTP_204_NO_CONTENT


def end_relation(verb: Callable[[User], None], pk: UUID) -> Response:
    """Call a verb that ends a relation with this person, if there is an account with the id.

    The person need not exist for the viewer: after the first request they may not any more, and a
    repeated request must get the same response.
    """
    person = User.objects.with_uuid(pk).first()
    if person is not None:
        verb(person)
    return Response(status=DONE)


class PeopleViewSet(ViewerMixin, GenericViewSet):
    """Base of viewsets with a person in the path, who must exist for the viewer (or 404)."""

    queryset = User.objects.none()
    lookup_field = "uuid"
    lookup_url_kwarg = "id"
    ordering = ("profile__handle",)
    singular, plural = "user", "users"

    def get_queryset(self) -> UserQuerySet:
        return User.objects.seen_by(self.viewer).with_profile()

    def profile_response(self) -> Response:
        """Return the person's profile with their relations with the viewer."""
        people = self.get_queryset().with_relations(self.viewer)
        person = people.with_uuid(self.kwargs["id"]).first()
        if person is None:
            raise NotFound
        add_counts(self.viewer, person)
        return Response(ProfileSerializer(person).data)


@compiled(User)
def visible_person(viewer: User, uuid: UUID) -> QuerySet[User]:
    return User.objects.seen_by(viewer).with_uuid(uuid)


@compiled(User)
def shows_follows(viewer: User, person: User) -> QuerySet[User, Any]:
    """Select one row if the viewer may list the person's followers and whom they follow."""
    return User.objects.open_to(viewer).filter(pk=person.pk).values_list("pk")


# Up to this many people are sorted by handle; where there are more, the list is read in parts.
SORTED_AT_MOST = 3_000
# The number of handles that are looked at for one page of such a list.
HANDLES_AT_ONCE = 2_000


@compiled(Follow)
def has_many_followers(person: User) -> QuerySet[Follow, Any]:
    """Select one row if more people follow this person than are sorted."""
    follows = Follow.objects.accepted().filter(followee=person)
    return follows.values_list("pk")[SORTED_AT_MOST : SORTED_AT_MOST + 1]


@compiled(Follow)
def follows_many(person: User) -> QuerySet[Follow, Any]:
    """Select one row if this person follows more people than are sorted."""
    follows = Follow.objects.filter(follower=person)  # without the state, only an index is read
    return follows.values_list("pk")[SORTED_AT_MOST : SORTED_AT_MOST + 1]


@compiled(Block)
def blocks_many(person: User) -> QuerySet[Block, Any]:
    """Select one row if this person blocks more people than are sorted."""
    blocks = Block.objects.filter(blocker=person)
    return blocks.values_list("pk")[SORTED_AT_MOST : SORTED_AT_MOST + 1]


@compiled(Profile)
def end_of_handles(key: Any, *, backwards: bool) -> QuerySet[Profile, Any]:
    """Select the last handle of the next HANDLES_AT_ONCE of all people."""
    return nth_after(Profile.objects.all(), ["handle"], key, HANDLES_AT_ONCE, backwards=backwards)


def read_in_parts(view: Any) -> None:
    """Let the page of a list by handle end at the last handle that is looked at.

    For a person with many followers it is faster to look who of the next people, by handle, follows
    them than to sort all followers.
    """
    paginator = view.paginator
    paginator.read_request(view.request, view.ordering, User)
    end = end_of_handles.first(paginator.key, backwards=paginator.backwards)
    if end is not None:
        paginator.stop_at(end)


def followers_of(viewer: User, *, person: User) -> UserQuerySet:
    return User.objects.seen_by(viewer).followers_of(person).with_profile()


def followed_by(viewer: User, *, person: User) -> UserQuerySet:
    return User.objects.seen_by(viewer).followed_by(person).with_profile()


class UserViewSet(FastListMixin, PeopleViewSet):
    """People as others see them."""

    serializer_class = CardSerializer
    filterset_class = PeopleFilterSet
    parameters = {"followers": PAGE, "following": PAGE}

    @classmethod
    def list_query(cls, viewer: User, **parameters: object) -> Any:
        people = User.objects.seen_by(viewer).with_profile()
        return PeopleFilterSet.apply(people, viewer, parameters)

    def get_list_parameters(self) -> Mapping[str, Any]:
        """Replace the range of names by the keys of the people whom it finds."""
        parameters = super().get_list_parameters()
        names = parameters["q"]
        return parameters if names is None else {**parameters, "q": find_by_name(names)}

    def list(self, request: Request, *args: object, **kwargs: object) -> Any:
        """Find people by the start of their handle or nickname, or by their exact handle."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=ProfileSerializer)
    def retrieve(self, request: Request, **kwargs: object) -> Response:
        """Return a person's profile. Its counts include only what the caller can see."""
        return self.profile_response()

    @extend_schema(
        operation_id="list_followers", responses=CardSerializer(many=True), filters=False
    )
    @action(detail=True)
    def followers(self, request: Request, **kwargs: object) -> Any:
        """List the followers of a person.

        For a private account, only its owner and accepted followers can do so. Others get
        403 `private`.
        """
        person = self.get_open_person()
        if has_many_followers(person):
            read_in_parts(self)
        return self.list_response(followers_of, person=person)

    @extend_schema(
        operation_id="list_following", responses=CardSerializer(many=True), filters=False
    )
    @action(detail=True)
    def following(self, request: Request, **kwargs: object) -> Any:
        """List the people whom a person follows.

        For a private account, only its owner and accepted followers can do so. Others get
        403 `private`.
        """
        person = self.get_open_person()
        if follows_many(person):
            read_in_parts(self)
        return self.list_response(followed_by, person=person)

    def get_open_person(self) -> User:
        """Return the person, whose follows the viewer may list. Raise NotFound or `private`."""
        person: User | None = visible_person.first(self.viewer, self.kwargs["id"])
        if person is None:
            raise NotFound
        if not shows_follows(self.viewer, person):
            raise Problem("private")
        return person


class RelationViewSet(PeopleViewSet):
    """Follow, unfollow, block and unblock a person, and remove a follower. All are idempotent."""

    serializer_class = ProfileSerializer
    bodyless = ("follow", "block")
    quota_names = {"follow": "follows"}

    def get_queryset(self) -> UserQuerySet:
        if self.action in ("block", "unblock"):
            return User.objects.blockable_by(self.viewer)
        return super().get_queryset()

    def get_other_person(self) -> User:
        """Return the person in the path. Raise Problem `oneself` if it is the viewer."""
        person: User = self.get_object()
        if person == self.viewer:
            raise Problem("oneself")
        return person

    @extend_schema(request=None, responses=ProfileSerializer)
    @action(detail=True, methods=["put"])
    def follow(self, request: Request, **kwargs: object) -> Response:
        """Follow a person, or ask to follow them if their account is private."""
        if self.viewer.follow(self.get_other_person()) is None:
            raise NotFound
        return self.profile_response()

    @extend_schema(responses={DONE: None})
    @follow.mapping.delete
    def unfollow(self, request: Request, id: UUID) -> Response:  # noqa: A002  # as in the path
        """Unfollow a person or withdraw the follow request. The answer is 204 for every id."""
        return end_relation(self.viewer.unfollow, id)

    @extend_schema(operation_id="remove_follower")
    @action(detail=True, methods=["delete"], url_path="follower")
    def remove_follower(self, request: Request, id: UUID) -> Response:  # noqa: A002  # as in the path
        """Remove a person from the caller's followers. The answer is 204 for every id."""
        return end_relation(self.viewer.remove_follower, id)

    @extend_schema(request=None, responses={DONE: None})
    @action(detail=True, methods=["put"])
    def block(self, request: Request, **kwargs: object) -> Response:
        """Block a person. Neither can see the other any more, and both follows end."""
        self.viewer.block(self.get_other_person())
        return Response(status=DONE)

    @extend_schema(responses={DONE: None})
    @block.mapping.delete
    def unblock(self, request: Request, id: UUID) -> Response:  # noqa: A002  # as in the path
        """Unblock a person. Follows are not restored. The answer is 204 for every id."""
        return end_relation(self.viewer.unblock, id)


class BlockViewSet(FastListMixin, ViewerMixin, GenericViewSet):
    """The people whom the viewer has blocked."""

    queryset = User.objects.none()
    serializer_class = CardSerializer
    ordering = ("profile__handle",)
    singular, plural = "block", "blocks"

    @classmethod
    def list_query(cls, viewer: User, **parameters: object) -> Any:
        return User.objects.blocked_by(viewer).with_profile()

    def list(self, request: Request, *args: object, **kwargs: object) -> Any:
        """List the people the caller has blocked."""
        if blocks_many(self.viewer):
            read_in_parts(self)
        return super().list(request, *args, **kwargs)


class FollowRequestViewSet(FastListMixin, ViewerMixin, GenericViewSet):
    """Requests to follow the viewer, identified by the person who sent them."""

    queryset = Follow.objects.none()
    serializer_class = FollowRequestSerializer
    lookup_url_kwarg = "user_id"
    bodyless = ("update",)
    ordering = ("-created_at", "-id")
    singular, plural = "follow_request", "follow_requests"

    @classmethod
    def list_query(cls, viewer: User, **parameters: object) -> Any:
        return Follow.objects.requests_to(viewer).with_followers()

    def get_requester(self) -> User:
        """Return the person in the path. Raise NotFound if they do not exist for the viewer."""
        people = User.objects.seen_by(self.viewer)
        person: User | None = people.with_uuid(self.kwargs["user_id"]).first()
        if person is None:
            raise NotFound
        return person

    def list(self, request: Request, *args: object, **kwargs: object) -> Any:
        """List the requests to follow the caller, newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(operation_id="accept_follow_request", request=None, responses={DONE: None})
    def update(self, request: Request, **kwargs: object) -> Response:
        """Accept the request of this person to follow the caller."""
        if not self.viewer.accept(self.get_requester()):
            raise NotFound
        return Response(status=DONE)

    @extend_schema(operation_id="decline_follow_request")
    def destroy(self, request: Request, user_id: UUID) -> Response:
        """Decline the request of this person to follow the caller.

        This does not remove an accepted follower. The answer is 204 for every id.
        """
        return end_relation(self.viewer.decline, user_id)
