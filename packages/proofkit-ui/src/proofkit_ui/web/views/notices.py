"""Sentences of the product rules, with the names of fields as the pages call them."""

import re

from proofkit_ui.web.words import Words

__all__ = ["plain_notice"]

_FIELD = re.compile(r"\b(target_role|background|skills|weak_spots|notes|job_ad|resume|preferred_sample|answers)\b")


def plain_notice(told: str, words: Words) -> str:
    """Return a sentence without names of fields.

    Args:
        told: What core says, such as that an entry in `weak_spots` stood there twice. What it quotes stays.
        words: The words of the page.
    """
    quoted = re.split(r"(“[^”]*”)", told)
    return "".join(
        part if part.startswith("“") else _FIELD.sub(lambda f: words(f"fields.{f[0]}"), part) for part in quoted
    )
