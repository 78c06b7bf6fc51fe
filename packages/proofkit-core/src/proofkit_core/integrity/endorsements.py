"""Finds claims of clients, users and endorsements, credentials, testimonials, and a denied exercise."""

from collections.abc import Iterator

from proofkit_core.integrity.lexicon import base_of
from proofkit_core.integrity.life import Found
from proofkit_core.integrity.page import Page
from proofkit_core.integrity.patterns import claim_patterns, pattern, wanted


def read_endorsements(page: Page) -> Iterator[Found]:
    """Yield every hit, whatever its clause says about it."""
    for rule, _, _, what in wanted(claim_patterns("anywhere"), page.lower):
        if rule.startswith("employment."):
            continue
        for match in what.finditer(page.lower):
            verb = base_of().get(match.groupdict().get("verb") or "", "")
            yield Found(rule, match.start(), match.end(), verb)
    if "client" not in page.lower or _has_clients(page):
        return
    for match in pattern("own_client").finditer(page.lower):
        article = "The" if page.folded.text[match.start()].isupper() else "the"
        changes = ((match.start(), match.end("own"), article),)
        yield Found("client.own", match.start(), match.end(), changes=changes, presupposes=True)


def _has_clients(page: Page) -> bool:
    """Say whether the person spoke of clients themselves."""
    return any("client" in sentence.words for sentence in page.facts.user.sentences)
