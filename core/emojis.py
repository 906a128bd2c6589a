"""Recognition of a single emoji, including flags, skin tones and families."""

from functools import cache

from emoji import EMOJI_DATA, STATUS

VARIATION_SELECTOR = "\ufe0f"
MAX_LENGTH = 32  # code points; the longest sequence in Unicode's list has 10, tag flags have 7


@cache
def _fully_qualified() -> dict[str, str]:
    """Map each emoji without variation selectors to its fully-qualified form."""
    return {
        text.replace(VARIATION_SELECTOR, ""): text
        for text, data in EMOJI_DATA.items()
        if data["status"] == STATUS["fully_qualified"]
    }


def one_emoji(text: str) -> str | None:
    """Return the fully-qualified form of a single emoji (❤️ for ❤), or None for any other text."""
    return _fully_qualified().get(text.replace(VARIATION_SELECTOR, ""))
