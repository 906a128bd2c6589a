import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import todomate.client.ApiClient;
import todomate.client.ApiException;
import todomate.client.api.ArchiveApi;
import todomate.client.api.AuthApi;
import todomate.client.api.CalendarApi;
import todomate.client.api.CheersApi;
import todomate.client.api.DaysApi;
import todomate.client.api.DiariesApi;
import todomate.client.api.GoalsApi;
import todomate.client.api.MeApi;
import todomate.client.api.PhotosApi;
import todomate.client.api.TodosApi;
import todomate.client.api.UsersApi;
import todomate.client.model.DiaryUpdate;
import todomate.client.model.GoalUpdate;
import todomate.client.model.NamedPhoto;
import todomate.client.model.NewCheer;
import todomate.client.model.NewDiary;
import todomate.client.model.NewGoal;
import todomate.client.model.NewTodo;
import todomate.client.model.Person;
import todomate.client.model.Problem;
import todomate.client.model.SignIn;
import todomate.client.model.SignUp;
import todomate.client.model.TodoUpdate;
import todomate.client.model.TodoUpdateClear;
import todomate.client.model.TokenRefresh;
import todomate.client.model.UploadedPhoto;
import todomate.client.model.VisibilityLevel;

/** The scenario with the Java client. Arguments: see tests/clients/__main__.py. */
final class Scenario {
  private static final ObjectMapper MAPPER = ApiClient.createDefaultObjectMapper();
  private static final SecureRandom RANDOM = new SecureRandom();
  private static String access;

  public static void main(String[] arguments) throws Exception {
    String email = arguments[2];
    String password = arguments[3];
    LocalDate day = LocalDate.parse(arguments[4]);
    ApiClient client = client(arguments[0]);
    AuthApi auth = new AuthApi(client);
    GoalsApi goals = new GoalsApi(client);
    TodosApi todos = new TodosApi(client);

    var newcomer = auth.signUp(new SignUp().email(newId() + "@example.com")
        .password("quiet rivers run deep").nickname("Java").handle(null).timezone(null)
        .locale(null).device(null));
    check(newcomer.getUser().getNickname().equals("Java"), newcomer);
    step("sign up");

    var tokens = auth.signIn(new SignIn().email(email).password(password).device("Scenario"));
    step("sign in");
    access = auth.refreshToken(new TokenRefresh().refresh(tokens.getRefresh())).getAccess();
    var me = new MeApi(client).getMe();
    check(me.getEmail().equals(email), me);
    step("refresh");

    Person follower =
        new UsersApi(client).listFollowers(me.getId(), null, null).getResults().get(0);
    NewGoal newGoal = new NewGoal().id(newId()).title("Swim").color(null)
        .visibility(VisibilityLevel.SELECTED).viewers(List.of(follower.getId()));
    var goal = goals.createGoal(newGoal);
    check(goal.getViewers().size() == 1, goal);
    check(goals.createGoal(newGoal).getCreatedAt().equals(goal.getCreatedAt()), goal);
    step("create a goal");

    NewTodo newTodo = new NewTodo().id(newId()).goal(goal.getId()).title("Twenty lanes")
        .memo(null).date(day).time("07:30").isDone(null).doneAt(null);
    var todo = todos.createTodo(newTodo);
    check("07:30".equals(todo.getTime()) && !todo.getIsDone(), todo);
    check(todos.createTodo(newTodo).getCreatedAt().equals(todo.getCreatedAt()), todo);
    step("create a todo");

    var renamed = goals.updateGoal(goal.getId(), new GoalUpdate().title("Swimming"));
    check(renamed.getTitle().equals("Swimming") && renamed.getViewers().size() == 1, renamed);
    step("rename the goal");

    var done = todos.updateTodo(todo.getId(), new TodoUpdate().isDone(true));
    check(done.getIsDone() && done.getDoneAt() != null && day.equals(done.getDate()), done);
    step("check the todo");

    // This client leaves out what is null.
    var timeless =
        todos.updateTodo(todo.getId(), new TodoUpdate().addClearItem(TodoUpdateClear.TIME));
    check(timeless.getTime() == null && day.equals(timeless.getDate()), timeless);
    step("clear its time");

    var archived = new ArchiveApi(client).archiveTodo(todo.getId());
    check(archived.getDate() == null, archived);
    step("archive the todo");

    for (String title : List.of("one", "two", "three")) {
      todos.createTodo(new NewTodo().id(newId()).goal(goal.getId()).title(title).date(day));
    }
    List<String> titles = new ArrayList<>();
    String cursor = null;
    do {
      var page = todos.listTodos(
          cursor, 2, null, null, null, null, goal.getId(), null, null, null, null);
      page.getResults().forEach(row -> titles.add(row.getTitle()));
      cursor = page.getNextCursor();
    } while (cursor != null);
    check(titles.equals(List.of("one", "two", "three")), titles);
    step("page through todos");

    check(day.equals(new DaysApi(client).getDay(day, null).getDate()), day);
    step("read a day");
    String month = arguments[4].substring(0, 7);
    var calendar = new CalendarApi(client).getCalendar(null, month, null, null);
    check(calendar.getDays().stream().anyMatch(one -> one.getDate().equals(day)), calendar);
    step("read a month");

    DiariesApi diaries = new DiariesApi(client);
    var diary = diaries.createDiary(new NewDiary().id(newId()).date(day)
        .body("물이 따뜻했다").emoji("😀").temperature(null).color(null).visibility(null));
    check(diary.getBody().equals("물이 따뜻했다"), diary);
    step("write a diary");

    var uploaded = upload(client(arguments[0]), newId(), new File(arguments[5]));
    check(uploaded.getWidth() == 640 && !uploaded.getUsed(), uploaded);
    step("upload a photo");
    diaries.updateDiary(diary.getId(), new DiaryUpdate()
        .addPhotosItem(new NamedPhoto().id(uploaded.getId()).alt("The sea")));
    var shown = diaries.getDiary(diary.getId()).getPhotos().get(0);
    check(shown.getId().equals(uploaded.getId()) && shown.getAlt().equals("The sea"), shown);
    // An image view does this: without a token.
    var picture = HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(shown.getUrl()).build(), BodyHandlers.ofByteArray());
    String kind = new String(picture.body(), 8, 4, StandardCharsets.US_ASCII);
    check(picture.statusCode() == 200 && kind.equals("WEBP"), picture);
    step("show it in the diary");

