"""Authors, books, and the readers who own them."""

import uuid

from django.db import models


class Reader(models.Model):
    name = models.CharField(max_length=50)
    is_librarian = models.BooleanField(default=False)


class Author(models.Model):
    name = models.CharField(max_length=50)
    patron = models.ForeignKey(Reader, models.SET_NULL, null=True, related_name="+")


class Book(models.Model):
    class Genre(models.TextChoices):
        NOVEL = "novel"
        ESSAY = "essay"

    owner = models.ForeignKey(Reader, models.CASCADE, related_name="books")
    author = models.ForeignKey(Author, models.CASCADE, null=True, related_name="books")
    title = models.CharField(max_length=50)
    genre = models.CharField(max_length=5, choices=Genre, default=Genre.NOVEL)
    shelf = models.UUIDField(default=uuid.uuid4)
    notes = models.TextField(default="")
    published = models.DateField(null=True)
    lent_at = models.DateTimeField(null=True)
    read_at = models.TimeField(null=True)
    is_lent = models.BooleanField(default=False)
    rating = models.IntegerField(default=0)
    labels = models.JSONField(default=list)


class Tag(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="tags")
    word = models.CharField(max_length=50)


class Member(models.Model):
    """An owner whose key SQLite and MySQL hold in another form than the model."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)


class Review(models.Model):
    owner = models.ForeignKey(Member, models.CASCADE, related_name="+")
    text = models.TextField()


class Cover(models.Model):
    picture = models.FileField()
