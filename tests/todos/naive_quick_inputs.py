"""A plain model of the rules of quick inputs, with which the API is compared step by step.

Each verb returns what the API must answer: a status, or the code of the problem.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID, uuid5

Answer = int | str


@dataclass
class Template:
    goal: str
    title: str
    weekdays: list[str]
    time: str | None
    starts_on: date
    ends_on: date | None

    def falls_on(self, day: date) -> bool:
        if day < self.starts_on:
            return False
        if self.ends_on is not None and day > self.ends_on:
            return False
        return f"{day:%A}"[:3].lower() in self.weekdays


@dataclass
class Task:
    quick_input: str | None
    offered_on: date
    goal: str
    title: str
    date: date | None
    time: str | None
    is_done: bool = False


@dataclass
class QuickInputModel:
    goals: dict[str, bool]  # id → whether it is active
    templates: dict[str, Template] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    hidden: set[tuple[str, date]] = field(default_factory=set)

    def offers(self, first: date, days: int) -> list[tuple[str, str, str, str, str, str | None]]:
        """Return (date, quick input, todo's id, goal, title, time) of all offers, in order."""
        found = []
        for day in (first + timedelta(days=number) for number in range(days)):
            of_day = []
            for pk, template in self.templates.items():
                free = not self.task_of(pk, day) and (pk, day) not in self.hidden
                if free and template.falls_on(day) and self.goals[template.goal]:
                    of_day.append(
                        (
                            str(day),
                            pk,
                            task_id(pk, day),
                            template.goal,
                            template.title,
                            template.time,
                        )
                    )
            found += sorted(of_day, key=lambda offer: (offer[5] or "99:99", offer[1]))
        return found

    def task_of(self, pk: str, day: date) -> Task | None:
        return next(
            (t for t in self.tasks.values() if (t.quick_input, t.offered_on) == (pk, day)), None
        )

    # Verbs on offers

    def activate(self, pk: str, day: date, is_done: bool) -> Answer:
        template = self.templates[pk]
        if existing := self.task_of(pk, day):
            existing.is_done = existing.is_done or is_done
            return 200
        if (pk, day) in self.hidden:
            return "dismissed"
        if not template.falls_on(day):
            return "not_offered"
        if not self.goals[template.goal]:
            return "goal_not_active"
        task = Task(pk, day, template.goal, template.title, day, template.time, is_done)
        self.tasks[task_id(pk, day)] = task
        return 201

    def put_back(self, pk: str, day: date) -> Answer:
        task = self.task_of(pk, day)
        if task and task.is_done:
            return "done"
        if task:
            del self.tasks[task_id(pk, day)]
        return 204

    def dismiss(self, pk: str, day: date) -> Answer:
        if self.task_of(pk, day):
            return "activated"
        if (pk, day) not in self.hidden and not self.templates[pk].falls_on(day):
            return "not_offered"
        self.hidden.add((pk, day))
        return 204

    def undo(self, pk: str, day: date) -> Answer:
        self.hidden.discard((pk, day))
        return 204

    def delete_template(self, pk: str) -> Answer:
        del self.templates[pk]
        self.hidden = {pair for pair in self.hidden if pair[0] != pk}
        for task in self.tasks.values():
            if task.quick_input == pk:
                task.quick_input = None
        return 204

    # Verbs on todos

    def move(self, pk: str, day: date | None) -> Answer:
        task = self.tasks[pk]
        if day is None and task.date is not None:
            if task.quick_input:
                return "put_back_instead"
            task.time, task.is_done = None, False
        if day is not None and task.date is None and not self.goals[task.goal]:
            return "goal_not_active"
        task.date = day
        return 200

    def change_goal(self, pk: str, goal: str) -> Answer:
        task = self.tasks[pk]
        if task.goal != goal and not self.goals[goal]:
            return "goal_not_active"
        task.goal = goal
        return 200

    def delete_task(self, pk: str) -> Answer:
        task = self.tasks.pop(pk)
        if task.quick_input:
            self.hidden.add((task.quick_input, task.offered_on))
        return 204


def task_id(pk: str, day: date) -> str:
    return str(uuid5(UUID(pk), f"{day:%Y-%m-%d}"))
