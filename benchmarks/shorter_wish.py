"""How often the wish for a shorter section is met: the examples, the model that comes along, the app's own steps.

Run it as `python benchmarks/shorter_wish.py`. The first sections of each example are written by the model, or by the
template where the model's draft may not be used, and then rewritten for the app's button. Printed are the words before
and after as the page counts them, what came of each wish, and why drafts were turned down.
"""

import argparse
from collections import Counter
from pathlib import Path

from proofkit_core.brief_file import load_brief
from proofkit_core.generation import Candidate
from proofkit_core.making import Workshop
from proofkit_core.packet import Section
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.steps import Revision, find_role, open_desk, revise, set_exercise, write_section
from proofkit_prompts import load_contract
from proofkit_serve import open_llama_cpp
from proofkit_ui.web.drafts.asking import ACTIONS
from proofkit_ui.web.views.changes import changes_between

EXAMPLES = Path(__file__).parents[1] / "examples"
TENTH_LESS = 0.9


def outcome(section: Section, revision: Revision) -> str:
    """Say in a few words what came of the wish."""
    if revision.turned_down:
        return f"turned down: {revision.turned_down.reason.value}"
    was, now = (changes_between("", each.markdown).words for each in (section, revision.section))
    if now >= was:
        return "not shorter"
    return "a tenth shorter" if now <= TENTH_LESS * was else "hardly shorter"


def rewrite(path: Path, workshop: Workshop, count: int, action: str) -> list[tuple[str, Revision]]:
    """Write the first sections of one example, have each rewritten, and print a line a section."""
    brief = load_brief(path).brief
    material = set_exercise(brief, find_role(brief, workshop).entry, seed=0).material
    found: list[tuple[str, Revision]] = []
    for record in material.sample.sections[:count]:
        desk = open_desk(brief, workshop, material.challenge)
        section = write_section(material, record.id, desk)
        revision = revise(material, section, desk, action=action)
        was, now = (changes_between("", each.markdown).words for each in (section, revision.section))
        told = outcome(section, revision)
        writer = section.origin.writer.value
        print(f"{path.stem:20} {record.id:12} {writer:9} {was:4} {now:4}  {told}", flush=True)
        found.append((told, revision))
    return found


def main() -> None:
    """Rewrite the sections and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sections", type=int, default=3, help="how many sections of each example")
    parser.add_argument("--wish", default="shorter", choices=ACTIONS, help="the app's button")
    options = parser.parse_args()
    found: list[tuple[str, Revision]] = []
    with open_llama_cpp() as model:
        workshop = Workshop(
            contract=load_contract("v1"),
            index=build_index(load_catalogue()),
            product_version="0",
            candidates=(Candidate(model),),
        )
        for path in sorted(EXAMPLES.glob("*.toml")):
            found += rewrite(path, workshop, options.sections, ACTIONS[options.wish])
    print("wishes:", dict(Counter(told for told, _ in found)))
    tried = [each.fallback.reason.value for _, revision in found for each in revision.tried if each.fallback]
    print("drafts turned down:", dict(Counter(tried)))


if __name__ == "__main__":
    main()
