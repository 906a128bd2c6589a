"""The timeline: posts of the people whom the viewer follows, found at the moment of the request.

Nothing is written when somebody publishes. A page takes three statements that read a bounded number
of rows, however many posts there are:

1. `next_posts`: the next post of each person whom the viewer follows. Only the people with the
   first of these can be on the page, as many as it has rows, and one more.
2. `last_posts`: the post with which each of them would fill the page alone, and those with which
   four or thirteen people like them would. So not many more posts than a page has can be on it.
3. `posts_of`: the posts of these people up to the end that follows, by the whole rule of
   visibility.

"Next" and "first" are in the direction of the page: downwards from its position, or upwards.
"""

from enum import Enum
from heapq import nlargest, nsmallest
from math import ceil
from typing import Any, NamedTuple

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from accounts.models import Follow, User
from accounts.models.relations import exists_for
from accounts.visibility import viewer_entries, visible_to_follower
from core.pagination import MAX_PAGE_SIZE
from diaries.models import Diary, DiaryQuerySet
from fastlists import compiled

# Before the first and behind the last post that there can be.
FIRST_POST, LAST_POST = 0, 2**63 - 1

# Of a page: how many posts a person must have, to fill it alone, or with so many others.
PARTS = (1, 4, 13)

# The rows of a page and one more. Enum members, because the SQL depends on the number.
Rows = Enum("Rows", {f"ROWS_{n}": n for n in range(2, MAX_PAGE_SIZE + 2)})  # type: ignore[misc]  # not literal


class Reach(NamedTuple):
    """The people who can be on a page, and the last post that can be, unless they have fewer."""

    owners: list[int]
    end: int | None


def followed_by(viewer: User) -> QuerySet[Follow]:
    """Return the viewer's accepted follows of people who exist for them."""
    return Follow.objects.accepted().filter(exists_for(viewer, "followee__"), follower=viewer)


def post_after(key: int, number: int, *, backwards: bool) -> Case | Coalesce:
    """Return an expression on follows: the followee's post that is so many after the key, or None.

    Of somebody who has selected the viewer for no diary, those for selected followers are passed
    over by the index alone: that is ten times as fast as to look up the viewers of each.
    """
    posts = Diary.objects.filter(owner=OuterRef("followee"))
    # The owner is in the order, or MySQL sorts all posts of each person.
    if backwards:
        posts = posts.filter(post__gt=key).order_by("owner", "post")
    else:
        posts = posts.filter(post__lt=key, post__gt=FIRST_POST).order_by("-owner", "-post")

    def nth(follow: OuterRef | None) -> Subquery:
        visible = visible_to_follower(Diary, follow)
        return Subquery(posts.filter(visible).values("post")[number - 1 : number])

    follow = OuterRef("pk")
    is_selected = Exists(viewer_entries(Diary).objects.filter(follow=follow))
    found = Case(When(is_selected, then=nth(follow)), default=nth(None))
    if number > 1:
        return found
    # Most people show their next post to all followers. The rest is then not evaluated.
    shown = Case(When(visible_to_follower(Diary, None), then=F("post")))
    return Coalesce(Subquery(posts.annotate(shown=shown).values("shown")[:1]), found)


@compiled(Follow)
def next_posts(viewer: User, key: int, *, backwards: bool) -> QuerySet[Follow, Any]:
    """Select (person, post): the next post of each person whom the viewer follows, or None."""
    found = post_after(key, 1, backwards=backwards)
    return followed_by(viewer).annotate(found=found).values_list("followee_id", "found")


def numbers_of(rows: int) -> list[int]:
    """Return the numbers of posts to look for: all rows of a page and parts of them."""
    return sorted({ceil(rows / part) for part in PARTS}, reverse=True)


@compiled(Follow)
def last_posts(
    viewer: User, key: int, owners: list[int], *, rows: Rows, backwards: bool
) -> QuerySet[Follow, Any]:
    """Select the posts of each person at `numbers_of(rows)` after the key, or None."""
    numbers = numbers_of(rows.value)
    found = {f"post_{n}": post_after(key, n, backwards=backwards) for n in numbers}
    follows = followed_by(viewer).filter(followee__in=owners)
    return follows.annotate(**found).values_list(*found)


def posts_of(viewer: User, *, owners: list[int]) -> DiaryQuerySet:
    """Return the posts of these people that the viewer can see, if the viewer follows them."""
    followed = followed_by(viewer).filter(followee=OuterRef("owner"))
    posts = Diary.objects.filter(Exists(followed), owner__in=owners, post__gt=FIRST_POST)
    return posts.visible_to(viewer).with_cards()


def reach(viewer: User, key: int | None, size: int, *, backwards: bool) -> Reach:
    """Return who can be on the page after the key, and the last post that can be on it.

    Where some people have so many posts each that these fill the page, the last of these posts is
    an end. The nearest end counts.
    """
    nearest = nsmallest if backwards else nlargest
    after, rows = LAST_POST if key is None else key, size + 1
    found = [
        (post, person)
        for person, post in next_posts(viewer, after, backwards=backwards)
        if post is not None
    ]
    first = nearest(rows, found)
    owners = [person for _, person in first]
    ends = [first[-1][0]] if len(first) == rows else []
    last = last_posts(viewer, after, owners, rows=Rows(rows), backwards=backwards)
    for number, column in zip(numbers_of(rows), zip(*last, strict=True), strict=False):
        posts = [post for post in column if post is not None]
        people = ceil(rows / number)
        if len(posts) >= people:
            ends.append(nearest(people, posts)[-1])
    return Reach(owners, nearest(1, ends)[0] if ends else None)
