"""Noah, who writes a thesis in Melbourne, learns Korean, bakes and plans a surprise."""

from todomate.demo.people import JUNE, MINA, NOAH
from todomate.demo.script import DAILY, WEEKDAYS, Diary, Goal, Person, QuickInput, Todo

KOREAN = Goal(
    title="Korean 🇰🇷",
    color="#00B4D8",
    visibility="public",
    todos=(
        Todo(
            -28, "Order the grammar book", memo="The yellow one that Mina used to teach her cousin."
        ),
        Todo(-25, "Learn the numbers, both kinds", cheers={MINA: "💯"}),
        Todo(-19, "Write five sentences about the weather", cheers={JUNE: "☔"}),
        Todo(-15, "Watch one episode without subtitles", done=False),
        Todo(-13, "Watch one episode with Korean subtitles", cheers={MINA: "👏", JUNE: "📺"}),
        Todo(
            -8, "받침 발음 연습하기", memo="읽다, 앉다, 닭… why is it 'dak'?", cheers={MINA: "😂"}
        ),
        Todo(-3, "Call Mina, half an hour in Korean", at="20:00", cheers={MINA: "💛"}),
        Todo(0, "Write today's diary in Korean", cheers={MINA: "✍️", JUNE: "💪"}),
        Todo(4, "Mock TOPIK reading test", at="10:00"),
        Todo(9, "Wish Mina good luck before her race", at="08:00"),
    ),
    quick_inputs=(QuickInput("Twenty flash cards on the tram", DAILY, at="08:10"),),
    archive=("Find a language exchange near campus",),
)

THESIS = Goal(
    title="Thesis",
    color="#3A5A40",
    visibility="followers",
    todos=(
        Todo(-27, "Send chapter two to Dr. Okafor"),
        Todo(
            -23,
            "Clean the river gauge data",
            memo="Station 14 reports Fahrenheit in March. Of course it does.",
        ),
        Todo(-20, "Redraw figure 2.3", cheers={MINA: "📈"}),
        Todo(-16, "Supervision meeting", at="11:00"),
        Todo(-14, "Rewrite the introduction, shorter", cheers={JUNE: "✂️"}),
        Todo(-11, "Book the lab for the sediment samples"),
        Todo(-7, "Sediment samples, all forty", at="09:00", cheers={MINA: "😮", JUNE: "👏"}),
        Todo(-5, "Back up everything twice"),
        Todo(-1, "Two pages on flood memory", done=False, cheers={MINA: "🌊"}),
        Todo(0, "Finish the two pages on flood memory", at="14:00"),
        Todo(1, "Supervision meeting", at="11:00", memo="Ask about the conference money."),
        Todo(
            6, "Abstract for the Seoul conference", memo="300 words, due at midnight, Seoul time!"
        ),
    ),
    quick_inputs=(QuickInput("Write before opening email, 45 minutes", WEEKDAYS, at="09:00"),),
    archive=("Read the Nakdong delta paper again", "Tidy the reference manager"),
)

KITCHEN = Goal(
    title="Kitchen",
    color="#E07A5F",
    visibility="public",
    todos=(
        Todo(-24, "Wake the sourdough starter", cheers={JUNE: "🍞"}),
        Todo(-22, "First loaf (a brick, but ours)", cheers={MINA: "🧱", JUNE: "😂"}),
        Todo(-18, "Second loaf, longer proof"),
        Todo(
            -12,
            "Kimchi, one small jar",
            memo="Less fish sauce than the video says.",
            cheers={MINA: "🌶️", JUNE: "👍"},
        ),
        Todo(-9, "Kimchi stew with the new jar", at="18:30"),
        Todo(-4, "Loaf number five, open crumb at last", cheers={MINA: "🍞", JUNE: "😍"}),
        Todo(0, "Feed the starter", done=True),
        Todo(2, "Bake for the neighbours", at="10:00"),
    ),
    quick_inputs=(QuickInput("Feed the starter", ("mon", "thu"), at="19:00"),),
)

