// The scenario with the Kotlin clients. Arguments: see tests/clients/__main__.py.
package todomate.client.scenario

import java.io.File
import java.net.URL
import java.security.SecureRandom
import java.time.LocalDate
import java.util.UUID
import todomate.client.apis.ArchiveApi
import todomate.client.apis.AuthApi
import todomate.client.apis.CalendarApi
import todomate.client.apis.CheersApi
import todomate.client.apis.DaysApi
import todomate.client.apis.DiariesApi
import todomate.client.apis.GoalsApi
import todomate.client.apis.MeApi
import todomate.client.apis.PhotosApi
import todomate.client.apis.TodosApi
import todomate.client.apis.UsersApi
import todomate.client.infrastructure.ApiClient
import todomate.client.infrastructure.ClientError
import todomate.client.infrastructure.ClientException
import todomate.client.models.DiaryUpdate
import todomate.client.models.GoalUpdate
import todomate.client.models.NamedPhoto
import todomate.client.models.NewCheer
import todomate.client.models.NewDiary
import todomate.client.models.NewGoal
import todomate.client.models.NewTodo
import todomate.client.models.Problem
import todomate.client.models.SignIn
import todomate.client.models.SignUp
import todomate.client.models.TodoUpdate
import todomate.client.models.TodoUpdateClear
import todomate.client.models.TokenRefresh
import todomate.client.models.VisibilityLevel

