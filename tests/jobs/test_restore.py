"""Test `manage.py restore`."""

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
from tests.jobs.base import BackupTest, execute, needs_mysql, own_database

pytestmark = needs_mysql


class RestoreTest(BackupTest):
    def error_of(self, *words: str) -> str:
        with pytest.raises(CommandError) as caught:
            self.run_command("restore", *words)
        return str(caught.value)

    def test_all_rows_are_restored(self) -> None:
        self.make_odd_table()
        manifest = self.back_up()
        words = "SELECT title, body FROM {0}.goals_goal, {0}.diaries_diary"
        with self.empty_database() as database:
            assert "The restored database is identical to the backup." in self.run_command(
                "restore", "latest", "--into", database.name
            )
            for statement in (words, "SELECT * FROM {0}.odd ORDER BY id"):
                assert (
                    execute(statement.format(database.name))
                    == execute(statement.format(own_database().name))
                    != []
                )
        assert manifest.tables["odd"].rows == 3

    def test_all_definitions_are_restored(self) -> None:
        self.make_odd_table()
        self.back_up()
        with self.empty_database() as database:
            self.run_command("restore", "--into", database.name)
            for statement in (
                "SHOW CREATE TABLE {}.odd",
                "SHOW CREATE TABLE {}.goals_goal_viewers",
            ):
                assert execute(statement.format(database.name)) == execute(
                    statement.format(own_database().name)
                )

    def test_a_backup_by_name_into_a_url(self) -> None:
        name = self.back_up().name
        self.run_command("backup", "--to", (self.folder / "other").as_uri())
        with self.empty_database() as it:
            url = f"mysql://{it.user}:{it.password}@{it.host}:{it.port}/{it.name}"
            assert name in self.run_command("restore", f"{name}.sql.gz", "--into", url)

    def test_a_database_with_tables_is_refused(self) -> None:
        self.back_up()
        output = self.error_of("--into", own_database().name)
        assert re.search(
            r"is not empty \(\d+ tables\)\. .*"
            r"CREATE DATABASE `\w+` CHARACTER SET utf8mb4 COLLATE utf8",
            output,
        )
        assert Diary.objects.count() == 1

    def test_the_error_for_a_missing_database_has_the_statement_that_creates_it(self) -> None:
        self.back_up()
        assert "CREATE DATABASE `test_nowhere``` CHARACTER SET" in self.error_of(
            "--into", "test_nowhere`"
        )

    def test_the_error_for_an_account_without_access_has_the_grant(self) -> None:
        self.back_up()
        with self.empty_database() as it, self.account() as us:
            execute(f"DROP DATABASE {it.name}")
            into = f"mysql://{us.user}:{quote(us.password)}@{us.host}:{us.port}/{it.name}"
            output = self.error_of("--into", into)
            make, grant = re.findall(r"(?:CREATE DATABASE|GRANT) [^;]+;", output)
            assert "ERROR 1044" in output
            assert grant == f"GRANT ALL ON `{it.name.replace('_', '\\_')}`.* TO '{us.user}'@'%';"
            execute(make)
            execute(grant.replace("%", "%%"))
            assert "The restored database is identical to the backup." in self.run_command(
                "restore", "--into", into
            )

    def test_the_error_for_a_wrong_password_is_not_about_the_database(self) -> None:
        self.back_up()
        with self.account() as us:
            output = self.error_of("--into", f"mysql://{us.user}:wrong@{us.host}:{us.port}/x")
        assert "ERROR 1045" in output
        assert "Correct user and password" in output
        assert "CREATE DATABASE" not in output

    def test_a_changed_dump_is_refused(self) -> None:
        manifest = self.back_up()
        file = self.folder / f"{manifest.name}.sql.gz"
        file.write_bytes(file.read_bytes()[:-1] + b"x")
        with self.empty_database() as database:
            assert "has changed since it was stored" in self.error_of("--into", database.name)
            assert (
                execute(
                    "SELECT 1 FROM information_schema.tables WHERE table_schema = %s", database.name
                )
                == []
            )

    def test_tables_that_differ_are_reported(self) -> None:
        manifest = self.back_up()
        tables = {name: table._asdict() for name, table in manifest.tables.items()}
        tables["goals_goal"]["data"] = "0" * 64
        tables["gone"] = tables.pop("todos_todo")
        self.change_manifest(manifest, tables=tables)
        with self.empty_database() as database:
            output = self.error_of("--into", database.name).splitlines()[1:]
        assert [line.split(":")[0] for line in sorted(output)] == [
            "goals_goal",
            "gone",
            "todos_todo",
        ]

    def test_a_changed_value_definition_or_number_of_rows_is_reported(self) -> None:
        self.make_odd_table()
        manifest = self.back_up()
        changes = ("UPDATE {}.odd SET bits = 4 WHERE a = 1", "DELETE FROM {}.odd WHERE a = 3")
        for change in (*changes, "ALTER TABLE {}.odd ADD INDEX (a)", "DROP TABLE {}.odd"):
            with self.subTest(change=change), self.empty_database() as database:
                assert backups.restore(manifest, self.store(), database) == []
                execute(change.format(database.name))
                [output] = backups.compare(manifest, database)
                assert output.startswith("odd: ")

    def test_the_error_of_an_incomplete_restore_has_the_way_to_start_again(self) -> None:
        manifest = self.back_up()
        with (
            self.empty_database() as it,
            self.account(f"SELECT, CREATE, REFERENCES ON {it.name}.*") as database,
        ):
            into = replace(it, user=database.user, password=database.password)
            with pytest.raises(
                BackupError, match=r"(?s)denied.*contains a part.*DROP DATABASE `"
            ) as caught:
                backups.restore(manifest, self.store(), into)
        assert "no comment" not in str(caught.value)

    def test_an_unknown_name(self) -> None:
        self.back_up()
        assert len(self.run_command("restore", "--list").splitlines()) == 1
        assert "There is no backup nothing" in self.error_of("nothing", "--into", "x")

    def test_the_list_goes_on_after_an_unreadable_manifest(self) -> None:
        with later(-timedelta(hours=1)):
            self.back_up()
        newest, older = self.back_up(), self.manifests()[0]
        (self.folder / f"{newest.name}.json").write_text("{")
        first, second = self.run_command("restore", "--list").splitlines()
        assert first.startswith(f"{newest.name}: The manifest cannot be read")
        assert second.startswith(f"{older.name}: {older.rows} rows")

    def test_a_manifest_cannot_inject_sql(self) -> None:
        manifest = self.back_up()
        for values in (
            {"charset": "utf8mb4; DROP DATABASE x"},
            {"collation": "a b"},
            {"name": "todomate"},
        ):
            with self.subTest(values=values):
                self.change_manifest(manifest, **values)
                assert re.search(
                    "manifest cannot be read|belongs to another backup",
                    self.error_of("--into", "x"),
                )
                self.change_manifest(
                    manifest, charset=manifest.charset, collation=manifest.collation
                )

    def test_there_is_no_backup(self) -> None:
        assert "There is no backup at file://" in self.error_of("--drill")
        assert self.run_command("restore", "--list") == ""


