"""Strict fields accept the one form that the schema states"""

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from unittest import TestCase

import pytest
from rest_framework.exceptions import ValidationError

from core import fields
from core.renderers import JSONRenderer

UUID4 = "01890a5d-ac96-4cfa-9d1e-3f2b3c4d5e6f"
UUID7 = "01890a5d-ac96-774c-bcce-b302099a8057"


class FieldsTest(TestCase):
    def assert_takes(self, field: Any, values: dict[Any, Any]) -> None:
        for value, expected in values.items():
            with self.subTest(value=value):
                result = field.run_validation(value)
                assert result == expected
                assert type(result) is type(expected)

    def assert_refuses(self, field: Any, values: list[Any]) -> None:
        for value in values:
            with self.subTest(value=value), pytest.raises(ValidationError):
                field.run_validation(value)

    def test_a_text_is_a_string_without_nul_and_not_blank(self) -> None:
        field = fields.StringField(max_length=5)
        self.assert_takes(field, {"운동 🏃": "운동 🏃", "  x  ": "x"})
        self.assert_refuses(field, ["", "  ", "\u3000", "a\0b", "x" * 6, 1, True, None, ["x"], {}])

    def test_a_flag_is_true_or_false(self) -> None:
        field = fields.FlagField()
        assert field.run_validation(True) is True
        assert field.run_validation(False) is False
        self.assert_refuses(field, [1, 0, "true", "false", "on", "", None, [], {}])

    def test_a_whole_number_is_a_number_without_fraction(self) -> None:
        field = fields.WholeNumberField(min_value=0, max_value=100)
        self.assert_takes(field, {0: 0, 100: 100, 7.0: 7})
        self.assert_refuses(
            field, ["7", 7.5, -1, 101, True, None, float("inf"), float("nan"), 10**400, [7]]
        )

    def test_an_id_is_a_uuid_in_its_usual_spelling(self) -> None:
        for text in (UUID4, UUID7, UUID7.upper()):
            assert str(fields.IdField().run_validation(text)) == text.lower()
        bad = [
            UUID7.replace("-", ""),
            f"{{{UUID7}}}",
            f"urn:uuid:{UUID7}",
            UUID7 + "\n",
            f" {UUID7}",
            "",
            "1",
            1,
            None,
        ]
        self.assert_refuses(fields.IdField(), bad)
        self.assert_refuses(fields.NewIdField(), [*bad, UUID4])
        assert str(fields.NewIdField().run_validation(UUID7)) == UUID7

    def test_a_date_is_written_one_way_and_within_bounds(self) -> None:
        self.assert_takes(
            fields.DayField(),
            {
                "1900-01-01": date(1900, 1, 1),
                "2199-12-31": date(2199, 12, 31),
                "2028-02-29": date(2028, 2, 29),
            },
        )
        bad = [
            "1899-12-31",
            "2200-01-01",
            "2026-02-29",
            "2026-1-1",
            "20260101",
            "2026-W01-1",
            "2026-01-01T00:00",
            "٢٠٢٦-٠١-٠١",
        ]
        self.assert_refuses(
            fields.DayField(), [*bad, "", None, 20260101, "0000-00-00", "2026-01-01\n"]
        )

    def test_a_time_is_hours_and_minutes(self) -> None:
        self.assert_takes(fields.ClockField(), {"00:00": time(0), "23:59": time(23, 59)})
        self.assert_refuses(
            fields.ClockField(),
            ["24:00", "7:30", "07:30:00", "0730", "07:60", "07:30Z", "07:30\n", "", None, 730],
        )
        assert fields.ClockField().to_representation(time(7, 30)) == "07:30"

    def test_an_instant_is_shown_in_utc_with_six_digits_and_z(self) -> None:
        seoul = timezone(timedelta(hours=9))
        for value, text in (
            (datetime(2026, 5, 1, 12, tzinfo=UTC), "2026-05-01T12:00:00.000000Z"),
            (datetime(2026, 5, 1, 12), "2026-05-01T12:00:00.000000Z"),  # noqa: DTZ001  # MySQL's
            (datetime(2026, 5, 1, 21, tzinfo=seoul), "2026-05-01T12:00:00.000000Z"),
            (datetime(2026, 5, 1, 12, 0, 0, 1, tzinfo=UTC), "2026-05-01T12:00:00.000001Z"),
            (datetime(1900, 1, 1, tzinfo=UTC), "1900-01-01T00:00:00.000000Z"),
        ):
            shown = fields.InstantField().to_representation(value)
            assert JSONRenderer().render(shown) == f'"{text}"'.encode()

    def test_an_instant_has_an_offset_and_becomes_utc(self) -> None:
        expected = datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)
        for text in (
            "2026-05-01T12:00:00.25Z",
            "2026-05-01t12:00:00.250z",
            "2026-05-01T21:00:00.25+09:00",
            "2026-05-01T12:00:00.2500009Z",
            "2026-05-01T12:00:00.250000999999999-00:00",
        ):
            with self.subTest(text=text):
                assert fields.InstantField().run_validation(text) == expected
        bad = [
            "2026-05-01T12:00:00",
            "2026-05-01",
            "2026-05-01 12:00:00Z",
            "2026-05-01T24:00:00Z",
            "2026-05-01T12:00Z",
        ]
        far = [
            "0001-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "1899-12-31T23:59:59Z",
            "2200-01-01T00:00:00Z",
        ]
        for text in far:
            with pytest.raises(ValidationError) as caught:
                fields.InstantField().run_validation(text)
            assert caught.value.get_codes() == ["out_of_range"], text
        self.assert_refuses(
            fields.InstantField(), [*bad, "2026-05-01T12:00:00+25:00", "", None, 1777636800]
        )

    def test_a_colour_has_six_digits_and_is_kept_in_capitals(self) -> None:
        self.assert_takes(fields.ColorField(), {"#ff8800": "#FF8800", "#000000": "#000000"})
        self.assert_refuses(
            fields.ColorField(), ["#fff", "ff8800", "#ff88001", "#gg0000", "red", "", None, 0]
        )

    def test_a_time_zone_is_one_that_iana_knows_aliases_included(self) -> None:
        names = (
            "Asia/Seoul UTC America/Argentina/Salta GMT CET Japan EST5EDT EST Zulu PRC Etc/GMT+9"
        )
        self.assert_takes(fields.TimezoneField(), {name: name for name in names.split()})
        for name in fields.timezones():
            zoneinfo.ZoneInfo(name)
        self.assert_refuses(
            fields.TimezoneField(),
            ["Seoul", "asia/seoul", "localtime", "Factory", "../etc/passwd", "", None, 9],
        )

    def test_a_lenient_time_zone_takes_anything(self) -> None:
        field = fields.LenientTimezoneField()
        for value, zone in (
            ("Japan", "Japan"),
            (" asia/seoul", "Asia/Seoul"),
            ("Mars/Base", None),
            ("", None),
            ("GMT+25:00", None),
            ("x" * 10_000, None),
            (None, None),
            (9, None),
            (True, None),
            ([], None),
            ({}, None),
        ):
            assert field.run_validation(value) == zone

    def test_a_line_has_no_line_breaks_and_turns_around_nothing(self) -> None:
        field = fields.LineField(max_length=20)
        self.assert_takes(
            field,
            {
                text: text
                for text in (
                    "👩🏽‍💻",
                    "1️⃣",
                    "می\u200cخواهم",
                    "\u200fשלום",
                    "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
                    "ㄱ",
                    ".",
                    "\U0001fae9",
                )
            }
            | {" x\n": "x"},
        )
        bad = [0x0A, 0x0D, 0x09, 0x0B, 0x1B, 0x7F, 0x85, 0x2028, 0x2029]
        bad += [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
        self.assert_refuses(field, [f"a{chr(point)}b" for point in bad])

    def test_a_line_shows_something(self) -> None:
        nothing = "00AD 034F 061C 115F 1160 17B4 17B5 180B 180E 200B 200C 200D 200E 200F 2060 2063"
        nothing += " 2800 3164 FE0F FEFF FFA0 FFF9 FFFF E0001 E0061 E0100 0301 20DD 00A0 3000"
        for point in nothing.split():
            self.assert_refuses(fields.LineField(), [chr(int(point, 16)) * 3])
        self.assert_refuses(fields.LineField(), ["\u3164\u200b \u2800\ufe0f"])
