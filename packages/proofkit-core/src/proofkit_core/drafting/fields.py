"""The one place where domain objects become the fields of a frozen prompt.

The data set builder and the running program both call it, so a model meets at work the very bytes it was trained on.
"""

from proofkit_core.brief import Brief
from proofkit_core.challenge.facts import Challenge
from proofkit_core.composer.points import Point
from proofkit_core.drafting.material_lines import material_lines
from proofkit_core.samples.records import SampleType, SectionRecord
from proofkit_core.wording import bare

Fields = dict[str, str | tuple[str, ...]]


def scenario_fields(challenge: Challenge) -> Fields:
    """Return what every task may know of the fiction."""
    return {
        "company": f"{challenge.company}, {challenge.business}",
        "setting": challenge.situation,
        "facts": tuple(f"[{fact.id}] {fact.text}" for fact in challenge.facts),
        "decision": challenge.decision,
    }


def person_fields(brief: Brief) -> Fields:
    """Return what every task may know of the person. The job ad is left out: it is no evidence about them."""
    return {
        "target_role": brief.target_role,
        "background": brief.background,
        "skills": brief.skills,
        "weak_spots": brief.weak_spots,
    }


def section_fields(
    brief: Brief,
    challenge: Challenge,
    sample: SampleType,
    section: SectionRecord,
    points: tuple[Point, ...],
    answers: tuple[tuple[str, str], ...],
) -> Fields:
    """Return the fields of `draft_section`, or of `coauthor_section` where there are answers.

    Args:
        brief: The person's brief.
        challenge: The fiction.
        sample: The type of work sample.
        section: The section to write.
        points: The person's points that belong into this section.
        answers: Pairs of question and answer for this section.
    """
    fields = person_fields(brief) | scenario_fields(challenge)
    fields |= {"work_sample": sample.title, "section": section.title, "section_goal": section.goal}
    lines = material_lines(challenge.material, section.view)
    if lines:
        fields["material"] = lines
    if points:
        fields["notes"] = tuple(point.text for point in points)
    if answers:
        fields["answers"] = tuple(f"{question} {bare(answer)}" for question, answer in answers)
    return fields


def carrier_fields(brief: Brief, challenge: Challenge, sample: SampleType, draft: str) -> Fields:
    """Return the fields of the tasks that work from the finished document: post, bullets, talking points."""
    person, scenario = person_fields(brief), scenario_fields(challenge)
    return {
        **{key: person[key] for key in ("target_role", "background", "skills")},
        **{key: scenario[key] for key in ("company", "facts", "decision")},
        "work_sample": sample.title,
        "notes": brief.notes,
        "draft": draft,
    }


def review_fields(brief: Brief, sample: SampleType, draft: str) -> Fields:
    """Return the fields of `readiness_review`."""
    person = {"target_role": brief.target_role, "skills": brief.skills, "notes": brief.notes}
    return {**person, "work_sample": sample.title, "draft": draft}


def setting_fields(brief: Brief, sample: SampleType) -> Fields:
    """Return the fields of `scenario`."""
    return person_fields(brief) | {"work_sample": sample.title, "notes": brief.notes}


def revision_fields(
    brief: Brief,
    challenge: Challenge,
    sample: SampleType,
    section: SectionRecord,
    *,
    draft: str,
    action: str,
    goal: str,
) -> Fields:
    """Return the fields of `revise_section`.

    Args:
        brief: The person's brief.
        challenge: The fiction.
        sample: The type of work sample.
        section: The section to rewrite.
        draft: Its text so far.
        action: What to do, such as `Make it shorter`.
        goal: What the new text has to reach.
    """
    scenario = scenario_fields(challenge)
    return {
        "target_role": brief.target_role,
        "company": scenario["company"],
        "facts": scenario["facts"],
        "work_sample": sample.title,
        "section": section.title,
        "notes": brief.notes,
        "draft": draft,
        "action": action,
        "rubric_goal": goal,
    }


def profile_fields(brief: Brief, family: str) -> Fields:
    """Return the fields of `role_profile`. The ad describes the role here, not the person."""
    fields: Fields = {"target_role": brief.target_role, "background": brief.background, "skills": brief.skills}
    return fields | {"job_ad": brief.job_ad, "role_family": family}
