"""Every list and every composed read uses a short range of an index that begins with its owner.

The plans and the numbers of rows read are those that the server reports.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlencode

from django.apps import apps
from django.db import connection
from django.db.models import Q
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from accounts.models import User
from cheers.models import Cheer
from diaries.models import Diary
from tests.base import person
from tests.plans.base import PlansTest, as_mysql_plans
from tests.plans.lists import LISTS, List
from tests.plans.reading import statements
from tests.plans.rows import DAY, GOALS, QUICK_INPUTS, Life, analyze, fill
from todos.models import Todo

PAGE = {"page_size": "10"}
PAGES = {"cursor", "page_size"}
MONTH = (DAY.replace(day=1), DAY.replace(day=31))
RANGE = (DAY - dt.timedelta(days=31), DAY + dt.timedelta(days=30))
COMPOSED = [
    (f"days/{DAY}/?", DAY, DAY),
    ("days/today/?", DAY, DAY),
    (f"calendar/?month={DAY:%Y-%m}&", *MONTH),
    (f"calendar/?date_from={RANGE[0]}&date_to={RANGE[1]}&", *RANGE),
]
# Rows that are read and then filtered: goals by state and visibility, quick inputs by dates.
FEW = Counter({"goals_goal": GOALS, "todos_quickinput": 2 * QUICK_INPUTS})
OWNED = {table: ["owner_id"] for table in ("diaries_diary", "accounts_alarm", *FEW)}
OWNED["todos_todo"] = ["owner_id", "quick_input_id"]  # for the offers of my quick inputs


quote = connection.ops.quote_name


def rows_of_dates(owner: User, first: dt.date, last: dt.date) -> Counter[str]:
    """Count the rows of each table that belong to the owner and the dates."""
    cheers = Q(todo__date__range=(first, last)) | Q(diary__date__range=(first, last))
    return Counter(
        {
            "todos_todo": Todo.objects.filter(owner=owner, date__range=(first, last)).count(),
            "diaries_diary": Diary.objects.filter(owner=owner, date__range=(first, last)).count(),
            "cheers_cheer": Cheer.objects.filter(cheers, target_owner=owner).count(),
        }
    )


def listed() -> dict[str, set[str]]:
    """Return the query parameters of each list of the schema, by operationId."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return {
        operation["operationId"]: {
            p["name"] for p in operation.get("parameters", []) if p["in"] == "query"
        }
        for methods in schema["paths"].values()
        for operation in methods.values()
        if operation["operationId"].startswith("list_")
    }


@as_mysql_plans
class QueryPlansTest(PlansTest):
    mine: Life
    friends: Life

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.alice.follow(cls.bob)
        cls.mine, cls.friends = fill(cls.alice, cls.bob)
        analyze()

    # Lists

    def test_every_list_of_the_schema_and_every_filter_is_in_the_table(self) -> None:
        lists = listed()
        assert set(LISTS) == set(lists)
        for name, parameters in lists.items():
            tried = {*LISTS[name].filters(self.mine), *LISTS[name].required}
            assert parameters - PAGES - {"owner"} == tried, (
                f"{name} has other filters than those tried: change `filters` of its row in"
                " tests/plans/lists.py."
            )

    def test_every_list_has_rows_to_read(self) -> None:
        for name, plan in LISTS.items():
            models = [m for m in apps.get_models() if m._meta.db_table == plan.table]
            assert models[0]._default_manager.exists(), (
                f"{plan.table}, the table of {name}, is empty, so its plans mean nothing: create"
                " rows in tests/plans/rows.py."
            )

    def test_lists_read_the_rows_they_show_by_indexes_that_begin_with_their_owner(self) -> None:
        for name, parameters in listed().items():
            plan = LISTS[name]
            for owner, query in self.requests(plan, owned="owner" in parameters):
                size = PAGE if "page_size" in parameters else {}
                path = f"{plan.path.format(owner=owner.uuid)}?{urlencode(query | size)}"
                if following := self.check(path, plan, owner, query):
                    self.check(following, plan, owner, query)

    def requests(self, plan: List, *, owned: bool) -> Iterator[tuple[User, dict[str, str]]]:
        """Yield each owner with each combination of filters to try."""
        yield from ((self.alice, query) for query in plan.combinations(self.mine))
        if owned:
            who = {"owner": f"{self.bob.uuid}"}
            yield from ((self.bob, query | who) for query in plan.combinations(self.friends))
        if plan.shows_others:
            yield from ((self.alice, query) for query in plan.combinations(self.friends))
        if "{owner}" in plan.path:
            yield self.bob, {}

    def check(self, path: str, plan: List, owner: User, query: dict[str, str]) -> str | None:
        """Check all statements of the request; return the link to the next page, if any."""
        answer, seen = self.statements_of(path)
        for statement in seen:
            if statement.finds_end:
                self.assert_few(path, statement)
                continue
            # The list itself, not the session or the viewers of its rows.
            shown = f"FROM {quote(plan.table)}" in statement.sql
            begins = {plan.table: plan.allowed_columns(query)} if shown else {}
            self.assert_short(path, statement, plan.allowed_extra_rows(owner, query), begins)
        following: str | None = answer["next"]
        return following

    # Composed reads

    def test_days_and_calendars_read_rows_of_their_dates_and_of_small_tables(self) -> None:
        for owner in (self.alice, self.bob):
            for path, *dates in COMPOSED:
                allowed = rows_of_dates(owner, *dates) + FEW
                _, seen = self.statements_of(f"{path}owner={owner.uuid}")
                for statement in seen:
                    mark = quote("")[0]
                    table = statement.sql.partition(f"FROM {mark}")[2].partition(mark)[0]
                    self.assert_short(path, statement, allowed[table], OWNED)

    # The admin

    def test_the_admin_reads_the_newest_rows_in_the_order_of_an_index(self) -> None:
        site = Client()
        site.force_login(person("Root", is_staff=True, is_superuser=True))
        for model, index in ((Todo, "todo_of_all"), (Cheer, "cheer_of_all")):
            with statements() as seen:
                assert (
                    site.get(f"/admin/{model._meta.label_lower.replace('.', '/')}/").status_code
                    == 200
                )
            (page,) = (
                each
                for each in seen
                if f"FROM {quote(model._meta.db_table)}" in each.sql and "ORDER BY" in each.sql
            )
            assert (page.returned, page.sorted) == (50, 0)
            assert page.read <= page.returned + 1  # MySQL counts the search for the first row
            assert [step.keys for step in page.plan()] == [(index,)]
