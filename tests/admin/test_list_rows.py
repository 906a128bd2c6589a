"""The lists of the admin are ordered by time and in the operator's language."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import models

from accounts.models import Block, Follow, Session, User
from alarms.models import Alarm
from cheers.models import Cheer
from tests.admin.base import CONTENT_MODELS, OperatorTest, path
from todos.models import Todo

MODELS: list[type[models.Model]] = [
    *CONTENT_MODELS,
    Cheer,
    Alarm,
    Block,
    Follow,
    User,
    Session,
    LogEntry,
]
HEADING = re.compile(
    r'<th scope="col" class="[^"]*column-(?!id\b)\w+[^"]*">\s*<div class="text">(.*?)</div>',
    re.DOTALL,
)
LATIN = re.compile("[A-Za-z]{3}")


def text(html: str) -> str:
    return re.sub("<[^>]+>", "", html).strip()


class TestListRows(OperatorTest):
    def page(self, url: str, language: str = "en") -> Any:
        answer = self.site(self.root).get(url, headers={"accept-language": language})
        assert answer.status_code == 200
        return answer

    def test_the_newest_row_is_first_even_if_ids_are_not_in_the_order_of_time(self) -> None:
        self.make_many(5)
        kinds: list[type[models.Model]] = [Todo, Cheer]
        for model in kinds:
            keys = sorted(model._default_manager.values_list("pk", flat=True))
            for number, pk in enumerate(keys):  # greater ids get older instants
                at = datetime(2026, 1, 9, tzinfo=UTC) - timedelta(days=number)
                model._default_manager.filter(pk=pk).update(created_at=at)
            assert [row.pk for row in self.page(path(model)).context["cl"].result_list] == keys

    def test_the_first_column_is_headed_id(self) -> None:
        for model in CONTENT_MODELS:
            self.assertContains(self.page(path(model)), '<div class="text"><span>Id</span></div>')

    def test_a_korean_operator_sees_korean_headings(self) -> None:
        self.make_many(2)
        LogEntry.objects.create(user=self.root, action_flag=2, object_repr="x")
        for model in MODELS:
            headings = [
                text(found)
                for found in HEADING.findall(self.page(path(model), "ko").content.decode())
            ]
            assert len(headings) > 2, model
            assert [heading for heading in headings if LATIN.search(heading)] == [], model

    def test_a_korean_operator_sees_korean_names_of_apps_fields_and_people(self) -> None:
        site = self.page("/admin/", "ko").context["app_list"]
        assert [app["name"] for app in site if LATIN.search(str(app["name"]))] == []
        self.assertContains(self.page(path(User, self.alice), "ko"), f"사용자 {self.alice.uuid}")
        self.assertNotContains(self.page(path(Cheer, self.rows[Cheer]), "ko"), "ated at")

    def test_the_log_shows_the_action_beside_the_time(self) -> None:
        columns = self.page(path(LogEntry)).context["cl"].list_display
        assert [name for name in columns if name != "action_checkbox"][:2] == [
            "action_time",
            "message",
        ]

    def test_each_page_has_the_icon(self) -> None:
        for url in ("/admin/", path(Todo), path(Todo, self.rows[Todo])):
            self.assertContains(
                self.page(url),
                '<link rel="icon" type="image/svg+xml" href="/static/front/mark.svg">',
            )
