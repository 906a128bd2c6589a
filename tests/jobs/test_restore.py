"""manage.py restore: into an empty database only, and what is not as it was is named."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.management import CommandError

from diaries.models import Diary
from operations.jobs import backups
from operations.jobs.errors import BackupError
from tests.accounts.clock import later
from tests.jobs.base import BackupTest, ask, needs_mysql, ours

pytestmark = needs_mysql


class RestoreTest(BackupTest):
    def refusal(self, *words: str) -> str:
        with pytest.raises(CommandError) as caught:
            self.run_command("restore", *words)
        return str(caught.value)

    def test_everything_is_as_it_was(self) -> None:
        self.make_odd_table()
        manifest = self.back_up()
        words = "SELECT title, body FROM {0}.goals_goal, {0}.diaries_diary"
        with self.empty_database() as database:
            assert "Every table is what it was." in self.run_command(
                "restore", "latest", "--into", database.name
            )
            for statement in (words, "SELECT * FROM {0}.odd ORDER BY id"):
                assert (
                    ask(statement.format(database.name)) == ask(statement.format(ours().name)) != []
                )
        assert manifest.tables["odd"].rows == 3

    def test_what_was_defined_holds_in_it(self) -> None:
        self.make_odd_table()
        self.back_up()
        with self.empty_database() as database:
            self.run_command("restore", "--into", database.name)
            for statement in (
                "SHOW CREATE TABLE {}.odd",
                "SHOW CREATE TABLE {}.goals_goal_viewers",
            ):
                assert ask(statement.format(database.name)) == ask(statement.format(ours().name))

    def test_by_name_and_by_a_whole_url(self) -> None:
        name = self.back_up().name
        self.run_command("backup", "--to", (self.folder / "other").as_uri())
        with self.empty_database() as it:
            url = f"mysql://{it.user}:{it.password}@{it.host}:{it.port}/{it.name}"
            assert name in self.run_command("restore", f"{name}.sql.gz", "--into", url)

    def test_a_database_that_holds_something_is_left_alone(self) -> None:
        self.back_up()
        said = self.refusal("--into", ours().name)
        assert re.search(
            r"is not empty \(\d+ tables\).*CREATE DATABASE `\w+` CHARACTER SET utf8mb4 COLLATE utf8",
            said,
        )
        assert Diary.objects.count() == 1

    def test_for_one_that_is_not_there_the_statement_is_told(self) -> None:
        self.back_up()
        assert "CREATE DATABASE `test_nowhere``` CHARACTER SET" in self.refusal(
            "--into", "test_nowhere`"
        )

    def test_an_account_that_may_do_nothing_there_is_told_the_grant_that_lets_it_in(self) -> None:
        self.back_up()
        with self.empty_database() as it, self.account() as us:
            ask(f"DROP DATABASE {it.name}")
            into = f"mysql://{us.user}:{quote(us.password)}@{us.host}:{us.port}/{it.name}"
            said = self.refusal("--into", into)
            make, grant = re.findall(r"(?:CREATE DATABASE|GRANT) [^;]+;", said)
            assert "ERROR 1044" in said
            assert grant == f"GRANT ALL ON `{it.name.replace('_', '\\_')}`.* TO '{us.user}'@'%';"
            ask(make)
            ask(grant.replace("%", "%%"))
            assert "Every table is what it was." in self.run_command("restore", "--into", into)

    def test_with_a_wrong_password_the_database_is_not_the_matter(self) -> None:
        self.back_up()
        with self.account() as us:
            said = self.refusal("--into", f"mysql://{us.user}:wrong@{us.host}:{us.port}/x")
        assert "ERROR 1045" in said
        assert "Correct user and password" in said
        assert "CREATE DATABASE" not in said

    def test_what_is_not_the_file_that_was_stored_is_not_restored(self) -> None:
        manifest = self.back_up()
        file = self.folder / f"{manifest.name}.sql.gz"
        file.write_bytes(file.read_bytes()[:-1] + b"x")
        with self.empty_database() as database:
            assert "another sha256" in self.refusal("--into", database.name)
            assert (
                ask(
                    "SELECT 1 FROM information_schema.tables WHERE table_schema = %s", database.name
                )
                == []
            )

    def test_a_table_that_differs_is_named(self) -> None:
        manifest = self.back_up()
        tables = {name: table._asdict() for name, table in manifest.tables.items()}
        tables["goals_goal"]["data"] = "0" * 64
        tables["gone"] = tables.pop("todos_todo")
        self.change_manifest(manifest, tables=tables)
        with self.empty_database() as database:
            said = self.refusal("--into", database.name).splitlines()[1:]
        assert [line.split(":")[0] for line in sorted(said)] == ["goals_goal", "gone", "todos_todo"]

    def test_a_change_of_one_value_of_a_definition_or_of_a_row_too_many_is_seen(self) -> None:
        self.make_odd_table()
        manifest = self.back_up()
        changes = ("UPDATE {}.odd SET bits = 4 WHERE a = 1", "DELETE FROM {}.odd WHERE a = 3")
        for change in (*changes, "ALTER TABLE {}.odd ADD INDEX (a)", "DROP TABLE {}.odd"):
            with self.subTest(change=change), self.empty_database() as database:
                assert backups.restore(manifest, self.store(), database) == []
                ask(change.format(database.name))
                [said] = backups.compare(manifest, database)
                assert said.startswith("odd: ")

    def test_what_the_database_refuses_is_said_and_how_to_begin_anew(self) -> None:
        manifest = self.back_up()
        with (
            self.empty_database() as it,
            self.account(f"SELECT, CREATE, REFERENCES ON {it.name}.*") as database,
        ):
            into = replace(it, user=database.user, password=database.password)
            with pytest.raises(BackupError, match=r"(?s)denied.*A part.*DROP DATABASE `") as caught:
                backups.restore(manifest, self.store(), into)
        assert "no comment" not in str(caught.value)

    def test_the_newest_is_listed_first(self) -> None:
        self.back_up()
        assert len(self.run_command("restore", "--list").splitlines()) == 1
        assert "There is no backup nothing" in self.refusal("nothing", "--into", "x")

    def test_one_that_cannot_be_read_hides_no_other(self) -> None:
        with later(-timedelta(hours=1)):
            self.back_up()
        newest, older = self.back_up(), self.manifests()[0]
        (self.folder / f"{newest.name}.json").write_text("{")
        first, second = self.run_command("restore", "--list").splitlines()
        assert first.startswith(f"{newest.name}: The manifest cannot be read")
        assert second.startswith(f"{older.name}: {older.rows} rows")

    def test_a_manifest_gets_nothing_of_its_own_into_a_statement(self) -> None:
        manifest = self.back_up()
        for values in (
            {"charset": "utf8mb4; DROP DATABASE x"},
            {"collation": "a b"},
            {"name": "todomate"},
        ):
            with self.subTest(values=values):
                self.change_manifest(manifest, **values)
                assert re.search(
                    "manifest cannot be read|is another backup's", self.refusal("--into", "x")
                )
                self.change_manifest(
                    manifest, charset=manifest.charset, collation=manifest.collation
                )

    def test_none_is_said(self) -> None:
        assert "There is no backup at file://" in self.refusal("--drill")
        assert self.run_command("restore", "--list") == ""


class DrillTest(BackupTest):
    def left(self) -> list[str]:
        return [
            name
            for (name,) in ask("SHOW DATABASES")
            if name in (ours().name, f"{ours().name}_drill")
        ]

    def test_it_leaves_nothing_behind(self) -> None:
        self.back_up()
        said = self.run_command("restore", "--drill")
        assert re.search(
            r"Restored, compared and dropped again in \d+\.\d s\.\nEvery table is what it was\.",
            said,
        )
        assert self.left() == [ours().name]

    def test_also_where_something_differs(self) -> None:
        manifest = self.back_up()
        tables = {name: table._asdict() | {"data": ""} for name, table in manifest.tables.items()}
        self.change_manifest(manifest, tables=tables)
        with pytest.raises(CommandError, match="goals_goal: its rows are not the same"):
            self.run_command("restore", "--drill")
        assert self.left() == [ours().name]

    def test_what_is_there_under_its_name_is_not_touched(self) -> None:
        self.back_up()
        ask(f"CREATE DATABASE {ours().name}_drill")
        self.addCleanup(ask, f"DROP DATABASE {ours().name}_drill")
        with pytest.raises(CommandError, match=f"DROP DATABASE `{ours().name}_drill`;"):
            self.run_command("restore", "--drill")
        assert len(self.left()) == 2
