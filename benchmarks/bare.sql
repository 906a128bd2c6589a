-- The statements of the bare function, each below its name: the least that answers a request.
-- Tables, joins, conditions, order and locks are those of the project's statements.

-- name: session
SELECT s.user_id, u.uuid, p.handle, p.nickname, p.avatar, p.timezone, p.day_starts_at, u.is_active,
  u.is_staff, u.is_superuser, p.user_id, p.week_starts_on, p.locale, p.is_private
FROM accounts_session s
  INNER JOIN accounts_user u ON s.user_id = u.id
  LEFT OUTER JOIN accounts_profile p ON u.id = p.user_id
WHERE s.ends_at > %(now)s AND u.is_active = TRUE AND s.id = %(session)s

-- name: list
SELECT t.id, t.goal_id, t.title, t.memo, t.date, t.time, t.position, t.is_done, t.done_at,
  t.quick_input_id, t.offered_on, t.photo_id, t.created_at, t.updated_at, u.uuid, p.handle,
  p.nickname, p.avatar, t.owner_id
FROM todos_todo t
  INNER JOIN accounts_user u ON t.owner_id = u.id
  LEFT OUTER JOIN accounts_profile p ON u.id = p.user_id
WHERE t.date IS NOT NULL AND t.owner_id = %(viewer)s AND t.date = %(date)s
ORDER BY t.date, t.position, t.id LIMIT 51

-- name: todos of day
SELECT id, goal_id, title, memo, date, time, position, is_done, done_at, quick_input_id, offered_on,
  photo_id, created_at, updated_at, owner_id
FROM todos_todo WHERE owner_id = %(viewer)s AND date = %(date)s ORDER BY date, position, id

-- name: diary of day
SELECT id, date, body, emoji, temperature, color, visibility, is_draft, published_at,
  allows_comments, place, latitude, longitude, photos_count, created_at, updated_at, owner_id
FROM diaries_diary WHERE owner_id = %(viewer)s AND date = %(date)s

-- name: viewers of diaries
SELECT v.diary_id, u.uuid, p.handle, p.nickname, p.avatar
FROM diaries_diary_viewers v
  INNER JOIN accounts_follow f ON v.follow_id = f.id
  INNER JOIN accounts_user u ON f.follower_id = u.id
  LEFT OUTER JOIN accounts_profile p ON u.id = p.user_id
WHERE v.diary_id IN %(diaries)s

-- name: goals of day
SELECT id, title, color, visibility, position, state, created_at, updated_at, owner_id
FROM goals_goal
WHERE owner_id = %(viewer)s AND (state = 'active' OR id IN (
  SELECT t.goal_id FROM todos_todo t WHERE t.owner_id = %(viewer)s AND t.date = %(date)s))
ORDER BY position, id

-- name: viewers of goals
SELECT v.goal_id, u.uuid, p.handle, p.nickname, p.avatar
FROM goals_goal_viewers v
  INNER JOIN accounts_follow f ON v.follow_id = f.id
  INNER JOIN accounts_user u ON f.follower_id = u.id
  LEFT OUTER JOIN accounts_profile p ON u.id = p.user_id
WHERE v.goal_id IN %(goals)s

-- name: quick inputs of day
SELECT q.id, q.goal_id, q.title, q.weekdays, q.time, q.starts_on, q.ends_on, q.owner_id,
  q.created_at, q.updated_at
FROM todos_quickinput q INNER JOIN goals_goal g ON q.goal_id = g.id
WHERE q.owner_id = %(viewer)s AND (q.ends_on IS NULL OR q.ends_on >= %(date)s)
  AND g.state = 'active' AND q.starts_on <= %(date)s

-- name: quick inputs used
(SELECT quick_input_id, offered_on FROM todos_todo
WHERE offered_on >= %(date)s AND offered_on <= %(date)s AND quick_input_id IN %(quick_inputs)s)
UNION ALL
(SELECT quick_input_id, date FROM todos_dismissal
WHERE quick_input_id IN %(quick_inputs)s AND date >= %(date)s AND date <= %(date)s)

-- name: alarms
SELECT id, time, is_on, created_at, updated_at
FROM accounts_alarm WHERE owner_id = %(viewer)s ORDER BY time

-- name: cheers of day
SELECT c.todo_id, c.diary_id, c.emoji, COUNT(c.id) AS count,
  COUNT(CASE WHEN c.owner_id = %(viewer)s THEN c.id ELSE NULL END) > 0
FROM cheers_cheer c INNER JOIN accounts_user u ON c.owner_id = u.id
WHERE NOT (u.is_active = FALSE)
  AND NOT (
    EXISTS(SELECT 1 FROM accounts_block b
      WHERE b.blocked_id = c.owner_id AND b.blocker_id = %(viewer)s LIMIT 1)
    OR EXISTS(SELECT 1 FROM accounts_block b
      WHERE b.blocked_id = %(viewer)s AND b.blocker_id = c.owner_id LIMIT 1))
  AND (c.todo_id IN %(todos)s OR c.diary_id IN %(diaries)s)
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 3

