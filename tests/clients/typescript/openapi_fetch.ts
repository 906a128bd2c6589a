// The scenario with openapi-typescript and openapi-fetch. Arguments: see tests/clients/__main__.py.
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";
import { arguments_, check, checkPicture, newId, readPhoto, step } from "./support";

type Problem = components["schemas"]["Problem"];
const { address, laterAddress, email, password, day, photo } = arguments_();

// Every operation answers with data or with a problem; neither is an exception.
function unwrap<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data as T;
}

let access = "";
const signedIn: Middleware = {
  onRequest({ request }) {
    if (access !== "") request.headers.set("Authorization", `Bearer ${access}`);
    return request;
  },
};

async function main(): Promise<void> {
  const api = createClient<paths>({ baseUrl: address });
  api.use(signedIn);

  const signUp = { email: `${newId()}@example.com`, password: "quiet rivers run deep", nickname: "Fetch" };
  const newcomer = unwrap(
    await api.POST("/api/v1/auth/signup/", {
      body: { ...signUp, id: null, handle: null, timezone: null, locale: null, device: null, device_id: null },
    }),
  );
  check("user" in newcomer && newcomer.user.nickname === "Fetch", newcomer);
  step("sign up");

  const first = unwrap(await api.POST("/api/v1/auth/token/", { body: { email, password, device: "Scenario" } }));
  step("sign in");
  access = unwrap(await api.POST("/api/v1/auth/token/refresh/", { body: { refresh: first.refresh } })).access;
  const me = unwrap(await api.GET("/api/v1/me/"));
  check(me.email === email, me);
  step("refresh");

  const followers = unwrap(await api.GET("/api/v1/users/{id}/followers/", { params: { path: { id: me.id } } }));
  const viewers = followers.results.slice(0, 1).map((person) => person.id);
  const newGoal = { id: newId(), title: "Swim", color: null, visibility: "selected" as const, viewers, state: null };
  const goal = unwrap(await api.POST("/api/v1/goals/", { body: newGoal }));
  const again = await api.POST("/api/v1/goals/", { body: newGoal });
  check(again.response.status === 200 && again.data?.created_at === goal.created_at, again);
  check(goal.viewers?.length === 1, goal);
  step("create a goal");

  const newTodo = {
    id: newId(), goal: goal.id, title: "Twenty lanes", memo: null, date: day, time: "07:30", is_done: null, done_at: null,
  };
  const todo = unwrap(await api.POST("/api/v1/todos/", { body: newTodo }));
  check(todo.time === "07:30" && !todo.is_done, todo);
  check((await api.POST("/api/v1/todos/", { body: newTodo })).response.status === 200, todo);
  step("create a todo");

  const oneGoal = { path: { id: goal.id } };
  const renamed = unwrap(await api.PATCH("/api/v1/goals/{id}/", { params: oneGoal, body: { title: "Swimming" } }));
  check(renamed.title === "Swimming" && renamed.viewers?.length === 1, renamed);
  step("rename the goal");

  const oneTodo = { path: { id: todo.id } };
  const done = unwrap(await api.PATCH("/api/v1/todos/{id}/", { params: oneTodo, body: { is_done: true } }));
  check(done.is_done && done.done_at !== null && done.date === day, done);
  step("check the todo");

  // TypeScript can say null, so it needs no `clear`.
  const timeless = unwrap(await api.PATCH("/api/v1/todos/{id}/", { params: oneTodo, body: { time: null } }));
  check(timeless.time === null && timeless.date === day, timeless);
  step("clear its time");

  const archived = unwrap(await api.PATCH("/api/v1/todos/{id}/", { params: oneTodo, body: { date: null } }));
  check(archived.date === null, archived);
  step("archive the todo");

  for (const title of ["one", "two", "three"]) {
    unwrap(await api.POST("/api/v1/todos/", { body: { id: newId(), goal: goal.id, title, date: day } }));
  }
  const titles: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { goal: goal.id, page_size: 2, cursor };
    const page = unwrap(await api.GET("/api/v1/todos/", { params: { query } }));
    titles.push(...page.results.map((row) => row.title));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  check(titles.join() === "one,two,three", titles);
  step("page through todos");

  const today = unwrap(await api.GET("/api/v1/days/{date}/", { params: { path: { date: day } } }));
  check(today.date === day, today);
  step("read a day");
  const month = unwrap(await api.GET("/api/v1/calendar/", { params: { query: { month: day.slice(0, 7) } } }));
  check(month.days.some((one) => one.date === day), month);
  step("read a month");

  const diary = unwrap(
    await api.POST("/api/v1/diaries/", {
      body: { id: newId(), date: day, body: "물이 따뜻했다", emoji: "😀", temperature: null, color: null, visibility: null },
    }),
  );
  check(diary.body === "물이 따뜻했다", diary);
  step("write a diary");

  const uploaded = unwrap(
    await api.PUT("/api/v1/photos/{id}/", {
      params: { path: { id: newId() } },
      headers: { "Content-Type": "image/jpeg" },
      body: readPhoto(photo) as unknown as string,
      bodySerializer: (body) => body,
    }),
  );
  check(uploaded.width === 640 && !uploaded.used, uploaded);
  step("upload a photo");
  const params = { path: { id: diary.id } };
  const photos = [{ id: uploaded.id, alt: "The sea" }];
  unwrap(await api.PATCH("/api/v1/diaries/{id}/", { params, body: { photos } }));
  const [shown] = unwrap(await api.GET("/api/v1/diaries/{id}/", { params })).photos;
  check(shown?.id === uploaded.id && shown.alt === "The sea", shown);
  await checkPicture(shown.url);
  step("show it in the diary");

  const cheer = unwrap(
    await api.PUT("/api/v1/cheers/diaries/{id}/", { params: { path: { id: diary.id } }, body: { emoji: "👏" } }),
  );
  check(cheer.emoji === "👏", cheer);
  step("cheer");

  const refused = await api.POST("/api/v1/goals/", { body: { title: "" } });
  check(refused.error?.status === 400 && refused.error.errors?.[0]?.field === "title", refused);
  const missing = await api.GET("/api/v1/todos/{id}/", { params: { path: { id: newId() } } });
  check(missing.error?.code === "not_found", missing);
  step("typed errors");

  const search = () => api.GET("/api/v1/users/", { params: { query: { q: "mina" } } });
  let found = await search();
  for (let more = 20; more > 0 && found.error === undefined; more--) found = await search();
  check(found.error?.status === 429 && Number(found.response.headers.get("Retry-After")) > 0, found);
  step("too many requests");

  const later = createClient<paths>({ baseUrl: laterAddress });
  later.use(signedIn);
  const goals = unwrap(await later.GET("/api/v1/goals/"));
  const visibility: string = goals.results[0]?.visibility ?? "";
  check(visibility === "added_later", goals);
  check(unwrap(await later.GET("/api/v1/me/")).id === me.id, me);
  const unknown = await later.GET("/api/v1/todos/{id}/", { params: { path: { id: newId() } } });
  check(unknown.error?.status === 404 && unknown.error.code === "added_later", unknown);
  step("a later release");
}

void main();
