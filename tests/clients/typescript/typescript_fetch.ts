// The scenario with OpenAPI Generator's typescript-fetch. Arguments: see tests/clients/__main__.py.
import {
  ArchiveApi, AuthApi, CalendarApi, CheersApi, Configuration, DaysApi, DiariesApi, GoalsApi, MeApi, PhotosApi,
  ResponseError, TodosApi, UsersApi, VisibilityLevel, type Problem, ProblemFromJSON,
} from "./index";
import { arguments_, check, checkPicture, newId, readPhoto, step } from "./support";

const { address, laterAddress, email, password, day, photo } = arguments_();
let access = "";

function configuration(basePath: string): Configuration {
  return new Configuration({ basePath, accessToken: () => access });
}

// An answer of 400 or more is an exception; its body is a problem.
async function problemOf(call: Promise<unknown>): Promise<Problem> {
  try {
    throw new Error(`no problem but ${JSON.stringify(await call)}`);
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    return ProblemFromJSON(await error.response.json());
  }
}

async function main(): Promise<void> {
  const config = configuration(address);
  const auth = new AuthApi(new Configuration({ basePath: address }));
  const [goals, todos] = [new GoalsApi(config), new TodosApi(config)];
  const date = new Date(`${day}T00:00:00Z`);

  const signUp = { email: `${newId()}@example.com`, password: "quiet rivers run deep", nickname: "Fetch" };
  const newcomer = await auth.signUp({
    signUp: { ...signUp, id: null, handle: null, timezone: null, locale: null, device: null, deviceId: null },
  });
  check(newcomer.user.nickname === "Fetch", newcomer);
  step("sign up");

  const tokens = await auth.signIn({ signIn: { email, password, device: "Scenario" } });
  step("sign in");
  access = (await auth.refreshToken({ tokenRefresh: { refresh: tokens.refresh } })).access;
  const me = await new MeApi(config).getMe();
  check(me.email === email, me);
  step("refresh");

  const followers = await new UsersApi(config).listFollowers({ id: me.id });
  const viewers = followers.results.slice(0, 1).map((person) => person.id);
  const newGoal = { id: newId(), title: "Swim", color: null, visibility: VisibilityLevel.Selected, viewers, state: null };
  const goal = await goals.createGoal({ newGoal });
  check(goal.viewers?.length === 1, goal);
  check((await goals.createGoal({ newGoal })).createdAt.getTime() === goal.createdAt.getTime(), goal);
  step("create a goal");

  const newTodo = {
    id: newId(), goal: goal.id, title: "Twenty lanes", memo: null, date, time: "07:30", isDone: null, doneAt: null,
  };
  const todo = await todos.createTodo({ newTodo });
  check(todo.time === "07:30" && !todo.isDone, todo);
  check((await todos.createTodo({ newTodo })).createdAt.getTime() === todo.createdAt.getTime(), todo);
  step("create a todo");

  const renamed = await goals.updateGoal({ id: goal.id, goalUpdate: { title: "Swimming" } });
  check(renamed.title === "Swimming" && renamed.viewers?.length === 1, renamed);
  step("rename the goal");

  const done = await todos.updateTodo({ id: todo.id, todoUpdate: { isDone: true } });
  check(done.isDone && done.doneAt !== null && done.date?.getTime() === date.getTime(), done);
  step("check the todo");

  // It can say null, so it needs no `clear`.
  const timeless = await todos.updateTodo({ id: todo.id, todoUpdate: { time: null } });
  check(timeless.time === null && timeless.date !== null, timeless);
  step("clear its time");

  const archived = await new ArchiveApi(config).archiveTodo({ id: todo.id });
  check(archived.date === null, archived);
  step("archive the todo");

  for (const title of ["one", "two", "three"]) {
    await todos.createTodo({ newTodo: { id: newId(), goal: goal.id, title, date } });
  }
  const titles: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await todos.listTodos({ goal: goal.id, pageSize: 2, cursor });
    titles.push(...page.results.map((row) => row.title));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  check(titles.join() === "one,two,three", titles);
  step("page through todos");

  const oneDay = await new DaysApi(config).getDay({ date });
  check(oneDay.date.getTime() === date.getTime(), oneDay);
  step("read a day");
  const month = await new CalendarApi(config).getCalendar({ month: day.slice(0, 7) });
  check(month.days.some((one) => one.date.getTime() === date.getTime()), month);
  step("read a month");

  const diaries = new DiariesApi(config);
  const diary = await diaries.createDiary({
    newDiary: { id: newId(), date, body: "물이 따뜻했다", emoji: "😀", temperature: null, color: null, visibility: null },
  });
  check(diary.body === "물이 따뜻했다", diary);
  step("write a diary");

  const uploaded = await new PhotosApi(config).uploadPhoto({ id: newId(), body: readPhoto(photo) });
  check(uploaded.width === 640 && !uploaded.used, uploaded);
  step("upload a photo");
  await diaries.updateDiary({ id: diary.id, diaryUpdate: { photos: [{ id: uploaded.id, alt: "The sea" }] } });
  const [shown] = (await diaries.getDiary({ id: diary.id })).photos;
  check(shown?.id === uploaded.id && shown.alt === "The sea", shown);
  await checkPicture(shown.url);
  step("show it in the diary");

  const cheer = await new CheersApi(config).cheerDiary({ id: diary.id, newCheer: { emoji: "👏" } });
  check(cheer.emoji === "👏", cheer);
  step("cheer");

  const refused = await problemOf(goals.createGoal({ newGoal: { title: "" } }));
  check(refused.status === 400 && refused.errors?.[0]?.field === "title", refused);
  const missing = await problemOf(todos.getTodo({ id: newId() }));
  check(missing.code === "not_found", missing);
  step("typed errors");

  let wait = 0;
  const search = () => new UsersApi(config).listUsers({ q: "mina" });
  for (let more = 20; more > 0 && wait === 0; more--) {
    await search().catch((error: ResponseError) => {
      check(error.response.status === 429, error);
      wait = Number(error.response.headers.get("Retry-After"));
    });
  }
  check(wait > 0, wait);
  step("too many requests");

  const later = configuration(laterAddress);
  const page = await new GoalsApi(later).listGoals();
  const visibility: string = page.results[0]?.visibility ?? "";
  check(visibility === "added_later", page);
  check((await new MeApi(later).getMe()).id === me.id, me);
  const unknown = await problemOf(new TodosApi(later).getTodo({ id: newId() }));
  check(unknown.status === 404 && unknown.code === "added_later", unknown);
  step("a later release");
}

void main();