-- name: todos of month
SELECT t.date, t.goal_id, COUNT(t.id),
  COUNT(CASE WHEN t.is_done = TRUE THEN t.id ELSE NULL END)
FROM todos_todo t INNER JOIN goals_goal g ON t.goal_id = g.id
WHERE t.owner_id = %(viewer)s AND t.date >= %(first)s AND t.date <= %(last)s
GROUP BY 1, 2, g.position ORDER BY 1, g.position, t.goal_id

-- name: diaries of month
SELECT date, id, emoji FROM diaries_diary
WHERE owner_id = %(viewer)s AND date >= %(first)s AND date <= %(last)s

-- name: cheers of month
(SELECT t.date, COUNT(c.id)
FROM cheers_cheer c INNER JOIN accounts_user u ON c.owner_id = u.id
  INNER JOIN todos_todo t ON c.todo_id = t.id
WHERE NOT (u.is_active = FALSE)
  AND NOT (
    EXISTS(SELECT 1 FROM accounts_block b
      WHERE b.blocked_id = c.owner_id AND b.blocker_id = %(viewer)s LIMIT 1)
    OR EXISTS(SELECT 1 FROM accounts_block b
      WHERE b.blocked_id = %(viewer)s AND b.blocker_id = c.owner_id LIMIT 1))
  AND t.date BETWEEN %(first)s AND %(last)s AND t.owner_id = %(viewer)s
GROUP BY 1 ORDER BY NULL)
UNION ALL
(SELECT d.date, COUNT(c.id)
FROM cheers_cheer c INNER JOIN accounts_user u ON c.owner_id = u.id
  INNER JOIN diaries_diary d ON c.diary_id = d.id
WHERE NOT (u.is_active = FALSE)
  AND NOT (
    EXISTS(SELECT 1 FROM accounts_block b
      WHERE b.blocked_id = c.owner_id AND b.blocker_id = %(viewer)s LIMIT 1)
    OR EXISTS(SELECT 1 FROM accounts_block b
      WHERE b.blocked_id = %(viewer)s AND b.blocker_id = c.owner_id LIMIT 1))
  AND d.date BETWEEN %(first)s AND %(last)s AND d.owner_id = %(viewer)s
GROUP BY 1 ORDER BY NULL)

-- name: lock todo
SELECT id, goal_id, title, memo, date, time, position, is_done, done_at, quick_input_id, offered_on,
  photo_id, created_at, updated_at, owner_id, title_folded
FROM todos_todo WHERE owner_id = %(viewer)s AND id = %(todo)s FOR UPDATE

-- name: set done
UPDATE todos_todo SET is_done = %(done)s, done_at = %(done_at)s, updated_at = %(now)s
WHERE id = %(todo)s

-- name: owner of id
SELECT 'accounts.Session', user_id FROM accounts_session WHERE id = %(id)s
UNION ALL SELECT 'accounts.User', id FROM accounts_user WHERE uuid = %(id)s
UNION ALL SELECT 'accounts.Tombstone', owner_id FROM accounts_tombstone WHERE id = %(id)s
UNION ALL SELECT 'accounts.Alarm', owner_id FROM accounts_alarm WHERE id = %(id)s
UNION ALL SELECT 'goals.Goal', owner_id FROM goals_goal WHERE id = %(id)s
UNION ALL SELECT 'todos.QuickInput', owner_id FROM todos_quickinput WHERE id = %(id)s
UNION ALL SELECT 'todos.Todo', owner_id FROM todos_todo WHERE id = %(id)s
UNION ALL SELECT 'diaries.Diary', owner_id FROM diaries_diary WHERE id = %(id)s
UNION ALL SELECT 'cheers.Cheer', owner_id FROM cheers_cheer WHERE id = %(id)s

-- name: goal
SELECT state, created_at, updated_at, id, owner_id, title, color, visibility, position
FROM goals_goal WHERE owner_id = %(viewer)s AND id = %(goal)s

-- name: lock profile
SELECT user_id FROM accounts_profile WHERE user_id = %(viewer)s FOR UPDATE

-- name: room on day
SELECT COUNT(id), MAX(position) FROM todos_todo
WHERE owner_id = %(viewer)s AND date = %(date)s GROUP BY owner_id ORDER BY NULL

-- name: insert todo
INSERT INTO todos_todo (created_at, updated_at, id, owner_id, goal_id, title, title_folded, memo,
  date, time, position, is_done, done_at, quick_input_id, offered_on, photo_id)
VALUES (%(now)s, %(now)s, %(id)s, %(viewer)s, %(goal)s, %(title)s, %(title_folded)s, '', %(date)s,
  NULL, %(position)s, FALSE, NULL, NULL, NULL, NULL)
