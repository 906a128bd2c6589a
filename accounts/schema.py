"""The operations of accounts and people in the schema."""

from core.schema.operations import COMPONENTS, Operation, describe, describe_fields

JUNE = {"id": "0197de00-0000-7000-8000-000200000000"}
MINA = {"email": "mina@demo.todomate", "password": "todo-with-friends"}
DEVICE = {"device": "Pixel 9", "device_id": "6f1c0c5e-6a0f-4c53-9d5b-0d2a3f2f7a11"}
FROM_THE_MAIL = "The token from the link in the mail"
# Of a server whose sign-ups are not open.
ADMISSION = ("sign_up_closed", "invitation_required", "invitation_not_valid")

describe(
    "auth",
    sign_up=Operation(
        "Sign up",
        codes=("duplicate", "id_taken", *ADMISSION),
        body={
            "id": "0197de00-0000-7000-8000-009900000000",
            "email": "sora@example.com",
            "password": "a walk by the river",
            "nickname": "소라",
            "handle": "sora",
            "timezone": "Asia/Seoul",
            "locale": "ko",
            **DEVICE,
        },
    ),
    confirm_sign_up=Operation(
        "Complete a sign-up",
        codes=ADMISSION,
        body={"token": FROM_THE_MAIL, "password": "a walk by the river", **DEVICE},
    ),
    sign_in=Operation(
        "Sign in",
        codes=("invalid_credentials", "second_factor_required", "second_factor_invalid"),
        body={**MINA, **DEVICE},
    ),
    refresh_token=Operation(
        "Refresh the tokens",
        codes=("token_not_valid",),
        body={"refresh": "The refresh token of the last answer"},
    ),
    sign_out=Operation("Sign out"),
)

describe(
    "me",
    get_me=Operation("Read one's own account"),
    update_me=Operation(
        "Change one's own account",
        codes=("duplicate",),
        body={"bio": "아침에 달립니다", "week_starts_on": "sun"},
    ),
    delete_me=Operation("Delete one's own account", body={"password": MINA["password"]}),
)

describe(
    "security",
    {"id": "The id of the session, of `list_sessions`."},
    change_password=Operation(
        "Change the password",
        body={"password": MINA["password"], "new_password": "a walk by the sea"},
    ),
    reset_password=Operation("Ask for a new password", body={"email": MINA["email"]}),
    confirm_password_reset=Operation(
        "Set a new password",
        body={"token": FROM_THE_MAIL, "new_password": "a walk by the sea"},
    ),
    verify_email=Operation("Send a mail that confirms the email"),
    confirm_email=Operation("Confirm an email", body={"token": FROM_THE_MAIL}),
    list_sessions=Operation("List sessions"),
    end_other_sessions=Operation("Sign out all other devices"),
    end_session=Operation(
        "Sign out a device", values={"id": "0197de00-0000-7007-8000-000100000001"}
    ),
    get_second_factor=Operation("Read the state of the second factor"),
    start_second_factor=Operation(
        "Begin a second factor",
        codes=("second_factor_on",),
        body={"password": MINA["password"]},
    ),
    confirm_second_factor=Operation("Turn the second factor on", body={"code": "123456"}),
    remove_second_factor=Operation(
        "Turn the second factor off", body={"password": MINA["password"]}
    ),
)

describe(
    "users",
    {"id": "The id of the person."},
    list_users=Operation("Find people", values={"q": "ju"}),
    get_user=Operation("Read a profile", codes=("not_found",), values=JUNE),
    follow_user=Operation("Follow a person", codes=("oneself", "not_found", "limit"), values=JUNE),
    unfollow_user=Operation("Unfollow a person", values=JUNE),
    remove_follower=Operation("Remove a follower", values=JUNE),
    list_followers=Operation(
        "List the followers of a person", codes=("private", "not_found"), values=JUNE
    ),
    list_following=Operation(
        "List the people whom a person follows", codes=("private", "not_found"), values=JUNE
    ),
    block_user=Operation("Block a person", codes=("oneself", "not_found", "limit"), values=JUNE),
    unblock_user=Operation("Unblock a person", values=JUNE),
)

describe(
    "follow requests",
    {"user_id": "The id of the person who asks."},
    list_follow_requests=Operation("List follow requests"),
    accept_follow_request=Operation(
        "Accept a follow request", codes=("not_found",), values={"user_id": JUNE["id"]}
    ),
    decline_follow_request=Operation("Decline a follow request", values={"user_id": JUNE["id"]}),
)

