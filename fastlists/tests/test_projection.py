"""A projection shows what the serializer shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from fastlists import ProjectedQuery
from fastlists.projection import NotProjectable, projection_of
from fastlists.testing import compilations
from fastlists.tests.base import DAY, MONDAY, LibraryTest, books_of
from fastlists.tests.models import Author, Book, Cover, Member, Reader, Review
from fastlists.tests.serializers import (
    AuthorSerializer,
    BookSerializer,
    PagesField,
    PrivateSerializer,
    ReaderSerializer,
    StarsField,
    TagsField,
)


def as_json(data: Any) -> bytes:
    return bytes(JSONRenderer().render(data))


def serializer_with(*names: str, model: Any = Book, **declared: Any) -> Any:
    """Return a serializer class of the model with these fields."""
    meta = type("Meta", (), {"model": model, "fields": ("id", *names)})
    return type("SomeSerializer", (serializers.ModelSerializer,), declared | {"Meta": meta})


def books_in_order(viewer: Reader) -> Any:
    return Book.objects.select_related("owner", "author").order_by("pk")


class ProjectionTest(LibraryTest):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        instant = dt.datetime(2026, 3, 2, 9, 30, 0, 120_000, tzinfo=dt.UTC)
        full = {"lent_at": instant, "read_at": dt.time(7, 5), "is_lent": True, "genre": "essay"}
        Book.objects.filter(pk=cls.books[0].pk).update(**full, labels=[{"a": 1}], notes="🍣\n")
        Book.objects.filter(pk=cls.books[1].pk).update(author=None, published=None)
        Author.objects.create(name="Nobody's")

    def assert_same(self, kind: Any, viewer: Reader | None = None) -> list[dict[str, Any]]:
        """Assert that rows read from columns are those of the serializer, and return them."""
        viewer = viewer or self.alice
        query = ProjectedQuery(kind, books_in_order)
        context = {"request": SimpleNamespace(user=viewer)}
        expected = kind(books_in_order(viewer), many=True, context=context).data
        for on in (True, False):
            with self.settings(FAST_LISTS=on):
                assert as_json(query(viewer)) == as_json(expected)
        return [dict(row) for row in expected]

    def assert_refused(self, kind: Any, *words: str) -> None:
        with pytest.raises(NotProjectable) as caught:
            projection_of(kind)
        for word in words:
            assert word in str(caught.value)

    def test_every_form_of_a_field(self) -> None:
        mine = self.assert_same(BookSerializer)
        assert (mine[0]["notes"], mine[0]["tags"], mine[0]["stars"]) == (
            "🍣\n",
            ["light", "sea"],
            "",
        )
        assert (mine[1]["author"], mine[1]["spine"]) == (None, "anonymous: 1")
        theirs = self.assert_same(BookSerializer, self.bob)
        assert (theirs[0]["notes"], theirs[0]["tags"], theirs[0]["title"]) == (None, None, "0")

    def test_all_columns_as_drf_shows_them(self) -> None:
        names = [field.name for field in Book._meta.concrete_fields]
        rows = self.assert_same(serializer_with(*names))
        assert (rows[0]["lent_at"], rows[0]["read_at"]) == (
            "2026-03-02T09:30:00.120000Z",
            "07:05:00",
        )

    @override_settings(TIME_ZONE="Asia/Seoul")
    def test_another_time_zone(self) -> None:
        rows = self.assert_same(serializer_with("lent_at"))
        assert rows[0]["lent_at"] == "2026-03-02T18:30:00.120000+09:00"

    def test_formats_of_a_fields_own(self) -> None:
        kind = serializer_with(
            *("published", "read_at", "lent_at"),
            published=serializers.DateField(format="%d.%m.%y"),
            read_at=serializers.TimeField(format="%H-%M"),
            lent_at=serializers.DateTimeField(format="%Y"),
        )
        assert self.assert_same(kind)[0]["published"] == "02.03.26"
        self.assert_same(serializer_with("published", published=serializers.DateField(format=None)))

    def test_a_conversion_that_few_values_need_is_asked_once_for_a_column(self) -> None:
        asked = []

        class Loud:
            def __call__(self, title: str) -> str:
                return title.upper() if title == "x" else title

            def is_needed(self, titles: Iterable[str | None]) -> bool:
                asked.append([*titles])
                return "x" in asked[-1]

        class LoudField(serializers.CharField):
            def to_representation(self, value: str) -> str:
                return Loud()(value)

            def driver_converter(self, column: Any, connection: Any) -> Any:
                return Loud()

        kind = serializer_with("title", "genre", title=LoudField())
        titles = [row["title"] for row in self.assert_same(kind)]
        Book.objects.filter(pk=self.books[1].pk).update(title="x")
        assert [row["title"] for row in self.assert_same(kind)] == [titles[0], "X", *titles[2:]]
        assert asked == [titles, [titles[0], "x", *titles[2:]]]

    def test_sources(self) -> None:
        kind = serializer_with(
            *("one", "other", "patron", "owner_id", "text", "number", "words"),
            one=serializers.CharField(source="title"),
            other=StarsField(source="rating"),
            patron=ReaderSerializer(source="author.patron", allow_null=True),
            owner_id=serializers.ReadOnlyField(),
            text=serializers.CharField(source="rating"),
            number=serializers.IntegerField(source="title"),
            words=serializers.ListField(source="labels", child=serializers.DictField()),
        )
        rows = self.assert_same(kind)
        assert (rows[0]["patron"]["name"], rows[1]["patron"]) == ("Alice", None)
        assert (rows[0]["text"], rows[0]["number"]) == ("0", 0)

    def test_a_source_of_several_steps_says_what_is_shown_without_one(self) -> None:
        field = ReaderSerializer(source="author.patron", read_only=True)
        self.assert_refused(serializer_with("x", x=field), "SomeSerializer.x", "allow_null=True")

    def test_choices(self) -> None:
        numbers = serializers.ChoiceField(choices=[(0, "nought"), (1, "one")], source="title")
        rows = self.assert_same(serializer_with("genre", "number", number=numbers))
        assert [row["number"] for row in rows[:2]] == [0, 1]

    def test_keys_of_relations(self) -> None:
        key: Any = serializers.PrimaryKeyRelatedField
        text = key(read_only=True, pk_field=serializers.CharField())
        rows = self.assert_same(serializer_with("author", "owner", owner=text))
        assert rows[0]["owner"] == str(self.alice.pk)
        loud = type("LoudKey", (key,), {"to_representation": lambda self, row: f"{row.pk}!"})
        kind = serializer_with("owner", owner=loud(read_only=True))
        self.assert_refused(kind, "SomeSerializer.owner", "to_representation", "LoudKey")

    def test_fields_that_are_more_than_a_column(self) -> None:
        nested = serializer_with("name", model=Author)
        loud = type("Loud", (serializers.CharField,), {"to_representation": lambda s, v: f"{v}!"})
        whole = type("Whole", (serializers.CharField,), {"get_attribute": lambda s, row: row.title})
        for field, word in (
            (serializers.SerializerMethodField(method_name="shout"), "the whole row"),
            (nested(source="author"), "nested serializer"),
            (serializers.CharField(source="author.name"), "no plain column of Book"),
            (serializers.CharField(source="get_genre_display"), "no plain column of Book"),
            (serializers.StringRelatedField(source="author"), "no plain column of Book"),
            (loud(source="title"), "to_representation of its own (Loud)"),
            (whole(source="title"), "get_attribute of its own (Whole)"),
        ):
            with self.subTest(word):
                kind = serializer_with("x", x=field, shout=lambda self, book: book.title)
                self.assert_refused(kind, "SomeSerializer.x", word, "`of_rows`")
        self.assert_refused(serializer_with("picture", model=Cover), "SomeSerializer.picture")

    def test_columns_that_do_not_exist(self) -> None:
        class CoverField(PagesField):
            columns = ("thickness",)

        class NoColumnsField(PagesField):
            columns = None

        for field in (CoverField(source="title"), NoColumnsField()):
            kind = serializer_with("pages", pages=field)
            self.assert_refused(kind, "SomeSerializer.pages", "Correct `columns`")

    def test_a_subclass_that_shows_more_than_its_base_declares(self) -> None:
        more = {"to_representation": lambda self, author: {"loud": f"{author.name}!"}}
        loud: Any = type("LoudAuthorSerializer", (AuthorSerializer,), more)
        self.assert_refused(serializer_with("author", author=loud()), "SomeSerializer.author")
        self.assert_refused(loud, "LoudAuthorSerializer", "to_representation")
        self.assert_refused(serializers.Serializer, "Serializer", "no ModelSerializer")

    def test_serializers_that_decide_by_themselves(self) -> None:
        def initialise(self: Any, *args: Any, **kwargs: Any) -> None:
            serializers.ModelSerializer.__init__(self, *args, **kwargs)
            self.fields.pop("id")

        for hook, function in {
            "__init__": initialise,
            "get_fields": serializers.ModelSerializer.get_fields,
            "to_representation": serializers.ModelSerializer.to_representation,
        }.items():
            kind = serializer_with("title", **{hook: function})
            self.assert_refused(kind, "SomeSerializer", hook, "shows_columns")
        below: Any = type("Below", (PrivateSerializer,), {"get_fields": lambda self: {}})
        self.assert_refused(below, "Below", "get_fields")

    def test_other_serializers(self) -> None:
        many = serializer_with("title")
        many.Meta.list_serializer_class = serializers.ListSerializer
        self.assert_refused(many, "list_serializer_class")

        class Whose(serializers.ModelSerializer[Book]):
            name = serializers.CharField()

            class Meta:
                model = Book
                fields = ("nothing",)

        self.assert_refused(Whose, "Whose", "without a request")


class ProjectedQueryTest(LibraryTest):
    def test_known_relations_are_rendered_once_and_not_selected(self) -> None:
        query = ProjectedQuery(BookSerializer, known_owner, known=["owner"])
        expected = None
        for on in (True, False, True):
            with self.settings(FAST_LISTS=on), self.assertNumQueries(2):
                rows = query(self.alice, MONDAY + DAY, known={"owner": self.alice})
            expected = expected or as_json(rows)
            assert as_json(rows) == expected
            assert rows[0]["owner"] == {"id": self.alice.pk, "name": "Alice"}

    def test_it_is_compiled_once(self) -> None:
        query = ProjectedQuery(BookSerializer, known_owner, known=["owner"])
        for number, owner in enumerate((self.alice, self.bob)):
            with compilations() as statements:
                rows = query(owner, MONDAY + DAY, known={"owner": owner})
            assert len(rows) == (3, 1)[number]
            assert any("Book" in model for model in statements) == (number == 0)

    def test_a_function_that_inspects_its_values_is_right(self) -> None:
        query = ProjectedQuery(BookSerializer, even_days, known=["owner"])
        for day, number in ((MONDAY, 4), (MONDAY + DAY, 0), (MONDAY + 2 * DAY, 4)):
            assert len(query(self.alice, day, known={"owner": self.alice})) == number

    def test_a_serializer_that_shows_more_than_columns_is_right(self) -> None:
        query = ProjectedQuery(LoudSerializer, known_owner, known=["owner"])
        for viewer, shown in ((self.alice, "3! Alice"), (self.bob, "1! Bob")):
            rows = query(viewer, MONDAY + DAY, known={"owner": viewer})
            assert shown in {row["loud"] for row in rows}

    def test_no_rows_take_one_query(self) -> None:
        query = ProjectedQuery(BookSerializer, known_owner, known=["owner"])
        for on in (True, False):
            with self.settings(FAST_LISTS=on), self.assertNumQueries(1):
                assert query(self.charlie, MONDAY, known={"owner": self.charlie}) == []

    def test_fields_of_other_peoples_rows_are_not_queried(self) -> None:
        books_of(self.charlie, 1)
        query = ProjectedQuery(BookSerializer, books_of_charlie)
        for on in (True, False):
            with self.settings(FAST_LISTS=on), self.assertNumQueries(1):
                assert [row["tags"] for row in query(self.alice)] == [None]

    def test_a_known_relation_that_is_private_is_hidden_from_others(self) -> None:
        query = ProjectedQuery(PrivateAuthorSerializer, books_by_key, known=["author", "owner"])
        known = {"author": self.books[0].author, "owner": self.alice}
        woolf = {"name": "Woolf", "has_patron": True}
        for viewer, author in ((self.alice, woolf), (self.bob, None)):
            for on in (True, False):
                with self.subTest(viewer=viewer.name, on=on), self.settings(FAST_LISTS=on):
                    (row,) = query(viewer, self.books[0].pk, known=known)
                    assert row["author"] == author
                    assert row["owner"] == {"id": self.alice.pk, "name": "Alice"}

    def test_a_known_relation_that_is_null_is_shown_as_null(self) -> None:
        Book.objects.filter(pk=self.books[0].pk).update(author=None)
        query = ProjectedQuery(PrivateAuthorSerializer, books_by_key, known=["author", "owner"])
        known = {"author": None, "owner": self.alice}
        for on in (True, False):
            with self.settings(FAST_LISTS=on):
                (row,) = query(self.alice, self.books[0].pk, known=known)
            assert (row["author"], row["owner"]["name"]) == (None, "Alice")

    def test_known_must_be_the_declared_relations(self) -> None:
        query = ProjectedQuery(BookSerializer, known_owner, known=["owner"])
        both = {"owner": self.alice, "author": None}
        for known in (None, {}, {"author": None}, both):
            for on in (True, False):
                refused = pytest.raises(TypeError, match=r"must be \['owner'\], not \[")
                with self.subTest(known, on=on), self.settings(FAST_LISTS=on), refused:
                    query(self.alice, MONDAY, known=known)

    def test_private_fields_of_an_owner_whose_key_is_a_uuid(self) -> None:
        member, other = Member.objects.create(), Member.objects.create()
        review = Review.objects.create(owner=member, text="Dull.")
        query = ProjectedQuery(ReviewSerializer, all_reviews)
        private = {"text": "Dull.", "author": member.pk, "size": review.pk}
        for viewer, shown in ((member, private), (other, dict.fromkeys(private))):
            for on in (True, False):
                with self.subTest(mine=viewer is member, on=on), self.settings(FAST_LISTS=on):
                    (row,) = query(viewer)
                    assert {name: row[name] for name in private} == shown
        known = ProjectedQuery(ReviewSerializer, all_reviews, known=["author"])
        for viewer, key in ((member, member.pk), (other, None)):
            (row,) = known(viewer, known={"author": member})
            assert row["author"] == key

    def test_rows_for_which_a_column_tells_that_there_is_nothing_are_not_looked_up(self) -> None:
        reader, other = Reader.objects.create(name="A"), Reader.objects.create(name="B")
        Book.objects.all().delete()
        rated = Book.objects.create(owner=reader, title="Rated", rating=3)
        query = ProjectedQuery(OpinionSerializer, all_books)
        for viewer in (reader, other):
            for on in (True, False):
                with self.subTest(viewer=viewer.name, on=on), self.settings(FAST_LISTS=on):
                    asked.clear()
                    (row,) = query(viewer)
                    seen = {"opinion": f"{viewer.pk} on 1", "others": [rated.pk]}
                    assert row == {"id": rated.pk} | seen
                    assert asked == [[rated.pk], [rated.pk]]
        Book.objects.create(owner=reader, title="Not rated")
        for on in (True, False):
            with self.subTest(on=on), self.settings(FAST_LISTS=on):
                asked.clear()
                first, second = query(reader)
                assert first == {
                    "id": rated.pk,
                    "opinion": f"{reader.pk} on 1",
                    "others": [rated.pk],
                }
                assert (second["opinion"], second["others"]) == (None, [])
                assert asked == [[rated.pk], [rated.pk]]
        Book.objects.update(rating=0)
        for on in (True, False):
            with self.subTest(nothing=on), self.settings(FAST_LISTS=on):
                asked.clear()
                assert [(row["opinion"], row["others"]) for row in query(reader)] == [
                    (None, [])
                ] * 2
                assert asked == []


asked: list[list[Any]] = []


class OpinionField(TagsField):
    """Show the viewer's opinion of a rated book."""

    of_rows_if = "rating"
    depends_on_viewer = True
    is_short = True

    def get_attribute(self, instance: Book) -> Any:
        raise AssertionError("of_rows was not called")

    def to_representation(self, value: Any) -> Any:
        return value

    @staticmethod
    def of_rows(model: type[Book], keys: list[int], viewer: int) -> Any:  # type: ignore[override]  # a viewer more
        asked.append(keys)
        return {key: f"{viewer} on {len(keys)}" for key in keys}


