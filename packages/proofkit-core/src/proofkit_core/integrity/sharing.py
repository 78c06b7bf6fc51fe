"""Finds the verbs that share a subject with one that is rewritten, so that `I led and reduced` changes as a whole."""

from proofkit_core.integrity.lexicon import base_of, load_lexicon
from proofkit_core.integrity.life import Changes
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.patterns import pattern


def further_verbs(page: Page, place: int) -> Changes | None:
    """Return changes for the verbs behind a rewritten one, or None where a past verb would be left behind.

    Args:
        page: The passage.
        place: Where the rewritten verb ends.
    """
    _, end = page.sentence_at(place)
    if pattern("told_of_it").search(page.lower, place, end):
        return None
    lexicon = load_lexicon()
    known = {verb.past for verb in lexicon.verbs}
    changes: list[tuple[int, int, str]] = []
    for match in pattern("further_verb").finditer(page.lower, place, end):
        verb = match["verb"]
        if verb in known:
            if verb not in lexicon.ambiguous:
                changes.append((*match.span("verb"), base_of()[verb]))
        elif verb.endswith("ed"):
            return None
    return tuple(changes)