describe("blocks", list_blocks=Operation("List blocked people"))

describe_fields(
    "Person",
    id="The id of the person.",
    handle="The unique name by which people find each other, in lower case.",
    nickname="The name that others see. Several people may have the same.",
)
describe_fields(
    "Profile",
    bio="What the person says of themselves, or empty.",
    followers_count="The number of accepted followers that the caller can see.",
    following_count="The number of people whom the person follows and the caller can see.",
)
describe_fields(
    "Me",
    id="The id of the caller.",
    nickname="The name that others see. Several people may have the same.",
    bio="What the caller says of themselves.",
    timezone="The time zone in which the caller's days begin, a name of IANA's database.",
    day_starts_at="The hour at which the caller's day begins, from 0 to 6. With 4, three o'clock in"
    " the night still belongs to the day before.",
    week_starts_on="The first day of the week in the app's calendar.",
    locale="The language of mails. Errors are in that of Accept-Language.",
    is_private="Whether new followers need the caller's approval; what is public is then for"
    " followers only. Setting it to false accepts all that wait.",
    is_searchable="Whether searches find the caller; by the exact handle everybody can.",
    is_open="Whether anyone may read the caller's public diaries (posts) without signing in. Nobody"
    " may while the account is private.",
    followers_count="The number of accepted followers.",
    following_count="The number of people whom the caller follows.",
    created_at="When the account was created, in UTC.",
    email="The email with which the caller signs in. Other people never see it; case makes no"
    " difference.",
    handle="The unique name by which people find each other: 4 to 30 characters of a–z, 0–9, dots"
    " and underscores, stored in lower case.",
)
describe_fields(
    "FollowRequest",
    user="The person who asks.",
    created_at="When they asked, in UTC.",
)
describe_fields(
    "SignUp",
    nickname="The name that others see. Several people may have the same.",
    locale="The language of mails. `ko` by default.",
)
describe_fields("PendingSignUp", email="The address to which the mail was sent.")
describe_fields(
    "TokenPair",
    access="The access token, valid for 15 minutes. Send it as `Authorization: Bearer <access>`.",
    refresh="The refresh token, valid for 30 days and exchanged for the next pair only once. Store"
    " it where other apps cannot read it.",
)
describe_fields("SignedUp", user="The new account.")
describe_fields("TokenRefresh", refresh="The refresh token of the last answer.")
OF_ACCOUNT = {"password": "The password of the account."}
describe_fields("SignIn", **OF_ACCOUNT)
CURRENT = {"password": "The current password of the caller."}
for component in ("AccountDeletion", "PasswordChange", "SecondFactorStart", "SecondFactorRemoval"):
    describe_fields(component, **CURRENT)
for component in ("SignUpConfirmation", "EmailConfirmation", "PasswordResetConfirmation"):
    describe_fields(component, token=f"{FROM_THE_MAIL}.")
describe_fields(
    "Session",
    id="The id of the session.",
    created_at="When the device signed in, in UTC.",
    ends_at="When the session ends, 90 days after signing in, in UTC.",
)
describe_fields(
    "SecondFactor",
    is_on="Whether signing in asks for a code.",
    recovery_codes_left="How many recovery codes were not used yet; 0 without a second factor.",
)
describe_fields("SecondFactorConfirmation", code="The six digits that the authenticator app shows.")
describe_fields(
    "SecondFactorCodes",
    recovery_codes="Each signs in once in place of a code of the app. They are not shown again.",
)
for component in ("SignUp", "SignIn", "PasswordReset"):
    describe_fields(component, email="The email of the account. Case makes no difference.")
describe_fields(
    "SignUp",
    handle="The unique name by which people find each other: 4 to 30 characters of a–z, 0–9, dots"
    " and underscores, stored in lower case. Made from the nickname by default.",
    timezone="A name of IANA's database. An unknown one gets the default, Asia/Seoul; the answer"
    " has the one taken.",
)
COMPONENTS |= {
    "MeUpdate": "The fields of the caller's account and profile to change. Those that are left out"
    " stay as they are.",
    "FollowState": "`none`: no follow. `pending`: asked, not answered yet. `accepted`: follows.",
    "Language": "`ko` is Korean, `en` English.",
    "VisibilityLevel": "`private`: only the owner. `selected`: the accepted followers who are in"
    " `viewers`. `followers`: all accepted followers. `public`: everyone who is signed in, and"
    " without signing in the diaries of open accounts; of a private account, its followers.",
    "Weekday": "A day of the week, from Monday to Sunday.",
}