class OthersField(OpinionField):
    depends_on_viewer = False
    empty_of_rows = staticmethod(list)

    def get_attribute(self, instance: Book) -> Any:
        raise AssertionError("of_rows was not called")

    def to_representation(self, value: Any) -> Any:
        return value

    @staticmethod
    def of_rows(model: type[Book], keys: list[int]) -> Any:  # type: ignore[override]  # no viewer
        asked.append(keys)
        return {key: [key] for key in keys}


class OpinionSerializer(PrivateSerializer):
    opinion = OpinionField()
    others = OthersField()

    class Meta:
        model = Book
        fields = ("id", "opinion", "others")
        private_fields = ()


def all_books(viewer: Reader) -> Any:
    return Book.objects.order_by("pk")


class PrivateAuthorSerializer(PrivateSerializer):
    owner = ReaderSerializer()
    author = AuthorSerializer()

    class Meta:
        model = Book
        fields = ("id", "owner", "author")
        private_fields = ("author",)


class SizeField(TagsField):
    """The key of a row, looked up for all rows of a page."""

    def get_attribute(self, instance: Review) -> Any:
        raise AssertionError("of_rows was not called")

    of_rows = staticmethod(lambda model, keys: {key: key for key in keys})  # type: ignore[assignment]  # a stand-in


