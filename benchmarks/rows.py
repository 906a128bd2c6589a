"""The rows of the benchmark, as SQL that the server executes to fill its tables.

Each statement covers the people with numbers `low` to `high`, who follow and cheer the first
`people`. Values depend only on the numbers of person, day and todo, so that two runs have equal
rows. Everyone has ten todos in three goals, a diary and a few cheers on DAY, and ten todos to set
done on the day after. Ids are UUIDv7 of the moment of creation with all people's rows mixed: a
person's ten todos of a day lie on as many pages as in a database that grew.
"""

import datetime as dt

FIRST = 100_001  # primary key of the first person
DAY = dt.date(2026, 3, 18)  # a Wednesday
WRITTEN_DAY = DAY + dt.timedelta(days=1)
LONG_AGO = "TIMESTAMP'2024-01-01 09:00:00.654321'"

TITLES = (
    "Read twenty pages", "물 2리터 마시기", "Stretch for ten minutes", "영어 단어 30개 외우기",
    "Call the dentist", "저녁 산책 3km", "Write the weekly report", "엄마께 전화드리기",
    "Buy rice, eggs and milk", "알고리즘 문제 두 개 풀기", "Water the plants",
    "방 청소하고 쓰레기 버리기", "Pay the electricity bill", "일기 쓰기 전에 하루 돌아보기",
    "Pack for the trip", "헬스장 가기",
)  # fmt: skip
EMOJI = ("👍", "🔥", "❤️", "🎉", "💪")
MOODS = ("😀", "🙂", "😴", "😢", "🥰")


def _uuid7(kind: str, number: str, moment: str) -> str:
    """Return the SQL of a UUIDv7; `number` and `moment` are SQL."""
    digits = f"SHA2(CONCAT('{kind}', {number}), 256)"
    time = f"LPAD(HEX(CAST(1000 * UNIX_TIMESTAMP({moment}) AS UNSIGNED)), 12, '0')"
    return f"UNHEX(CONCAT({time}, '7', LEFT({digits}, 3), '8', RIGHT({digits}, 15)))"


def _one_of(texts: tuple[str, ...], number: str) -> str:
    quoted = ", ".join(f"'{text}'" for text in texts)
    return f"ELT(1 + {number} %% {len(texts)}, {quoted})"


def _goal(number: str) -> str:
    """Return the SQL of the id of a person's goal; `number` is SQL."""
    return _uuid7("goal", f"u.id, '-', {number}", LONG_AGO)


def _quick_input(number: str) -> str:
    return _uuid7("quick", f"u.id, '-', {number}", LONG_AGO)


# Made for cursors that are given values, so a percent sign is doubled.
_PEOPLE = f"BETWEEN {FIRST} + %(low)s AND {FIRST} + %(high)s"
_EACH = f"WHERE u.id {_PEOPLE} ORDER BY u.id, n.n"
_OTHERS = f"{FIRST} + (u.id - {FIRST} + 1 + n.n) %% %(people)s"  # the n-th person after this one

USERS = f"""
INSERT INTO accounts_user (id, password, is_superuser, created_at, updated_at, uuid, email,
  is_staff, is_active)
SELECT {FIRST} + n, '!', 0, {LONG_AGO}, {LONG_AGO}, {_uuid7("user", "n", LONG_AGO)},
  CONCAT('bench', n, '@example.com'), 0, 1
FROM bench_number WHERE n BETWEEN %(low)s AND %(high)s ORDER BY n"""

PROFILES = f"""
INSERT INTO accounts_profile (user_id, created_at, updated_at, handle, nickname, nickname_folded,
  bio, timezone, day_starts_at, week_starts_on, locale, is_private, is_searchable)
SELECT id, {LONG_AGO}, {LONG_AGO}, CONCAT('bench.', id), CONCAT('사람 ', id),
  CONCAT('사람 ', id), '', 'Asia/Seoul', 0, 'mon', 'ko', id %% 5 = 0, 1
FROM accounts_user WHERE id {_PEOPLE} ORDER BY id"""

FOLLOWS = f"""
INSERT INTO accounts_follow (created_at, updated_at, state, follower_id, followee_id)
SELECT {LONG_AGO}, {LONG_AGO}, IF(n.n = 0, 'pending', 'accepted'), u.id, {_OTHERS}
FROM accounts_user u JOIN bench_number n ON n.n < LEAST(11, %(people)s - 1) {_EACH}"""

ALARMS = f"""
INSERT INTO accounts_alarm (created_at, updated_at, id, time, is_on, owner_id)
SELECT {LONG_AGO}, {LONG_AGO}, {_uuid7("alarm", "u.id, '-', n.n", LONG_AGO)},
  MAKETIME(8 + 12 * n.n, 30, 0), n.n = 0, u.id
FROM accounts_user u JOIN bench_number n ON n.n < 2 {_EACH}"""

# The first three goals are active and hold the later half of the todos.
_TITLES = ("Health", "공부", "Home", "Work", "여행", "Music")
_VISIBILITIES = ("private", "followers", "public")
GOALS = f"""
INSERT INTO goals_goal (created_at, updated_at, id, title, color, visibility, position, state,
  owner_id)
SELECT {LONG_AGO}, {LONG_AGO}, {_goal("n.n")}, {_one_of(_TITLES, "n.n")},
  {_one_of(("#FF8800", "#7A7AFF", "#22AA66"), "n.n")}, {_one_of(_VISIBILITIES, "n.n")}, n.n,
  IF(n.n < 3, 'active', 'done'), u.id
FROM accounts_user u JOIN bench_number n ON n.n < 6 {_EACH}"""

