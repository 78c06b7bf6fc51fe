"""The steps about the post: changed by the person, kept when all else is written anew, put into a finished packet."""

import re

from proofkit_core.cleaning import clean_text
from proofkit_core.composer.material import Material
from proofkit_core.errors import ExportRefusedError, InputError
from proofkit_core.integrity import fact_ledger
from proofkit_core.ledger import Pieces, split_sentences, trace, trace_packet, who_wrote
from proofkit_core.ledger.carriers import POST_CARRIER
from proofkit_core.packet import EarlierPost, Origin, Packet, Post, SourceKind, Writer
from proofkit_core.policing import police_post
from proofkit_core.readiness import review_readiness
from proofkit_core.steps.writing import check_citations

POST_CAP = 3_000
"""Longest post, in characters: what LinkedIn takes."""
DISCLOSURE_RULE = "disclosure.missing"
"""Id of the rule that puts the disclosure back, as it stands in `Origin.edits`."""
_PLACE = "Your LinkedIn post"
_SAYS_SO = re.compile(
    r"\b(?:practice piece|simulated work sample|(?:fictional|fictitious|invented) company)\b", re.IGNORECASE
)
_MADE_UP = re.compile(r"\b(?:fictional|fictitious|simulated|does not exist)\b", re.IGNORECASE)
_THE_COMPANY = re.compile(r"\b(?:the|this) company\b", re.IGNORECASE)


def edit_post(material: Material, post: Post, text: str) -> Post:
    """Return the post with the text that the person wrote instead.

    The integrity rules apply to it as to any other: what they can put right is put right. A post that does not say any
    more that it is a practice piece gets the sentence that says so back.

    Args:
        material: What the work sample was written from.
        post: The post as it was.
        text: The new text.

    Raises:
        InputError: The text is empty or too long, or cites a fact of the exercise for something else.
        ExportRefusedError: It says something that neither the person's brief nor the exercise says.
    """
    wanted = "\n".join(line.rstrip() for line in clean_text(text).text.strip().split("\n"))
    if wanted == post.text:
        return post
    _check_length(wanted)
    # Two versions by the same writer count as one: the earlier one would only make the packet longer.
    mine = post.origin.writer is Writer.PERSON
    replaced = () if mine else (EarlierPost(text=post.text, origin=post.origin),)
    earlier = (*post.earlier, *replaced)
    return keep_post(material, Post(text=wanted, origin=Origin(writer=Writer.PERSON), earlier=earlier))


def keep_post(material: Material, post: Post) -> Post:
    """Return the person's post as the rules leave it now: what it rests on may have changed since they wrote it.

    Args:
        material: What the work sample is written from now.
        post: The post.

    Raises:
        InputError: It is too long, or cites a fact of the exercise for something else.
        ExportRefusedError: It says something that neither the person's brief nor the exercise says.
    """
    check_citations(material, _PLACE, post.text)
    facts = fact_ledger(material.brief, material.challenge)
    company = material.challenge.company
    kept = _credited(post, _disclosed(police_post(post, facts), company), _disclosure(company))
    _check_length(kept.text)
    entries = trace(POST_CARRIER, kept.text, facts=facts, skills=material.brief.skills)
    loose = next((entry.text for entry in entries if entry.kind is SourceKind.UNSUPPORTED), "")
    if loose:
        raise ExportRefusedError(
            f"{_PLACE} would say “{loose}”, and no source says so: expected your own words, a fact of the exercise, or "
            "a label as hypothetical. Change that sentence, or say in your brief where it comes from."
        )
    return kept


def put_post(packet: Packet, material: Material, post: Post) -> Packet:
    """Return a finished packet with another post: sources, shares and review are those of its texts as they are now.

    No model is asked: the remarks of one are about the document, and stay.

    Args:
        packet: The packet.
        material: What it was written from.
        post: The post.
    """
    finished = Pieces(packet.brief, packet.challenge, packet.sample, post, packet.bullets, packet.talking_points)
    ledger = trace_packet(finished)
    before = packet.review
    review = review_readiness(material, packet.sample, ledger)
    remarks = {"model_remarks": before.model_remarks, "origin": before.origin}
    return packet.model_copy(
        update={
            "post": post,
            "ledger": ledger,
            "review": review.model_copy(update=remarks),
            "who_wrote": who_wrote(finished),
        }
    )


def _check_length(text: str) -> None:
    if not 0 < len(text) <= POST_CAP:
        raise InputError(
            f"{_PLACE} would have {len(text):,} characters; expected 1 to {POST_CAP:,}. Write something, or shorten it."
        )


def _disclosed(post: Post, company: str) -> Post:
    """Return the post with its disclosure: a word such as `fictional` counts only in a sentence about the company.

    The rules take any such word for one, because a model writes no novels; a person may.
    """
    if any(_says_so(sentence, company) for sentence in split_sentences(post.text)):
        return post
    text = f"{post.text}\n\n{_disclosure(company)}"
    edits = tuple(dict.fromkeys((*post.origin.edits, DISCLOSURE_RULE)))
    return post.model_copy(update={"text": text, "origin": post.origin.model_copy(update={"edits": edits})})


def _disclosure(company: str) -> str:
    """Return the sentence that is put back, by the rules as by `_disclosed`."""
    return f"This is a practice piece: {company} is a fictional company."


def _credited(before: Post, post: Post, sentence: str) -> Post:
    """Return the post with the disclosure that was put back as the template's words: the person did not write them."""
    known = (before.text, *(each.text for each in post.earlier))
    if sentence not in post.text or any(sentence in text for text in known):
        return post
    added = EarlierPost(text=sentence, origin=Origin(writer=Writer.TEMPLATE))
    return post.model_copy(update={"earlier": (*post.earlier, added)})


def _says_so(sentence: str, company: str) -> bool:
    about = company in sentence or _THE_COMPANY.search(sentence)
    return bool(_SAYS_SO.search(sentence) or (about and _MADE_UP.search(sentence)))
