"""The sums of a dump do not depend on the program that wrote it; what the database computes itself is left out."""

import pytest

from operations.jobs.dumps import Reading, Sum, differences, sums_of
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


def test_whoever_wrote_it_the_sums_are_the_same() -> None:
    sums = [sums_of(lines(DEFINITION, rows)) for rows in FORMS.values()]
    assert sums[0] == sums[1] == sums[2]
    assert list(sums[0]) == ["odd`one"]
    assert sums[0]["odd`one"].rows == 4


@pytest.mark.parametrize("form", FORMS)
def test_no_value_is_given_for_what_the_database_computes(form: str) -> None:
    passed = b"".join(Reading().lines(lines(DEFINITION, FORMS[form])))
    assert passed.startswith(DEFINITION)
    rows = passed.removeprefix(DEFINITION).replace(b"`, `", b"`,`")
    assert rows.count(b"(`id`,`words`) VALUES\n") == rows.count(b"INSERT")
    assert b"(1,'it\\'s), (\\\"here\\\\'),\n(2,NULL)" in rows
    assert rows.endswith(b"(4,0x00FF);\n")


def test_a_table_without_such_columns_passes_as_it_is() -> None:
    dump = lines(
        DEFINITION.replace(b"GENERATED ALWAYS AS ((`id` * 2)) STORED", b"NOT NULL"),
        MARIADBS,
        b"COMMIT;\n",
    )
    assert b"".join(Reading().lines(dump)) == b"".join(dump)


def test_one_other_value_is_another_sum_and_the_counter_is_not() -> None:
    was = sums_of(lines(DEFINITION, MARIADBS))
    assert sums_of(lines(DEFINITION.replace(b"=7", b"=8"), MARIADBS)) == was
    other = sums_of(lines(DEFINITION, MARIADBS.replace(b"0x00FF", b"0x00FE")))
    assert differences(was, other, definitions=True) == [
        "odd`one: its rows are not the same (4 rows, 4 in the backup)"
    ]


def test_what_is_missing_or_more_or_defined_otherwise_is_told() -> None:
    was = {"a": Sum(1, "x", "d"), "b": Sum(1, "x", "d")}
    now = {"b": Sum(1, "x", "other"), "c": Sum(0, "", "")}
    said = ["a: is not there", "c: was not in the backup", "b: is defined otherwise"]
    assert differences(was, now, definitions=True) == said
    assert differences(was, now, definitions=False) == said[:2]


def test_a_form_that_is_not_known_stops_the_backup() -> None:
    with pytest.raises(BackupError):
        sums_of(lines(DEFINITION, b"INSERT INTO odd SELECT 1;\n"))
