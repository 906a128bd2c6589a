"""Models of diaries."""

from diaries.models.diaries import BODY_LENGTH, HOTTEST, Diary, DiaryQuerySet
from diaries.models.labels import PLACE_LENGTH, Label, Labelled
from diaries.models.photos import ALT_LENGTH, PHOTOS_PER_DIARY, DiaryPhoto

__all__ = [
    "ALT_LENGTH",
    "BODY_LENGTH",
    "HOTTEST",
    "PHOTOS_PER_DIARY",
    "PLACE_LENGTH",
    "Diary",
    "DiaryPhoto",
    "DiaryQuerySet",
    "Label",
    "Labelled",
]
