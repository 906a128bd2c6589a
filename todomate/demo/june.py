"""June, a nurse who works shifts. Her day begins at five, and her account is private."""

from todomate.demo.people import JUNE, MINA, NOAH
from todomate.demo.script import DAILY, Diary, Goal, Person, QuickInput, Todo

HOSPITAL = Goal(
    title="병원",
    color="#577590",
    visibility="private",
    todos=(
        Todo(-28, "근무표 나온 것 달력에 옮기기"),
        Todo(-24, "신규 간호사 인계 노트 만들기", memo="약물 계산 예시는 지난번 것 말고 새로."),
        Todo(-21, "나이트 첫날", at="22:00"),
        Todo(-20, "나이트 둘째 날", at="22:00"),
        Todo(-19, "나이트 마지막 날", at="22:00"),
        Todo(-15, "심폐소생술 재교육 신청"),
        Todo(-11, "이브닝 근무", at="14:30"),
        Todo(-8, "병동 회의 때 말할 것 적어 가기", done=False),
        Todo(-5, "심폐소생술 재교육", at="13:00"),
        Todo(-2, "연차 쓸 날 수선생님께 말씀드리기"),
        Todo(0, "데이 근무", at="06:30", done=True),
        Todo(1, "데이 근무", at="06:30"),
        Todo(7, "나이트 첫날", at="22:00"),
        Todo(8, "나이트 둘째 날", at="22:00"),
    ),
    quick_inputs=(
        QuickInput("퇴근하면 신발부터 벗고 5분 눕기", ("mon", "tue", "wed", "thu", "fri", "sat")),
    ),
    archive=("압박 스타킹 새로 사기",),
)

BODY = Goal(
    title="내 몸 돌보기",
    color="#43AA8B",
    visibility="followers",
    todos=(
        Todo(-26, "치과 스케일링", at="11:00", cheers={MINA: "🦷"}),
        Todo(-22, "수영 등록", memo="새벽반 말고 오후 두 시 반!"),
        Todo(-18, "나이트 끝나고 여덟 시간 자기", cheers={MINA: "😴", NOAH: "😴"}),
        Todo(-16, "수영: 물에 뜨기", at="14:30", cheers={NOAH: "🏊"}),
        Todo(-13, "수영: 발차기", at="14:30"),
        Todo(-9, "수영: 자유형 25m", at="14:30", cheers={MINA: "🎉", NOAH: "👏"}),
        Todo(-6, "건강검진 예약 전화", done=False),
        Todo(-3, "건강검진 예약 전화 (이번엔 진짜)", cheers={MINA: "👍"}),
        Todo(-1, "반찬 네 가지 해 두기", memo="시금치, 멸치볶음, 계란장, 무생채"),
        Todo(0, "수영 50m 도전", at="16:30", cheers={MINA: "🔥"}),
        Todo(3, "건강검진", at="08:30", memo="전날 밤 열 시부터 금식"),
        Todo(5, "미나랑 대회 코스 걷기", at="10:00"),
    ),
    quick_inputs=(
        QuickInput("물 여섯 컵", DAILY),
        QuickInput("비타민 D", DAILY, at="20:00", starts=-14, ends=30),
    ),
)

CAT = Goal(
    title="고양이 보리",
    color="#F9C74F",
    visibility="public",
    todos=(
        Todo(-27, "보리 예방접종", at="10:30", cheers={NOAH: "🐱"}),
        Todo(-23, "스크래처 새로 들이기", memo="골판지 말고 삼줄로 감긴 것"),
        Todo(-17, "보리 몸무게 재기: 4.8kg", cheers={MINA: "🐈"}),
        Todo(-12, "캣타워 나사 조이기"),
        Todo(-10, "보리 생일 간식 상", cheers={MINA: "🎂", NOAH: "🎂"}),
        Todo(-4, "모래 주문"),
        Todo(-2, "발톱 깎기 (앞발만 성공)", cheers={MINA: "😂", NOAH: "😹"}),
        Todo(0, "사료 바꾸기 사흘째, 반반 섞기"),
        Todo(2, "뒷발톱 다시 도전"),
        Todo(8, "보리 치과 검진", at="11:00"),
    ),
    quick_inputs=(QuickInput("낚싯대 놀이 15분", DAILY, at="21:00"),),
    archive=("창가에 보리 해먹 달기",),
)

