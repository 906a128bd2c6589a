"""Mina, who runs and makes pottery. Most of her goals are visible to others, her work is not."""

from todomate.demo.people import JUNE, MINA, NOAH
from todomate.demo.script import DAILY, WEEKDAYS, WEEKEND, Diary, Goal, Person, QuickInput, Todo

RUNNING = Goal(
    title="달리기",
    color="#FF6B6B",
    visibility="public",
    todos=(
        Todo(-27, "러닝화 새로 사기", memo="발볼 넓은 걸로. 매장에서 꼭 신어 보고."),
        Todo(-25, "한강 3km 천천히", at="19:30", cheers={NOAH: "👏"}),
        Todo(-23, "한강 4km", at="19:30"),
        Todo(-19, "비 와서 집에서 스트레칭", cheers={JUNE: "☔"}),
        Todo(-17, "한강 5km, 쉬지 않고", at="07:00", cheers={JUNE: "🔥", NOAH: "🎉"}),
        Todo(
            -14,
            "10km 대회 신청하기",
            memo="기념 티셔츠 사이즈 M. 참가비 4만 원.",
            cheers={NOAH: "😮"},
        ),
        Todo(-12, "인터벌 400m × 6", at="19:30", done=False),
        Todo(-10, "한강 6km", at="07:00", cheers={JUNE: "💪"}),
        Todo(-6, "언덕 달리기", at="19:30"),
        Todo(-3, "7km, 6분 40초 페이스", at="07:00", cheers={JUNE: "💪", NOAH: "🏃"}),
        Todo(0, "퇴근하고 가볍게 5km", at="19:30", cheers={NOAH: "🙌"}),
        Todo(2, "8km 장거리", at="07:00"),
        Todo(5, "대회 코스 미리 걸어 보기", at="10:00", memo="준이랑 같이. 끝나고 칼국수."),
        Todo(9, "10km 대회!", at="09:00", memo="여덟 시까지 여의도 이벤트 광장. 짐은 가볍게."),
    ),
    quick_inputs=(QuickInput("자기 전 스트레칭 10분", DAILY, at="22:30"),),
    archive=("무릎 보호대 알아보기",),
)

WORK = Goal(
    title="회사",
    color="#4D96FF",
    visibility="private",
    todos=(
        Todo(-26, "신제품 보도자료 초안"),
        Todo(-24, "디자인팀과 배너 문구 맞추기", at="14:00"),
        Todo(-18, "월간 보고서 제출", at="17:00"),
        Todo(-16, "캠페인 예산표 다시 계산", memo="3번 시트 합계가 안 맞음. 부가세 빠졌는지 보기."),
        Todo(-15, "인턴 지원서 읽기", done=False),
        Todo(-13, "인턴 지원서 마저 읽기"),
        Todo(-11, "촬영 스튜디오 예약"),
        Todo(-9, "제품 촬영", at="10:00", memo="소품 박스는 4층 창고에 있음."),
        Todo(-7, "사진 고르고 보정 맡기기"),
        Todo(-4, "팀장님과 면담", at="16:00"),
        Todo(-2, "연차 하루 신청하기"),
        Todo(-1, "뉴스레터 제목 세 개 써 보기", done=False),
        Todo(0, "뉴스레터 발송", at="11:00", done=True),
        Todo(0, "발표 자료 마지막 장 고치기", at="15:00"),
        Todo(1, "분기 발표", at="14:00", memo="물 한 병, 여분 어댑터."),
        Todo(4, "인턴 첫날 자리 챙겨 주기", at="09:30"),
        Todo(8, "연차 🎈"),
    ),
    quick_inputs=(QuickInput("아침 메일 정리하고 오늘 할 일 세 개 고르기", WEEKDAYS, at="09:30"),),
    archive=("회의록 서식 새로 만들기", "작년 캠페인 자료 정리"),
)

HOME = Goal(
    title="집안일",
    color="#6BCB77",
    visibility="followers",
    todos=(
        Todo(-23, "겨울 이불 빨래방 맡기기", cheers={JUNE: "👍"}),
        Todo(-16, "몬스테라 분갈이", memo="흙 5리터, 마사토 조금 섞기."),
        Todo(-8, "냉장고 안쪽 닦기", cheers={NOAH: "🫡"}),
        Todo(-5, "엄마 생신 선물 고르기", memo="무릎담요랑 손편지"),
        Todo(-1, "욕실 전구 갈기"),
        Todo(0, "두부, 애호박, 대파 사 오기", done=True),
        Todo(3, "엄마 생신, 본가 가기", at="12:00", cheers={NOAH: "🎂"}),
        Todo(7, "관리비 내기"),
    ),
    quick_inputs=(
        QuickInput("분리수거", ("tue", "fri"), at="21:00"),
        QuickInput("청소기 한 바퀴", WEEKEND),
    ),
    archive=("옷장 안 입는 옷 기부하기",),
)