# On DAY the first has been used for a todo and the second still offers one.
_WEEKDAYS = ("mon,tue,wed,thu,fri", "wed,sat", "mon,fri", "sun")
QUICK_INPUTS = f"""
INSERT INTO todos_quickinput (created_at, updated_at, id, title, weekdays, time, starts_on,
  goal_id, owner_id)
SELECT {LONG_AGO}, {LONG_AGO}, {_quick_input("n.n")}, {_one_of(TITLES, "n.n")},
  {_one_of(_WEEKDAYS, "n.n")}, IF(n.n = 1, '07:30:00', NULL), '2024-01-01', {_goal("n.n %% 3")},
  u.id
FROM accounts_user u JOIN bench_number n ON n.n < 4 {_EACH}"""

# Two to eight todos for each person and day, and for every tenth day one more in the archive. The
# inner queries compute what several columns need: c is the day's number of todos, h a hash.
TODOS = f"""
INSERT INTO todos_todo (created_at, updated_at, id, title, title_folded, memo, date, time, position,
  is_done, done_at, offered_on, goal_id, owner_id, quick_input_id)
SELECT made, made, {_uuid7("todo", "u.id, '-', day, '-', n", "made")}, title, LOWER(title),
  IF(h %% 10 < 3,
    'Only what I wrote down gets done; the rest of it can wait until tomorrow.', ''),
  IF(dated, day, NULL),
  IF(dated AND h %% 5 < 2, MAKETIME(7 + h %% 14, 15 * (h %% 4), 0), NULL), IF(dated, n, 0),
  done, IF(done, made + INTERVAL 3 HOUR, NULL), IF(offered, day, NULL),
  {_goal("IF(dense, n * 3 DIV 10, h %% 3) + IF(k < %(half)s, 3, 0)")}, u.id,
  IF(offered, {_quick_input("0")}, NULL)
FROM (
  SELECT v.*, n < c AS dated, n = 0 AND day <= '{DAY}' AND WEEKDAY(day) < 5 AS offered,
    n < c AND IF(day = '{DAY}', n < 4, day < '{DAY}' AND h %% 10 < 7) AS done,
    TIMESTAMP(day) + INTERVAL (h %% 86400) * 1000 + n MICROSECOND
      + INTERVAL h %% 36000 + 21600 SECOND AS made,
    {_one_of(TITLES, "(h DIV 16)")} AS title
  FROM (
    SELECT w.*, n.n, CRC32(CONCAT(w.id, '/', w.k, '/', n.n)) AS h
    FROM (
      SELECT x.*, IF(dense, 10, 2 + CRC32(CONCAT(id, '/', k)) %% 7) AS c
      FROM (
        SELECT p.id, d.n AS k, DATE %(first)s + INTERVAL d.n DAY AS day,
          DATE %(first)s + INTERVAL d.n DAY IN ('{DAY}', '{WRITTEN_DAY}') AS dense
        FROM bench_number d JOIN accounts_user p
        WHERE p.id {_PEOPLE} AND d.n >= %(begin)s AND d.n < %(end)s
      ) x
    ) w JOIN bench_number n ON n.n < w.c + (w.k %% 10 = 0)
  ) v
) u ORDER BY 3"""

_TEXT = "오늘은 생각보다 많은 일을 했다. A quiet day, all in all. "
DIARIES = f"""
INSERT INTO diaries_diary (created_at, updated_at, id, date, body, emoji, temperature, color,
  visibility, is_draft, owner_id)
SELECT made, made, {_uuid7("diary", "id, '-', day", "made")}, day,
  REPEAT('{_TEXT}', 2 + h %% 10), {_one_of(MOODS, "h")}, h %% 101, '#FF8800',
  {_one_of(_VISIBILITIES, "h")}, 0, id
FROM (
  SELECT p.id, CRC32(CONCAT(p.id, '=', d.n)) AS h, DATE %(first)s + INTERVAL d.n DAY AS day,
    TIMESTAMP(DATE %(first)s + INTERVAL d.n DAY) + INTERVAL 80000 + p.id %% 6000 SECOND
      + INTERVAL 654321 MICROSECOND AS made
  FROM bench_number d JOIN accounts_user p
  WHERE p.id {_PEOPLE} AND d.n >= %(begin)s AND d.n < %(end)s
) u WHERE day = '{DAY}' OR (day < '{DAY}' AND h %% 10 < 6) ORDER BY 3"""

# On the last 60 days, each from one or two people; on DAY always for three todos and the diary.
_RECENT = f"owner_id {_PEOPLE} AND date BETWEEN '{DAY}' - INTERVAL 60 DAY AND '{DAY}'"
CHEERS = f"""
INSERT INTO cheers_cheer (created_at, updated_at, id, emoji, todo_id, diary_id, owner_id,
  target_owner_id)
SELECT made, made, {_uuid7("cheer", "HEX(target), '-', n.n", "made")},
  {_one_of(EMOJI, "(n.n + position)")}, IF(is_todo, target, NULL), IF(is_todo, NULL, target),
  {_OTHERS}, u.id
FROM (
  SELECT id AS target, owner_id AS id, position, created_at + INTERVAL 5 HOUR AS made, date,
    1 AS is_todo
  FROM todos_todo WHERE {_RECENT} AND position < 3
  UNION ALL
  SELECT id, owner_id, 0, created_at + INTERVAL 5 HOUR, date, 0
  FROM diaries_diary WHERE {_RECENT}
) u JOIN bench_number n ON n.n < 2
WHERE IF(date = '{DAY}', n.n <= position, CRC32(CONCAT(HEX(target), n.n)) %% 5 = 0) ORDER BY 3"""

PERSON = (USERS, PROFILES, FOLLOWS, ALARMS, GOALS, QUICK_INPUTS)
