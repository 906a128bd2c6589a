"""How the lists of the admin look: the newest first, in the operator's language."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import models

from accounts.models import Block, Follow, Session, User
from alarms.models import Alarm
from cheers.models import Cheer
from tests.admin.base import CONTENT, OperatorTest, path
from todos.models import Todo

MODELS: list[type[models.Model]] = [*CONTENT, Cheer, Alarm, Block, Follow, User, Session, LogEntry]
HEADING = re.compile(
    r'<th scope="col" class="[^"]*column-(?!id\b)\w+[^"]*">\s*<div class="text">(.*?)</div>', re.DOTALL
)
LATIN = re.compile("[A-Za-z]{3}")


def text(html: str) -> str:
    return re.sub("<[^>]+>", "", html).strip()


class TestListRows(OperatorTest):
    def page(self, url: str, language: str = "en") -> Any:
        answer = self.site(self.root).get(url, headers={"accept-language": language})
        assert answer.status_code == 200
        return answer

    def test_the_newest_is_first_also_where_ids_are_of_no_time(self) -> None:
        self.make_many(5)
        kinds: list[type[models.Model]] = [Todo, Cheer]
        for model in kinds:
            keys = sorted(model._default_manager.values_list("pk", flat=True))
            for number, pk in enumerate(keys):  # the greater the id, the older
                at = datetime(2026, 1, 9, tzinfo=UTC) - timedelta(days=number)
                model._default_manager.filter(pk=pk).update(created_at=at)
            assert [row.pk for row in self.page(path(model)).context["cl"].result_list] == keys

    def test_the_first_column_is_headed_id(self) -> None:
        for model in CONTENT:
            self.assertContains(self.page(path(model)), '<div class="text"><span>Id</span></div>')

    def test_a_korean_operator_sees_korean_headings(self) -> None:
        self.make_many(2)
        LogEntry.objects.create(user=self.root, action_flag=2, object_repr="x")
        for model in MODELS:
            headings = [text(found) for found in HEADING.findall(self.page(path(model), "ko").content.decode())]
            assert len(headings) > 2, model
            assert [heading for heading in headings if LATIN.search(heading)] == [], model

    def test_and_korean_names_of_the_apps_of_fields_and_of_people(self) -> None:
        site = self.page("/admin/", "ko").context["app_list"]
        assert [app["name"] for app in site if LATIN.search(str(app["name"]))] == []
        self.assertContains(self.page(path(User, self.alice), "ko"), f"사용자 {self.alice.uuid}")
        self.assertNotContains(self.page(path(Cheer, self.rows[Cheer]), "ko"), "ated at")

    def test_the_log_says_what_was_done_beside_when(self) -> None:
        columns = self.page(path(LogEntry)).context["cl"].list_display
        assert [name for name in columns if name != "action_checkbox"][:2] == ["action_time", "message"]

    def test_each_page_has_the_mark(self) -> None:
        for url in ("/admin/", path(Todo), path(Todo, self.rows[Todo])):
            self.assertContains(self.page(url), '<link rel="icon" type="image/svg+xml" href="/static/front/mark.svg">')
