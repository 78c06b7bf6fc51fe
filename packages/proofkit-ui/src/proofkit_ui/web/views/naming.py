"""How titles stand inside sentences."""

__all__ = ["inside"]


def inside(title: str) -> str:
    """Return a title as it stands inside a sentence; an abbreviation at its start stays as it is.

    Args:
        title: With a capital, as it stands alone.
    """
    return title[:1].lower() + title[1:] if title[1:2].islower() else title