class DrillTest(BackupTest):
    def left(self) -> list[str]:
        return [
            name
            for (name,) in execute("SHOW DATABASES")
            if name in (own_database().name, f"{own_database().name}_drill")
        ]

    def test_it_leaves_no_database(self) -> None:
        self.back_up()
        output = self.run_command("restore", "--drill")
        assert re.search(
            r"Restored, compared and dropped again in \d+\.\d s\.\n"
            r"The restored database is identical to the backup\.",
            output,
        )
        assert self.left() == [own_database().name]

    def test_it_leaves_no_database_if_a_table_differs(self) -> None:
        manifest = self.back_up()
        tables = {name: table._asdict() | {"data": ""} for name, table in manifest.tables.items()}
        self.change_manifest(manifest, tables=tables)
        with pytest.raises(CommandError, match="goals_goal: its rows differ"):
            self.run_command("restore", "--drill")
        assert self.left() == [own_database().name]

    def test_an_existing_database_of_its_name_is_kept(self) -> None:
        self.back_up()
        execute(f"CREATE DATABASE {own_database().name}_drill")
        self.addCleanup(execute, f"DROP DATABASE {own_database().name}_drill")
        with pytest.raises(CommandError, match=f"DROP DATABASE `{own_database().name}_drill`;"):
            self.run_command("restore", "--drill")
        assert len(self.left()) == 2
