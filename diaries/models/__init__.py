"""Models of diaries."""

from diaries.models.diaries import BODY_LENGTH, HOTTEST, Diary, DiaryQuerySet
from diaries.models.labels import PLACE_LENGTH, Label, Labelled

__all__ = [
    "BODY_LENGTH",
    "HOTTEST",
    "PLACE_LENGTH",
    "Diary",
    "DiaryQuerySet",
    "Label",
    "Labelled",
]
