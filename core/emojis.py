"""What one emoji is: a sequence that Unicode's list has, flags, skin tones and families included."""

from functools import cache

from emoji import EMOJI_DATA, STATUS

VARIATION_SELECTOR = "\ufe0f"
MAX_LENGTH = 32  # code points; the longest sequence of the list has 10, tag flags 7


@cache
def _fully_qualified() -> dict[str, str]:
    """Each emoji's spelling without variation selectors → its fully-qualified form."""
    return {
        text.replace(VARIATION_SELECTOR, ""): text
        for text, data in EMOJI_DATA.items()
        if data["status"] == STATUS["fully_qualified"]
    }


def one_emoji(text: str) -> str | None:
    """`text` in its fully-qualified form (❤ becomes ❤️), or None when it is not exactly one emoji."""
    return _fully_qualified().get(text.replace(VARIATION_SELECTOR, ""))
