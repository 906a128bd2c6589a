"""Serializers of the library, with each form of the fields' protocol."""

from typing import Any

from rest_framework import serializers

from fastlists.tests.models import Author, Book, Reader, Tag


class PrivateSerializer(serializers.ModelSerializer[Any]):
    """The base of serializers with fields that only the owner of a row sees."""

    private_to = "owner_id"
    shows_columns = True

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        private = getattr(self.Meta, "private_fields", ())
        if private and getattr(instance, self.private_to) != self.context["request"].user.pk:
            shown |= dict.fromkeys(private)
        return shown


class ReaderSerializer(serializers.Serializer[Reader]):
    """A serializer that is made of columns as a whole."""

    id = serializers.IntegerField()
    name = serializers.CharField()

    columns = ("pk", "name")

    def to_representation(self, instance: Reader) -> dict[str, Any]:
        return self.from_columns(instance.pk, instance.name)

    @staticmethod
    def from_columns(pk: int, name: str) -> dict[str, Any]:
        return {"id": pk, "name": name}


class AuthorSerializer(serializers.Serializer[Author]):
    columns = ("name", "patron_id")

    def to_representation(self, instance: Author) -> dict[str, Any]:
        return self.from_columns(instance.name, instance.patron_id)

    @staticmethod
    def from_columns(name: str, patron: int | None) -> dict[str, Any]:
        return {"name": name, "has_patron": patron is not None}


class SpineField(serializers.Field[Any, Any, Any, Any]):
    """The text on the spine of a book."""

    row_columns = ("title", "author__name")

    def get_attribute(self, instance: Book) -> str:
        return self.from_columns(instance.title, instance.author and instance.author.name)

    def to_representation(self, value: str) -> str:
        return value

    @staticmethod
    def from_columns(title: str, author: str | None) -> str:
        return f"{author or 'anonymous'}: {title}"


class StarsField(serializers.Field[Any, Any, Any, Any]):
    """A number as stars: it declares no columns, so it gets the one of its source."""

    def to_representation(self, value: int) -> str:
        return self.from_columns(value)

    @staticmethod
    def from_columns(value: int) -> str:
        return "*" * value


class PagesField(serializers.Field[Any, Any, Any, Any]):
    """Nothing yet: it declares that it needs no column."""

    columns = ()

    def get_attribute(self, instance: Book) -> list[int]:
        return self.from_columns()

    def to_representation(self, value: list[int]) -> list[int]:
        return value

    @staticmethod
    def from_columns() -> list[int]:
        return []


class ShelfField(serializers.UUIDField):
    """A UUID that is shown without hyphens, as SQLite and MySQL hold it."""

    def to_representation(self, value: Any) -> str:
        return str(value.hex)

    def driver_converter(self, column: Any, connection: Any) -> Any:
        return NotImplemented if connection.features.has_native_uuid_field else None


class TagsField(serializers.Field[Any, Any, Any, Any]):
    """The words of a book's tags: one query for all books of a page."""

    def get_attribute(self, instance: Book) -> list[str]:
        return self.of_rows(Book, [instance.pk])[instance.pk]

    def to_representation(self, value: list[str]) -> list[str]:
        return value

    @staticmethod
    def of_rows(model: type[Book], keys: list[int]) -> dict[int, list[str]]:
        words: dict[int, list[str]] = {key: [] for key in keys}
        for tag in Tag.objects.filter(book__in=keys).order_by("word"):
            words[tag.book_id].append(tag.word)
        return words


class BookSerializer(PrivateSerializer):
    owner = ReaderSerializer()
    author = AuthorSerializer()
    spine = SpineField()
    stars = StarsField(source="rating")
    pages = PagesField()
    shelf = ShelfField()
    tags = TagsField()

    class Meta:
        model = Book
        fields = (
            "id",
            "owner",
            "author",
            "spine",
            "title",
            "genre",
            "shelf",
            "stars",
            "pages",
            "tags",
            "notes",
            "published",
            "lent_at",
            "read_at",
            "is_lent",
            "rating",
            "labels",
        )
        private_fields = ("notes", "rating", "tags")