POTTERY = Goal(
    title="도자기 공방",
    color="#B983FF",
    visibility="selected",
    viewers=(JUNE,),
    todos=(
        Todo(-28, "첫 수업: 흙 반죽하고 핀칭", at="14:00", cheers={JUNE: "🏺"}),
        Todo(
            -14,
            "물레 중심 잡기",
            at="14:00",
            memo="열 번 중 세 번 성공. 팔꿈치를 허벅지에 붙일 것!",
        ),
        Todo(-7, "머그컵 두 개 굽 깎기", at="14:00", cheers={JUNE: "😍"}),
        Todo(0, "유약 색 정하기", memo="준 컵은 하늘색, 노아 컵은 비밀로 초록색."),
        Todo(6, "가마에서 나온 컵 찾아오기", at="15:00"),
    ),
)

READING = Goal(
    title="한 달에 두 권",
    color="#FFB347",
    visibility="public",
    todos=(
        Todo(-28, "도서관 예약 도서 찾기"),
        Todo(-20, "『긴긴밤』 다 읽기", cheers={JUNE: "😭", NOAH: "📚"}),
        Todo(-10, "두 번째 책 고르기"),
        Todo(-4, "독서 모임 발제문 쓰기", done=False),
        Todo(1, "독서 모임", at="19:30", memo="망원역 2번 출구 카페 2층"),
        Todo(10, "책 반납"),
    ),
    quick_inputs=(QuickInput("지하철에서 스무 쪽", WEEKDAYS, at="08:20"),),
)

JEJU = Goal(
    title="제주 여행",
    color="#3EC1D3",
    visibility="followers",
    state="done",
    todos=(
        Todo(-26, "숙소 잔금 보내기"),
        Todo(-24, "렌터카 보험 확인"),
        Todo(-22, "새벽 비행기 타기", at="06:50", cheers={NOAH: "✈️", JUNE: "🍊"}),
        Todo(-21, "사려니숲 걷기", cheers={NOAH: "🌲"}),
        Todo(-20, "동문시장에서 귤 한 상자 부치기", cheers={JUNE: "🍊"}),
    ),
)

DIARIES = (
    Diary(
        -25,
        "🙂",
        60,
        "public",
        "오랜만에 뛰었더니 3km가 이렇게 길었나 싶다. 그래도 강바람이 시원해서 돌아오는 길은 "
        "웃으면서 걸었다. #달리기 #한강",
        color="#FF6B6B",
        place="여의도한강공원",
        position=(37.5284, 126.9327),
    ),
    Diary(
        -21,
        "🌲",
        92,
        "followers",
        "삼나무 사이로 빛이 비스듬히 떨어지는데 다들 말이 없어졌다. 아무 계획 없는 날이 제일 좋은 "
        "날이 되었다.",
        cheers={JUNE: "🥹", NOAH: "🌲"},
    ),
    Diary(
        -19,
        "🌧️",
        38,
        "followers",
        "비가 하루 종일 왔다. 뛰러 나가지 못해서 조금 심통이 났는데, 창문 열고 빗소리 들으니 "
        "그것도 괜찮았다.",
        cheers={JUNE: "☔"},
    ),
    Diary(
        -17,
        "🔥",
        88,
        "public",
        "5km를 한 번도 안 쉬고 뛰었다! 마지막 오백 미터는 진짜 울 뻔했지만 안 멈췄다. 나 좀 "
        "멋있다. #달리기 #5km",
        color="#FF6B6B",
        cheers={JUNE: "🔥", NOAH: "👏"},
    ),
    Diary(
        -13,
        "😵",
        25,
        "private",
        "하루 종일 남의 자기소개서를 읽었다. 다들 간절해서 대충 읽을 수가 없었다. 어깨가 돌덩이.",
    ),
    Diary(
        -9,
        "📸",
        70,
        "followers",
        "촬영 끝. 조명 때문에 세 번이나 다시 찍었지만 마지막 컷을 보고 다 같이 박수 쳤다.",
        cheers={NOAH: "📸"},
    ),
    Diary(
        -7,
        "🏺",
        80,
        "selected",
        "굽을 깎는데 손끝이 따뜻했다. 준이가 쓸 컵이라고 생각하니까 더 조심하게 된다. 얼른 보여 "
        "주고 싶다.",
        viewers=(JUNE,),
        cheers={JUNE: "😍"},
    ),
    Diary(
        -4,
        "😮‍💨",
        45,
        "private",
        "면담에서 칭찬을 들었는데 이상하게 집에 오는 길에 눈물이 났다. 잘하고 싶었나 보다.",
    ),
    Diary(
        -3,
        "😄",
        85,
        "public",
        "7km. 아침 강가에 물안개가 피어서 딴 나라 같았다. 대회까지 열이틀, 다치지만 말자. #달리기",
        color="#FFB347",
        place="여의도한강공원",
        cheers={JUNE: "💪"},
    ),
    Diary(
        -1,
        "🥱",
        50,
        "followers",
        "전구 하나 갈았을 뿐인데 욕실이 호텔이 됐다. 뉴스레터 제목은 내일의 내가 써 주겠지.",
        cheers={JUNE: "😂"},
    ),
    Diary(0, "🌤️", 65, "private", "발표 연습하다가", is_draft=True),
)

PERSON = Person(
    sign_in=MINA,
    profile={
        "bio": "뛰고, 읽고, 흙을 만져요.",
        "timezone": "Asia/Seoul",
        "locale": "ko",
        "week_starts_on": "mon",
    },
    goals=(RUNNING, WORK, HOME, POTTERY, READING, JEJU),
    diaries=DIARIES,
    alarms={"07:30": True, "22:30": True},
)