fun main(arguments: Array<String>) {
    val (address, laterAddress, email, password, day) = arguments
    val date = LocalDate.parse(day)
    configure()
    val auth = AuthApi(address)
    val goals = GoalsApi(address)
    val todos = TodosApi(address)

    val newcomer = auth.signUp(
        SignUp("${newId()}@example.com", "quiet rivers run deep", "Kotlin", timezone = null, locale = null),
    )
    check(newcomer.user.nickname == "Kotlin") { newcomer }
    step("sign up")

    val tokens = auth.signIn(SignIn(email, password, device = "Scenario"))
    step("sign in")
    ApiClient.accessToken = auth.refreshToken(TokenRefresh(tokens.refresh)).access
    val me = MeApi(address).getMe()
    check(me.email == email) { me }
    step("refresh")

    val follower = UsersApi(address).listFollowers(me.id).results.first()
    val newGoal = NewGoal(
        id = newId(),
        title = "Swim",
        color = null,
        visibility = VisibilityLevel.selected,
        viewers = listOf(follower.id),
        state = null,
    )
    val goal = goals.createGoal(newGoal)
    check(goal.viewers?.map { it.id } == listOf(follower.id)) { goal }
    check(goals.createGoal(newGoal).createdAt == goal.createdAt)
    step("create a goal")

    val newTodo = NewTodo(
        id = newId(),
        goal = goal.id,
        title = "Twenty lanes",
        memo = null,
        date = date,
        time = "07:30",
        isDone = null,
        doneAt = null,
    )
    val todo = todos.createTodo(newTodo)
    check(todo.time == "07:30" && !todo.isDone) { todo }
    check(todos.createTodo(newTodo).createdAt == todo.createdAt)
    step("create a todo")

    val renamed = goals.updateGoal(goal.id, GoalUpdate(title = "Swimming"))
    check(renamed.title == "Swimming" && renamed.viewers?.size == 1) { renamed }
    step("rename the goal")

    val done = todos.updateTodo(todo.id, TodoUpdate(isDone = true))
    check(done.isDone && done.doneAt != null && done.date == date) { done }
    step("check the todo")

    val timeless = todos.updateTodo(todo.id, TodoUpdate(clear = listOf(TodoUpdateClear.time)))
    check(timeless.time == null && timeless.date == date) { timeless }
    step("clear its time")

    val archived = ArchiveApi(address).archiveTodo(todo.id)
    check(archived.date == null) { archived }
    step("archive the todo")

    for (title in listOf("one", "two", "three")) {
        todos.createTodo(NewTodo(id = newId(), goal = goal.id, title = title, date = date))
    }
    val titles = mutableListOf<String>()
    var cursor: String? = null
    do {
        val page = todos.listTodos(cursor, pageSize = 2, goal = goal.id)
        titles += page.results.map { it.title }
        cursor = page.nextCursor
    } while (cursor != null)
    check(titles == listOf("one", "two", "three")) { titles }
    step("page through todos")

    check(DaysApi(address).getDay(date).date == date)
    step("read a day")
    val month = CalendarApi(address).getCalendar(month = day.take(7))
    check(month.days.any { it.date == date }) { month }
    step("read a month")

    val diaries = DiariesApi(address)
    val diary = diaries.createDiary(
        NewDiary(id = newId(), date = date, body = "물이 따뜻했다", emoji = "😀", temperature = null, color = null),
    )
    check(diary.body == "물이 따뜻했다") { diary }
    step("write a diary")

    val uploaded = PhotosApi(address, uploads).uploadPhoto(newId(), File(arguments[5]))
    check(uploaded.width == 640L && !uploaded.used) { uploaded }
    step("upload a photo")
    diaries.updateDiary(diary.id, DiaryUpdate(photos = listOf(NamedPhoto(uploaded.id, "The sea"))))
    val shown = diaries.getDiary(diary.id).photos.single()
    check(shown.id == uploaded.id && shown.alt == "The sea") { shown }
    // An image view does this: without a token.
    val picture = URL(shown.url.toString()).readBytes()
    check(String(picture, 8, 4) == "WEBP") { picture.size }
    step("show it in the diary")

    val cheer = CheersApi(address).cheerDiary(diary.id, NewCheer("👏"))
    check(cheer.emoji == "👏") { cheer }
    step("cheer")

    val refused = problem { goals.createGoal(NewGoal("")) }
    check(refused.status == 400 && refused.errors?.first()?.field == "title") { refused }
    val missing = problem { todos.getTodo(newId()) }
    check(missing.code == "not_found") { missing }
    step("typed errors")

    val limited = clientError { repeat(20) { UsersApi(address).listUsers(q = "mina") } }
    check(limited.statusCode == 429 && readProblem(limited.body as String).status == 429) { limited }
    check(limited.headers["Retry-After"]!!.single().toInt() > 0) { limited.headers }
    step("too many requests")

    val page = GoalsApi(laterAddress).listGoals()
    check(isUnknown(page.results.first().visibility)) { page }
    check(MeApi(laterAddress).getMe().id == me.id)
    val unknown = problem { TodosApi(laterAddress).getTodo(newId()) }
    check(unknown.status == 404 && unknown.code == "added_later") { unknown }
    step("a later release")

    // The idle connections of OkHttp would keep the program for five minutes.
    ApiClient.defaultClient.connectionPool.evictAll()
}

/** Return the problem that a call is answered with. */
private fun problem(call: () -> Any): Problem = readProblem(clientError(call).body as String)

private fun clientError(call: () -> Any): ClientError<*> =
    try {
        error("no problem but ${call()}")
    } catch (exception: ClientException) {
        exception.response as ClientError<*>
    }

/** The generated code sends the bytes of a photo, but says that they are JSON. */
private val uploads = ApiClient.defaultClient.newBuilder().addNetworkInterceptor { chain ->
    chain.proceed(chain.request().newBuilder().header("Content-Type", "image/jpeg").build())
}.build()

private fun step(name: String) = println("step: $name")

private val random = SecureRandom()

/** Return a UUID of version 7: milliseconds, then random bits. */
private fun newId(): UUID {
    val high = (System.currentTimeMillis() shl 16) or 0x7000L or (random.nextLong() and 0x0fffL)
    val low = (random.nextLong() ushr 2) or Long.MIN_VALUE
    return UUID(high, low)
}
