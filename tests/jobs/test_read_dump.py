"""Test that digests do not depend on the dump program, and ignore generated columns."""

import pytest

from operations.jobs.dumps import DumpReader, TableDigest, compare_tables, digest_tables
from operations.jobs.errors import BackupError

DEFINITION = rb"""CREATE TABLE `odd``one` (
  `id` int NOT NULL AUTO_INCREMENT,
  `twice` int GENERATED ALWAYS AS ((`id` * 2)) STORED,
  `words` text,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=7;
"""
MARIADBS = rb"""INSERT INTO `odd``one` VALUES
(1,2,'it\'s), (\"here\\'),
(2,4,NULL),
(3,6,''),
(4,8,0x00FF);
"""
ORACLES = rb"""INSERT INTO `odd``one` (`id`, `words`) VALUES (1,'it\'s), (\"here\\'),(2,NULL);
INSERT INTO `odd``one` (`id`, `words`) VALUES (3,''),(4,0x00FF);
"""
OLD = rb"""INSERT INTO `odd``one` VALUES (1,2,'it\'s), (\"here\\'),(2,4,NULL),(3,6,''),(4,8,0x00FF);
"""
FORMS = {"MariaDB's": MARIADBS, "MySQL's": ORACLES, "an older MariaDB's": OLD}


def lines(*parts: bytes) -> list[bytes]:
    return b"".join(parts).splitlines(keepends=True)


def test_all_programs_give_the_same_digests() -> None:
    digests = [digest_tables(lines(DEFINITION, rows)) for rows in FORMS.values()]
    assert digests[0] == digests[1] == digests[2]
    assert list(digests[0]) == ["odd`one"]
    assert digests[0]["odd`one"].rows == 4


@pytest.mark.parametrize("form", FORMS)
def test_values_of_generated_columns_are_removed(form: str) -> None:
    copy = b"".join(DumpReader().copy(lines(DEFINITION, FORMS[form])))
    assert copy.startswith(DEFINITION)
    rows = copy.removeprefix(DEFINITION).replace(b"`, `", b"`,`")
    assert rows.count(b"(`id`,`words`) VALUES\n") == rows.count(b"INSERT")
    assert b"(1,'it\\'s), (\\\"here\\\\'),\n(2,NULL)" in rows
    assert rows.endswith(b"(4,0x00FF);\n")


def test_a_table_without_generated_columns_is_copied_unchanged() -> None:
    dump = lines(
        DEFINITION.replace(b"GENERATED ALWAYS AS ((`id` * 2)) STORED", b"NOT NULL"),
        MARIADBS,
        b"COMMIT;\n",
    )
    assert b"".join(DumpReader().copy(dump)) == b"".join(dump)


def test_a_changed_value_changes_the_digest_and_auto_increment_does_not() -> None:
    was = digest_tables(lines(DEFINITION, MARIADBS))
    assert digest_tables(lines(DEFINITION.replace(b"=7", b"=8"), MARIADBS)) == was
    other = digest_tables(lines(DEFINITION, MARIADBS.replace(b"0x00FF", b"0x00FE")))
    assert compare_tables(was, other, definitions=True) == [
        "odd`one: its rows differ (4 rows, 4 in the backup)"
    ]


def test_missing_additional_and_redefined_tables_are_reported() -> None:
    was = {"a": TableDigest(1, "x", "d"), "b": TableDigest(1, "x", "d")}
    now = {"b": TableDigest(1, "x", "other"), "c": TableDigest(0, "", "")}
    messages = ["a: is missing", "c: is not in the backup", "b: its definition differs"]
    assert compare_tables(was, now, definitions=True) == messages
    assert compare_tables(was, now, definitions=False) == messages[:2]


def test_an_unknown_form_of_insert_is_an_error() -> None:
    with pytest.raises(BackupError):
        digest_tables(lines(DEFINITION, b"INSERT INTO odd SELECT 1;\n"))
