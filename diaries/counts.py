"""The number of a person's posts, for their profile."""

from accounts.models import User
from accounts.people.counts import Count
from diaries.models import Diary

# The number is exact up to here.
AT_MOST = 1_000


def count_posts(viewer: User, person: User) -> int:
    """Return the number of the person's posts that the viewer can see, AT_MOST if there are more.

    What is hidden is not counted, so that the number tells nothing about it.
    """
    posts = Diary.objects.of(person).posts().visible_to(viewer)
    return posts.order_by().values("pk")[:AT_MOST].count()


POSTS = Count(
    count_posts,
    "The number of posts that the caller can see; 1000 if there are 1,000 or more.",
)
