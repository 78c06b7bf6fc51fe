"""Measures the counterfactual swap: one fact of a brief changed, everything else as it was.

    uv run python benchmarks/counterfactual.py
    uv run python benchmarks/counterfactual.py --composer-only
    uv run python benchmarks/counterfactual.py --budget 450

Prints the share of swaps that changed something where the fact stands, and nothing elsewhere: for the composer, for the
packets made with the embedded model, and for what that model wrote before its drafts were checked. A draft that fell
back says nothing about the model, so how many were used is told too. Decoding is greedy: a prompt that is asked twice
is answered once.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from listening import Listener

from proofkit_core.brief import Brief
from proofkit_core.brief_file import load_brief
from proofkit_core.counterfactual import Comparison, Swap, compare_packets, compare_texts, swap_fact
from proofkit_core.generation import Candidate
from proofkit_core.ledger import CarrierText
from proofkit_core.making import Workshop, make_packet
from proofkit_core.packet import Packet, Writer
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_prompts import load_contract
from proofkit_serve import open_llama_cpp

EXAMPLES = Path(__file__).parents[1] / "examples"
SWAPS = {
    "career-changer": (
        Swap(field="notes[0]", old="label printer", new="pallet wrapper"),
        Swap(field="background", old="9 percent", new="12 percent"),
        Swap(field="notes[1]", old="kettle", new="lockers"),
        Swap(field="notes[2]", old="fourth Saturday", new="second Sunday"),
        Swap(field="background", old="parcel depot", new="bottling plant"),
    ),
    "nurse-educator": (
        Swap(field="notes[2]", old="lilac", new="orange"),
        Swap(field="background", old="eleven", new="fifteen"),
        Swap(field="notes[1]", old="2 pm on a Tuesday", new="4 pm on a Thursday"),
        Swap(field="background", old="drain care", new="wound care"),
    ),
    "long-tail": (
        Swap(field="notes[0]", old="Wednesday", new="Friday"),
        Swap(field="background", old="1911", new="1934"),
        Swap(field="notes[1]", old="caretaker", new="verger"),
        Swap(field="background", old="Piano removal driver", new="Ferry steward"),
    ),
}


class Made(NamedTuple):
    """A packet and what the model wrote for it."""

    packet: Packet
    drafts: tuple[CarrierText, ...]


class Measured(NamedTuple):
    """One swap."""

    packet: Comparison
    drafts: Comparison | None
    used: int
    """Drafts of the changed packet that were used."""
    asked: int


def maker(listener: Listener | None, limit_s: float) -> Callable[[Brief], Made]:
    """Return what makes a packet, with the model or without."""
    workshop = Workshop(
        contract=load_contract("v1"),
        index=build_index(load_catalogue()),
        product_version="bench",
        candidates=(Candidate(listener),) if listener else (),
        time_limit_s=limit_s,
    )

    def make(brief: Brief) -> Made:
        if listener:
            listener.calls.clear()
        packet = make_packet(brief, workshop)
        return Made(packet, drafts(listener) if listener else ())

    return make


def drafts(listener: Listener) -> tuple[CarrierText, ...]:
    """Return what the model wrote; each is named like a section, so that it is read as Markdown."""
    return tuple(
        CarrierText(f"work_sample.draft-{number}-{call.request.prompt.task}", call.completion.text)
        for number, call in enumerate(listener.calls)
    )


def measure(make: Callable[[Brief], Made], budget_s: float) -> Iterable[Measured]:
    """Yield one result a swap, one example after the other, until the time is spent."""
    started = time.perf_counter()
    for name, swaps in SWAPS.items():
        brief = load_brief(EXAMPLES / f"{name}.toml").brief
        base: Made | None = None
        for swap in swaps:
            if time.perf_counter() - started > budget_s:
                return
            base = base or make(brief)
            yield compare(base, make(swap_fact(brief, swap)), swap)


def compare(base: Made, changed: Made, swap: Swap) -> Measured:
    """Return what a swap changed."""
    packet = changed.packet
    origins = [section.origin for section in packet.sample.sections]
    origins += [packet.post.origin, packet.bullets.origin, packet.talking_points.origin]
    return Measured(
        packet=compare_packets(base.packet, packet, swap),
        drafts=compare_texts(base.drafts, changed.drafts, swap) if base.drafts else None,
        used=sum(origin.writer is Writer.MODEL for origin in origins),
        asked=len(origins),
    )


def report(title: str, found: list[Comparison]) -> None:
    """Print one line a kind of text, and what strayed first."""
    there = sum(each.changed_there for each in found)
    only = sum(each.only_there for each in found)
    both = sum(each.changed_there and each.only_there for each in found)
    count = len(found)
    print(f"  {title:24} there {there} of {count}, nowhere else {only} of {count}, both {both} of {count}")
    for each in found:
        if each.strays:
            stray = each.strays[0]
            print(f"    {each.swap.field}, {each.swap.old!r}: {len(each.strays)} strays, such as {stray.after[:70]!r}")


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--composer-only", action="store_true")
    parser.add_argument("--budget", type=float, default=3600.0, help="seconds for the model; a swap begun is finished")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one answer of the model")
    args = parser.parse_args()
    report("composer", [each.packet for each in measure(maker(None, args.limit), args.budget)])
    if args.composer_only:
        return
    started = time.perf_counter()
    with open_llama_cpp() as backend:
        found = list(measure(maker(Listener(backend, remember=True), args.limit), args.budget))
    took = time.perf_counter() - started
    report("packets with the model", [each.packet for each in found])
    report("the model's raw drafts", [each.drafts for each in found if each.drafts])
    used, asked = sum(each.used for each in found), sum(each.asked for each in found)
    print(f"  {used} of {asked} drafts were used; {len(found)} swaps with {backend.identity.id} in {took:.0f} s")


if __name__ == "__main__":
    main()
