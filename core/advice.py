"""Catalogue of what a client does about each code: those of problems, and those of field errors.

The page of codes shows it (todomate/front/codes.py).
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_MISTAKE = _("A mistake in the client: correct the request. Sending it again does not help.")
_SIGN_IN = _("Refresh the access token once. If that fails with this code too, sign in again.")
_AGAIN = _(
    "Retry-After has seconds. Up to a minute: wait, then send the same request again. Longer: show"
    " detail, and when to try again."
)
_STALE = _("The client's copy is old: read the item again and show what is there now.")

# By code of core/problems.py.
ADVICE: dict[str, Promise] = {
    "bad_request": _MISTAKE,
    "parse_error": _MISTAKE,
    "invalid": _("Show errors beside the fields that they name. Their codes are listed below."),
    "bad_picture": _("Show detail: the file is damaged, empty, or takes too much to decode."),
    "too_many_pixels": _(
        "Scale the longer side to 2,048 pixels on the device, and upload the picture again."
    ),
    "oneself": _("Do not offer this for the person's own account."),
    "not_authenticated": _("Refresh if a refresh token is stored; else show the sign-in page."),
    "token_not_valid": _SIGN_IN,
    "invalid_credentials": _("Show detail, and keep what was typed. Offer to reset the password."),
    "second_factor_required": _(
        "Ask for the code of the authenticator app and send it in code, with email and password."
    ),
    "second_factor_invalid": _("Ask for the next code. Recovery codes work once each."),
    "permission_denied": _("Do not offer this: the item belongs to somebody else."),
    "private": _("Show that the account is private, and offer to follow it."),
    "sign_up_closed": _("Offer signing in only: this server takes no new accounts."),
    "invitation_required": _("Ask for the invitation, or for its link, and send it along."),
    "invitation_not_valid": _("Show detail, and ask for another invitation."),
    "https_required": _("Change the address of the server to https://."),
    "not_found": _(
        "Remove the item: it was deleted or hidden. But not if there is a path: then the request"
        " lacks the slash at the end of its path."
    ),
    "method_not_allowed": _MISTAKE,
    "duplicate": _("If existing is an id, use that item. Else ask for another value."),
    "id_taken": _("Create the item again with a new id."),
    "second_factor_on": _STALE,
    "limit": _("Show detail: something has to be deleted first. limit is the number allowed."),
    "goal_not_active": _("Let the person choose another goal, or make this one active again."),
    "goal_not_empty": _("Ask whether all that is in the goal may be deleted, with cascade=true."),
    "done": _("Do not offer to put back what is done. Uncheck it first."),
    "put_back_instead": _("Put the offer back: DELETE quick-inputs/{id}/offers/{date}/todo/."),
    "not_offered": _STALE,
    "dismissed": _("Offer to undo the dismissal, then activate."),
    "photo_in_use": _(
        "Upload the picture again with a new id. To delete the photo, take it off what shows it."
    ),
    "activated": _STALE,
    "deleted": _("Remove the item on this device too. Its id is not used again."),
    "payload_too_large": _("Send less: a text or a list is longer than limits of the root allow."),
    "uri_too_long": _MISTAKE,
    "headers_too_large": _MISTAKE,
    "unsupported_media_type": _MISTAKE,
    "unsupported_picture": _("Convert the picture to JPEG on the device, and upload that."),
    "throttled": _AGAIN,
    "server_error": _(
        "Keep what was typed and offer to try again; the same request may be sent again. Tell"
        " request_id to the operator."
    ),
    "outcome_unknown": _("Send the same request again, with the same ids: it is done once."),
    "photos_unavailable": _AGAIN,
    "busy": _AGAIN,
}

# By code of `errors` in a problem `invalid`: what is wrong with the field.
FIELD_CODES: dict[str, Promise] = {
    "required": _("The field is missing."),
    "null": _("The field must not be null."),
    "blank": _("The text is empty, or spaces only."),
    "invalid": _("The value has another type or form."),
    "invalid_choice": _("The value is not one of the choices."),
    "not_a_list": _("The value must be a list."),
    "empty": _("The list must not be empty, or the file is."),
    "max_length": _("The text or list is too long."),
    "min_length": _("The text or list is too short."),
    "max_value": _("The number is too large."),
    "min_value": _("The number is too small."),
    "out_of_range": _("The date or time is out of range."),
    "does_not_exist": _("The id is of no item that can be used here."),
    "unknown_field": _("There is no field with this name."),
    "unknown_parameter": _("There is no parameter with this name."),
    "repeated": _("The parameter was given twice, or the list has a value twice."),
    "archived": _("An archived todo has no date, so this cannot be set."),
    "cleared": _("The field is set and in clear."),
    "version": _("The id must be a UUID of version 7."),
    "not_one_emoji": _("The value must be exactly one emoji."),
    "not_a_color": _("The colour must be in the format #RRGGBB."),
    "not_a_handle": _("The handle has other characters than a–z, 0–9, dot and underscore."),
    "reserved": _("The handle is reserved."),
    "not_a_month": _("The month must be in the format YYYY-MM."),
    "not_one_line": _("The text must be one line."),
    "shows_nothing": _("The text has no visible character."),
    "null_characters_not_allowed": _("The text has a NUL character."),
    "surrogate_characters_not_allowed": _("The text is not valid Unicode."),
    "incorrect_type": _("The id must be a text."),
    "invalid_email": _("The email is not valid."),
    "date": _("The value must be an instant, not a date."),
    "datetime": _("The value must be a date, not an instant."),
    "make_aware": _("The instant does not exist in this time zone."),
    "overflow": _("The instant is out of range."),
    "max_string_length": _("The number has too many digits."),
    "out_of_order": _("The range ends before it begins."),
    "two_ways": _("Send month, or date_from and date_to, but not both."),
    "too_long": _("The range is too long."),
    "incomplete": _("One of two fields that go together is missing."),
    "not_done": _("done_at needs is_done."),
    "changes_nothing": _("The password is needed only for a change of email."),
    "wrong_password": _("The password is wrong."),
    "wrong_code": _("The code is wrong or was used before."),
    "token_not_valid": _("The token of the mail is invalid, expired or used."),
    "password_too_short": _("The password is too short."),
    "password_too_common": _("The password is among the most used ones."),
    "password_too_similar": _("The password is like the email."),
    "password_has_context_word": _("The password has a word that everybody would try first."),
}