HOUSE = Goal(
    title="House and garden",
    color="#84A98C",
    visibility="private",
    todos=(
        Todo(-26, "Fix the drip under the sink"),
        Todo(-21, "Plant the tomatoes", memo="Against the north wall, where it is warm."),
        Todo(-10, "Stake the tomatoes"),
        Todo(-6, "Return the neighbour's ladder", done=False),
        Todo(-2, "Return the ladder, with bread"),
        Todo(0, "Water the tomatoes before the heat", at="07:30", done=True),
        Todo(3, "Pay the power bill"),
        Todo(7, "Mow the lawn", at="09:30"),
    ),
    archive=("Paint the back fence",),
)

SURPRISE = Goal(
    title="Surprise for Mina 🤫",
    color="#F28482",
    visibility="selected",
    viewers=(JUNE,),
    todos=(
        Todo(-17, "Look at flights to Seoul", cheers={JUNE: "✈️"}),
        Todo(
            -10, "Book the flight", memo="Lands the evening before the race.", cheers={JUNE: "🎉"}
        ),
        Todo(-2, "Ask June where the finish line is", cheers={JUNE: "🏁"}),
        Todo(0, "Make the banner: 미나야 달려!"),
        Todo(8, "Fly to Seoul", at="09:40"),
    ),
)

DIARIES = (
    Diary(
        -27,
        "📮",
        58,
        "followers",
        "Chapter two is in the post, so to speak. I celebrated by sleeping.",
    ),
    Diary(
        -22,
        "🧱",
        70,
        "public",
        "My first loaf could hold a door open. I ate three slices anyway, with too much butter, "
        "standing up.",
        color="#E07A5F",
        cheers={MINA: "🧱", JUNE: "🍞"},
    ),
    Diary(
        -19,
        "🌧️",
        48,
        "public",
        "오늘은 비가 왔어요. 우산이 없었어요. 그래도 기분이 좋아요. (Mina, is 기분이 right here?)",
        cheers={MINA: "💯", JUNE: "👏"},
    ),
    Diary(
        -16, "😬", 35, "private", "She said 'promising' four times and 'but' five times. I counted."
    ),
    Diary(
        -12,
        "🌶️",
        76,
        "followers",
        "The whole flat smells of garlic and I regret nothing. The jar hisses at me when I walk "
        "past.",
        cheers={MINA: "😂"},
    ),
    Diary(
        -10,
        "🤫",
        94,
        "selected",
        "Booked. June knows, Mina doesn't. I am terrible at secrets.",
        viewers=(JUNE,),
        cheers={JUNE: "🤫"},
    ),
    Diary(
        -7,
        "🧪",
        68,
        "followers",
        "Forty samples, forty labels, one very long day. The oldest mud smells like the sea.",
        cheers={JUNE: "👏"},
    ),
    Diary(
        -4,
        "🍞",
        90,
        "public",
        "Holes! Proper, shiny, uneven holes! I have shown the bread to everyone on this floor.",
        color="#E07A5F",
        cheers={MINA: "🍞", JUNE: "😍"},
    ),
    Diary(
        -3,
        "💛",
        88,
        "followers",
        "Half an hour with Mina, all in Korean. I said I was a 'warm person' when I meant I was "
        "hot. She was kind.",
        cheers={MINA: "💛"},
    ),
    Diary(
        -1,
        "🌊",
        52,
        "private",
        "Wrote one page instead of two. The page is good, though. I'll take the page.",
    ),
    Diary(
        0,
        "🍅",
        72,
        "public",
        "The tomatoes are taller than the fence. 토마토가 많이 컸어요!",
        cheers={MINA: "🍅"},
    ),
)

PERSON = Person(
    sign_in=NOAH,
    profile={
        "bio": "Rivers by day, bread by night. 한국어 배우는 중!",
        "timezone": "Australia/Melbourne",
        "locale": "en",
        "week_starts_on": "mon",
        "is_open": True,
    },
    goals=(KOREAN, THESIS, KITCHEN, HOUSE, SURPRISE),
    diaries=DIARIES,
    alarms={"08:00": True, "21:30": False},
)
