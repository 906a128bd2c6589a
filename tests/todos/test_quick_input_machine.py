"""Random sequences of requests about quick inputs, compared with a plain model at every step."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.base import ApiTest
from tests.todos.naive_quick_inputs import Answer, QuickInputModel, Template
from tests.todos.quick_input_base import MONDAY
from todos.models import Todo
from todos.recurrence import WEEKDAYS

DAYS = 14
PLACES = st.integers(0, 5)  # selects one of the present quick inputs or todos, modulo their number
DATES = st.integers(0, DAYS - 1).map(lambda number: MONDAY + timedelta(days=number))
FAR_DATES = st.integers(DAYS, 40).map(lambda number: MONDAY + timedelta(days=number))
TITLES = st.sampled_from(["Water", "물", "Tea"])
GOALS = st.integers(0, 1)
TEMPLATES = st.builds(
    Template,
    goal=st.just(""),  # set later, when the goals exist
    title=TITLES,
    weekdays=st.sets(st.sampled_from(WEEKDAYS), min_size=3).map(sorted),
    time=st.sampled_from([None, "07:30", "22:00"]),
    starts_on=DATES,
    ends_on=st.none()
    | st.integers(DAYS - 3, DAYS + 3).map(lambda number: MONDAY + timedelta(days=number)),
).filter(lambda template: template.ends_on is None or template.starts_on <= template.ends_on)

has_templates = precondition(lambda machine: machine.model.templates)
has_tasks = precondition(lambda machine: machine.model.tasks)


class Machine(RuleBasedStateMachine):
    def __init__(self, test: "QuickInputMachineTest") -> None:
        super().__init__()
        self.phone = test.as_alice
        self.model = QuickInputModel({str(goal.pk): True for goal in test.goals})
        self.transaction_of_run = transaction.atomic()
        self.transaction_of_run.__enter__()
        self.made = 0
        self.done: dict[str, Any] = {}
        self.changed: str | None = None  # the todo that the step changes

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction_of_run.__exit__(None, None, None)

    def goal(self, number: int) -> str:
        return list(self.model.goals)[number]

    def template(self, place: int) -> str:
        return list(self.model.templates)[place % len(self.model.templates)]

    def date_of_a_template(self, place: int, day: date) -> tuple[str, date]:
        """Return a quick input and one of its dates near `day`, or `day` if there is none."""
        pk = self.template(place)
        near = (day + timedelta(days=number) for number in range(3))
        return pk, next((other for other in near if self.model.templates[pk].falls_on(other)), day)

    def task(self, place: int) -> str:
        self.changed = list(self.model.tasks)[place % len(self.model.tasks)]
        return self.changed

    def assert_same_answer(
        self, send: Callable[..., Any], path: str, body: Any, expected: Answer
    ) -> None:
        """Send the request and assert that the API answers as the model does."""
        response = send(path, body)
        answer = response.json()["code"] if response.status_code >= 400 else response.status_code
        assert answer == expected, (path, body, answer, expected)

    # Templates

    @initialize(template=TEMPLATES, places=st.lists(PLACES, min_size=3, max_size=5))
    def begin(self, template: Template, places: list[int]) -> None:
        """Create quick inputs and todos, so that most steps have something to work on."""
        self.add(replace(template, weekdays=list(WEEKDAYS), starts_on=MONDAY, ends_on=None))
        self.add(template)
        for place in places:
            self.activate_one(place, is_done=place == 0)

    @precondition(lambda machine: len(machine.model.templates) < 3)
    @rule(template=TEMPLATES, goal=GOALS)
    def make(self, template: Template, goal: int) -> None:
        self.add(replace(template, goal=self.goal(goal)))

    def add(self, template: Template) -> None:
        self.made += 1
        pk = f"01900000-0000-7000-8000-{self.made:012d}"
        self.model.templates[pk] = replace(template, goal=template.goal or self.goal(0))
        self.assert_same_answer(
            self.phone.post, "quick-inputs/", {"id": pk, **asdict(self.model.templates[pk])}, 201
        )

    @has_templates
    @rule(place=PLACES, template=TEMPLATES, goal=GOALS)
    def edit(self, place: int, template: Template, goal: int) -> None:
        pk = self.template(place)
        self.model.templates[pk] = replace(template, goal=self.goal(goal))
        self.assert_same_answer(
            self.phone.patch, f"quick-inputs/{pk}/", asdict(self.model.templates[pk]), 200
        )

    @has_templates
    @rule(place=PLACES)
    def delete(self, place: int) -> None:
        pk = self.template(place)
        self.assert_same_answer(
            self.phone.delete, f"quick-inputs/{pk}/", None, self.model.delete_template(pk)
        )

    @rule(number=GOALS, state=st.sampled_from(["active", "active", "ended", "done"]))
    def set_goal(self, number: int, state: str) -> None:
        self.model.goals[self.goal(number)] = state == "active"
        self.assert_same_answer(
            self.phone.patch, f"goals/{self.goal(number)}/", {"state": state}, 200
        )

    # Offers

    @precondition(lambda machine: machine.model.offers(MONDAY, DAYS))
    @rule(place=PLACES, is_done=st.booleans())
    def activate(self, place: int, is_done: bool) -> None:
        self.activate_one(place, is_done)

    def activate_one(self, place: int, is_done: bool) -> None:
        offers = self.model.offers(MONDAY, DAYS)
        day, pk, *_ = offers[place % len(offers)]
        expected = self.model.activate(pk, date.fromisoformat(day), is_done)
        self.assert_same_answer(
            self.phone.put, f"quick-inputs/{pk}/offers/{day}/todo/", {"is_done": is_done}, expected
        )

    @has_templates
    @rule(place=PLACES, day=DATES, is_done=st.booleans())
    def activate_any(self, place: int, day: date, is_done: bool) -> None:
        pk, day = self.date_of_a_template(place, day)
        expected = self.model.activate(pk, day, is_done)
        self.assert_same_answer(
            self.phone.put, f"quick-inputs/{pk}/offers/{day}/todo/", {"is_done": is_done}, expected
        )

    @has_templates
    @rule(place=PLACES)
    def activate_taken_offers(self, place: int) -> None:
        activated = [
            (task.quick_input, task.offered_on)
            for task in self.model.tasks.values()
            if task.quick_input
        ]
        taken = [*activated[-2:], *sorted(self.model.hidden)]
        for pk, day in taken[place : place + 2]:
            expected = self.model.activate(pk, day, False)
            self.assert_same_answer(
                self.phone.put, f"quick-inputs/{pk}/offers/{day}/todo/", {}, expected
            )

    @has_tasks
    @rule(place=PLACES)
    def put_back(self, place: int) -> None:
        task = self.model.tasks[self.task(place)]
        self.changed = None
        if task.quick_input:
            path = f"quick-inputs/{task.quick_input}/offers/{task.offered_on}/todo/"
            self.assert_same_answer(
                self.phone.delete,
                path,
                None,
                self.model.put_back(task.quick_input, task.offered_on),
            )

    @has_templates
    @rule(place=PLACES, day=DATES)
    def dismiss(self, place: int, day: date) -> None:
        pk, day = self.date_of_a_template(place, day)
        self.assert_same_answer(
            self.phone.put,
            f"quick-inputs/{pk}/offers/{day}/dismissal/",
            None,
            self.model.dismiss(pk, day),
        )

    @precondition(lambda machine: machine.model.hidden)
    @rule(place=PLACES)
    def undo(self, place: int) -> None:
        pairs = sorted(self.model.hidden)
        pk, day = pairs[place % len(pairs)]
        self.assert_same_answer(
            self.phone.delete,
            f"quick-inputs/{pk}/offers/{day}/dismissal/",
            None,
            self.model.undo(pk, day),
        )

    # Todos

    @has_tasks
    @rule(place=PLACES, day=DATES | FAR_DATES | st.none())
    def move(self, place: int, day: date | None) -> None:
        pk = self.task(place)
        self.assert_same_answer(
            self.phone.patch, f"todos/{pk}/", {"date": day}, self.model.move(pk, day)
        )

    @has_tasks
    @rule(place=PLACES, goal=GOALS)
    def change_goal(self, place: int, goal: int) -> None:
        pk = self.task(place)
        self.assert_same_answer(
            self.phone.patch,
            f"todos/{pk}/",
            {"goal": self.goal(goal)},
            self.model.change_goal(pk, self.goal(goal)),
        )

    @has_tasks
    @rule(place=PLACES, title=TITLES, is_done=st.booleans())
    def change(self, place: int, title: str, is_done: bool) -> None:
        pk = self.task(place)
        task = self.model.tasks[pk]
        task.title, task.is_done = title, is_done and task.date is not None
        self.assert_same_answer(
            self.phone.patch, f"todos/{pk}/", {"title": title, "is_done": task.is_done}, 200
        )

    @has_tasks
    @rule(place=PLACES)
    def delete_todo(self, place: int) -> None:
        pk = self.task(place)
        self.assert_same_answer(self.phone.delete, f"todos/{pk}/", None, self.model.delete_task(pk))

    # What holds after every step

    @invariant()
    def offers_are_those_of_the_model(self) -> None:
        last = MONDAY + timedelta(days=DAYS - 1)
        offers = self.phone.get(f"quick-inputs/offers/?date_from={MONDAY}&date_to={last}").json()[
            "results"
        ]
        fields = ("date", "quick_input", "todo_id", "goal", "title", "time")
        assert [tuple(offer[name] for name in fields) for offer in offers] == self.model.offers(
            MONDAY, DAYS
        )

    @invariant()
    def todos_are_those_of_the_model(self) -> None:
        columns = ("id", "quick_input", "offered_on", "goal", "title", "date", "time", "is_done")
        stored = {}
        for (
            pk,
            quick_input,
            offered_on,
            goal,
            title,
            day,
            time,
            is_done,
        ) in Todo.objects.values_list(*columns):
            names = (
                quick_input and str(quick_input),
                offered_on,
                str(goal),
                title,
                day,
                time and f"{time:%H:%M}",
                is_done,
            )
            stored[str(pk)] = names
        assert stored == {pk: tuple(asdict(task).values()) for pk, task in self.model.tasks.items()}

    @invariant()
    def no_offer_has_two_todos(self) -> None:
        offered = Todo.objects.exclude(quick_input=None).values("quick_input", "offered_on")
        assert not offered.annotate(count=Count("pk")).filter(count__gt=1).exists()

    @invariant()
    def a_done_todo_changes_only_by_a_request_for_it(self) -> None:
        now = {str(row["id"]): row for row in Todo.objects.filter(is_done=True).values()}
        for pk, before in self.done.items():
            if pk != self.changed:
                assert now[pk] | {"quick_input_id": None} == before | {"quick_input_id": None}
        self.done, self.changed = now, None


class QuickInputMachineTest(ApiTest):
    def test_random_sequences_of_requests_keep_the_rules(self) -> None:
        self.goals = [self.goal(), self.goal(title="Work")]
        # The rules are in Python. Only the unique index and the order depend on the database, for
        # which fewer runs suffice.
        runs = 45 if connection.vendor == "sqlite" else 15
        run = {
            "max_examples": runs,
            "stateful_step_count": 25,
            "derandomize": True,
            "deadline": None,
        }
        # Add Phase.shrink to get the shortest failing sequence, which takes minutes.
        bounds = settings(**run, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        run_state_machine_as_test(lambda: Machine(self), settings=bounds)