    var cheer = new CheersApi(client).cheerDiary(diary.getId(), new NewCheer().emoji("👏"));
    check(cheer.getEmoji().equals("👏"), cheer);
    step("cheer");

    Problem refused = problem(() -> goals.createGoal(new NewGoal().title("")));
    check(refused.getStatus() == 400, refused);
    check(refused.getErrors().get(0).getField().equals("title"), refused);
    Problem missing = problem(() -> todos.getTodo(newId()));
    check(missing.getCode().equals("not_found"), missing);
    step("typed errors");

    ApiException limited = null;
    for (int more = 20; more > 0 && limited == null; more--) {
      try {
        new UsersApi(client).listUsers(null, null, "mina", null);
      } catch (ApiException error) {
        limited = error;
      }
    }
    check(limited != null && limited.getCode() == 429, limited);
    check(limited.getResponseHeaders().firstValueAsLong("Retry-After").orElse(0) > 0, limited);
    step("too many requests");

    ApiClient later = client(arguments[1]);
    var page = new GoalsApi(later).listGoals(null, null, null, null, null);
    VisibilityLevel visibility = page.getResults().get(0).getVisibility();
    check(visibility == VisibilityLevel.UNKNOWN_DEFAULT_OPEN_API, page);
    check(new MeApi(later).getMe().getId().equals(me.getId()), me);
    Problem unknown = problem(() -> new TodosApi(later).getTodo(newId()));
    check(unknown.getStatus() == 404 && unknown.getCode().equals("added_later"), unknown);
    step("a later release");
  }

  /** Upload a photo. The generated code writes the file's name as JSON: send its bytes instead. */
  private static UploadedPhoto upload(ApiClient client, UUID id, File photo) throws Exception {
    var bytes = HttpRequest.BodyPublishers.ofFile(photo.toPath());
    client.setRequestInterceptor(
        client.getRequestInterceptor().andThen(request -> request.PUT(bytes)));
    return new PhotosApi(client).uploadPhoto(id, photo);
  }

  private static ApiClient client(String address) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(address);
    client.setRequestInterceptor(request -> {
      if (access != null) {
        request.header("Authorization", "Bearer " + access);
      }
    });
    return client;
  }

  /** Return the problem that a call is answered with. */
  private static Problem problem(Callable<?> call) throws Exception {
    try {
      throw new AssertionError("no problem but " + call.call());
    } catch (ApiException error) {
      return MAPPER.readValue(error.getResponseBody(), Problem.class);
    }
  }

  private static void step(String name) {
    System.out.println("step: " + name);
  }

  private static void check(boolean holds, Object found) {
    if (!holds) {
      throw new AssertionError("unexpected: " + found);
    }
  }

  /** Return a UUID of version 7: milliseconds, then random bits. */
  private static UUID newId() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    ByteBuffer id = ByteBuffer.wrap(bytes);
    long high = System.currentTimeMillis() << 16 | 0x7000 | id.getLong(0) & 0x0fff;
    long low = id.getLong(8) & 0x3fffffffffffffffL | 0x8000000000000000L;
    return new UUID(high, low);
  }
}
