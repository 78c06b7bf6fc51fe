"""`proofkit roles` and `proofkit questions`: what the catalogue holds, and what a person can answer."""

import argparse

from proofkit_core.brief_file import load_brief
from proofkit_core.roles.catalog import load_catalogue
from proofkit_core.roles.index import build_index
from proofkit_core.roles.sample_choice import choose_sample
from proofkit_core.roles.synthesis import choose_role
from proofkit_core.samples.catalog import load_sample_types, sample_type


def run_roles(args: argparse.Namespace) -> int:
    """Print the roles by family."""
    family = ""
    for entry in load_catalogue():
        if args.family.lower() not in entry.family_title.lower():
            continue
        if entry.family_title != family:
            family = entry.family_title
            print(f"\n{family}")
        samples = ", ".join(sample_type(sample).title for sample in entry.role.work_samples)
        print(f"  {entry.role.title}: {samples}")
    return 0


def run_questions(args: argparse.Namespace) -> int:
    """Print the role and sample that a brief leads to, and the questions with their ids."""
    loaded = load_brief(args.brief)
    entry, choice = choose_role(loaded.brief, build_index(load_catalogue()))
    picked = choose_sample(loaded.brief.preferred_sample, entry.role, load_sample_types())
    print(f"Role: {choice.title}. {choice.why}")
    print(f"Work sample: {picked.sample.title}. {picked.sample.plain}")
    for notice in (*loaded.notices, *picked.notices):
        print(f"Note: {notice}")
    print("\nAnswer what you like in your brief, under [answers]:")
    for section in picked.sample.sections:
        print(f"\n{section.title}: {section.goal}")
        for question in section.questions:
            print(f"  # {question.ask}")
            print(f'  "{section.id}.{question.id}" = "{question.example}"')
    print(f"\nWhat a good {picked.sample.title.lower()} does:")
    for criterion in picked.sample.rubric:
        print(f"  {criterion.criterion} If not: {criterion.fix[:1].lower()}{criterion.fix[1:]}")
    return 0