class ReviewSerializer(PrivateSerializer):
    author = serializers.PrimaryKeyRelatedField[Member](source="owner", read_only=True)
    size = SizeField()

    class Meta:
        model = Review
        fields = ("id", "author", "text", "size")
        private_fields = ("author", "text", "size")


class LoudSerializer(BookSerializer):
    loud = serializers.SerializerMethodField()

    class Meta(BookSerializer.Meta):
        fields = ("id", "owner", "loud")
        private_fields = ()

    author = spine = stars = pages = shelf = tags = None

    def get_loud(self, book: Book) -> str:
        return f"{book.title}! {self.context['request'].user.name}"


def known_owner(viewer: Reader, day: dt.date) -> Any:
    return Book.objects.filter(owner=viewer, published__gte=day).select_related("author")


def books_by_key(viewer: Reader, key: int) -> Any:
    return Book.objects.filter(pk=key)


def all_reviews(viewer: Member) -> Any:
    return Review.objects.all()


def even_days(viewer: Reader, day: dt.date) -> Any:
    books = Book.objects.filter(owner=viewer).select_related("author")
    return books if day.day % 2 == 0 else books.none()


def books_of_charlie(viewer: Reader) -> Any:
    return Book.objects.filter(owner__name="Charlie").select_related("owner", "author")