SCHOOL = Goal(
    title="대학원 준비",
    color="#9B5DE5",
    visibility="selected",
    viewers=(MINA,),
    todos=(
        Todo(-25, "모집 요강 출력해서 형광펜 긋기", cheers={MINA: "🖍️"}),
        Todo(-14, "연구계획서 첫 문단", memo="왜 중환자실인지부터 솔직하게"),
        Todo(-7, "추천서 부탁드리기", at="15:00", cheers={MINA: "🙏"}),
        Todo(-1, "연구계획서 두 쪽까지", done=False),
        Todo(0, "토익 시험 접수"),
        Todo(6, "연구계획서 미나한테 보여 주기", at="20:00"),
    ),
)

GUITAR = Goal(
    title="기타 배우기",
    color="#A8A8A8",
    visibility="followers",
    state="stopped",
    todos=(
        Todo(-28, "C, G, Am 코드 외우기"),
        Todo(-24, "F코드… 손가락이 안 닿음", done=False, cheers={NOAH: "🎸"}),
        Todo(-20, "기타는 겨울에 다시"),
    ),
)

DIARIES = (
    Diary(
        -26,
        "🦷",
        55,
        "followers",
        "스케일링은 언제 해도 무섭다. 칭찬받았다, 잘 닦는다고. 서른에도 칭찬은 좋다.",
    ),
    Diary(
        -22,
        "😌",
        72,
        "followers",
        "수영장 등록 창구에서 이름 쓰는데 괜히 두근거렸다. 물을 무서워하는 사람이 물에 들어가기로 "
        "한 날.",
        color="#43AA8B",
        cheers={MINA: "🏊", NOAH: "👏"},
    ),
    Diary(
        -19,
        "🌙",
        30,
        "private",
        "새벽 네 시 복도는 늘 같은 소리가 난다. 오늘은 할머니 한 분이 손을 꼭 잡아 주셨다. 내가 "
        "잡아 드려야 하는데.",
    ),
    Diary(
        -18,
        "😴",
        66,
        "public",
        "여덟 시간을 내리 잤다. 눈을 뜨니 보리가 배 위에 있고 해가 지고 있었다. 세상에서 제일 "
        "좋은 저녁.",
        cheers={MINA: "😴", NOAH: "🐱"},
    ),
    Diary(
        -14,
        "✍️",
        58,
        "selected",
        "첫 문단을 여섯 번 고쳤다. 멋있는 말을 다 지우니까 그제야 내 말이 남았다.",
        viewers=(MINA,),
    ),
    Diary(
        -10,
        "🎂",
        95,
        "public",
        "보리 세 살. 닭가슴살로 케이크를 만들었더니 2초 만에 사라졌다. 오래오래 같이 살자. "
        "#보리 #고양이",
        color="#F9C74F",
        cheers={MINA: "🎂", NOAH: "😻"},
    ),
    Diary(
        -9,
        "🏊",
        90,
        "followers",
        "자유형으로 25m를 갔다! 물 밖으로 나왔는데 다리가 후들거려서 웃음이 났다. #수영",
        place="동네 수영장",
        cheers={MINA: "🎉"},
    ),
    Diary(
        -5,
        "🙂",
        62,
        "followers",
        "재교육에서 마네킹 상대로 땀을 한 바가지 흘렸다. 그래도 이런 건 몸이 기억해야 한다.",
    ),
    Diary(
        -2,
        "😹",
        78,
        "followers",
        "앞발은 성공, 뒷발은 대실패. 보리가 침대 밑에서 두 시간 동안 나를 노려봤다.",
        cheers={MINA: "😂", NOAH: "😹"},
    ),
    Diary(
        -1,
        "🍱",
        64,
        "private",
        "반찬을 해 두면 일주일이 든든하다. 계란장은 미나 것까지 넉넉히 했다.",
    ),
    Diary(
        0,
        "☀️",
        74,
        "followers",
        "데이 근무 끝! 해가 있을 때 퇴근하면 하루를 선물받은 것 같다.",
        cheers={NOAH: "☀️"},
    ),
)

PERSON = Person(
    sign_in=JUNE,
    profile={
        "bio": "3교대 간호사. 보리 집사 🐈",
        "timezone": "Asia/Seoul",
        "day_starts_at": 5,
        "locale": "ko",
        "week_starts_on": "sun",
        "is_private": True,
    },
    goals=(BODY, CAT, HOSPITAL, SCHOOL, GUITAR),
    diaries=DIARIES,
    alarms={"05:20": True, "20:00": True, "13:00": False},
)
