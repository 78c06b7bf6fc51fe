"""Writes the held-out prompts of the evaluation, from hand-written cases that training never meets.

    python scripts/held_out.py [--check] [--rows train.jsonl …]

The reported set is drawn from roles that training never met: ten families of 12 prompts, with new people, and with
words of theirs that stand in no training case. The smoke set of 15 is drawn from new people of roles that it knows.
With `--check` nothing is written, and it fails when the files are out of date; `--rows` looks for leaks in training
rows.
A set never changes under its name: once a number was published, draw another one under another name.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from proofkit_core.drafting.desk import typed_text
from proofkit_core.drafting.fields import Fields
from proofkit_core.faithfulness import words_kept
from proofkit_core.samples.records import View
from proofkit_core.seeds import stream
from proofkit_eval.heldout import find_leaks, read_training_rows, set_digest
from proofkit_eval.heldout.reading import written_set
from proofkit_eval.records import Prompt, Scene, Swap
from proofkit_prompts import Contract, load_contract
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_train.data.asking import Ask, Target, Workbench
from proofkit_train.data.case import Case
from proofkit_train.data.gate import Gate, Recited
from proofkit_train.data.reading import iter_texts, load_cases, role_of
from proofkit_train.data.split import TEST, TEST_PEOPLE, TRAIN, VALIDATION, held_out, split_of
from proofkit_train.data.variation import Variation
from proofkit_train.data.world import World, open_world

FOLDER = Path(__file__).parents[1] / "packages/proofkit-eval/src/proofkit_eval/heldout/data"
SEED = 71
"""Not the seed of the data set, so that companies, numbers and wording are new."""
PEOPLE = 4
"""Variations of each case: each of its people once."""
EACH, SMOKE = 12, 15
CONTRACT = load_contract()

_VIEWS = {
    "recommend": (View.RECOMMENDATION,),
    "doubt": (View.ASSUMPTIONS, View.REVERSAL),
    "plan": (View.STEPS, View.RISKS, View.CHECKLIST, View.MEASURES, View.SPECIMEN),
    "frame": (View.SITUATION, View.TRADEOFF, View.OPTIONS, View.PEOPLE, View.REQUIREMENTS, View.QUESTIONS),
}
_TASKS = {
    "revise_section": "revise",
    "linkedin_post": "post",
    "resume_bullets": "bullets",
    "talking_points": "talk",
    "readiness_review": "review",
    "scenario": "setting",
}
FAMILIES = (*_VIEWS, *_TASKS.values())
Carrier = Literal["section", "bullet", "post", "talking_point", "review", "setting"]
_CARRIERS: dict[str, Carrier] = {
    "linkedin_post": "post",
    "resume_bullets": "bullet",
    "talking_points": "talking_point",
    "readiness_review": "review",
    "scenario": "setting",
}
_NUMBER_WORDS = tuple(
    "seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen nineteen".split()  # noqa: SIM905 - reads best as words
)


class Overheard:
    """The contract, remembering the fields that it was last asked to render."""

    def __init__(self, contract: Contract) -> None:
        """Take the contract."""
        self._contract = contract
        self.fields: Fields = {}

    def render(self, task: str, fields: Fields) -> FrozenPrompt:
        """Render as the contract does."""
        self.fields = dict(fields)
        return self._contract.render(task, fields)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the contract has
        """Return anything else from the contract."""
        return getattr(self._contract, name)


@dataclass(frozen=True)
class Drawn:
    """A prompt that could be taken, with the answer that was written for it by hand."""

    prompt: Prompt
    target: str


class Known:
    """The words of everybody that training meets."""

    def __init__(self, cases: Iterable[Case]) -> None:
        """Read all cases that are trained on or that training is watched with."""
        cases = [case for case in cases if split_of(case, held_out()) in {TRAIN, VALIDATION}]
        self.words = {word.casefold() for case in cases for options in case.vary.values() for word in options}
        self._text = f" {_plain(' '.join(text for case in cases for text in iter_texts(case)))} "

    def __contains__(self, word: object) -> bool:
        """Say whether anybody in training says it."""
        told = str(word).casefold()
        return told in self.words or (not told.isdigit() and f" {_plain(told)} " in self._text)


def fresh_words(case: Case, number: int, known: Known) -> tuple[tuple[str, str], ...]:
    """Return a word for each swapped word of a case that nobody in training says, where there is one."""
    chosen: dict[str, str] = {}
    for key, options in case.vary.items():
        new = [word for word in (*options, *_other_numbers(options)) if word not in known]
        taken = set(chosen.values())
        new = [word for word in new if word not in taken] or new
        if new:
            chosen[key] = new[number % len(new)]
    return tuple(chosen.items())


def _other_numbers(options: Sequence[str]) -> Iterator[str]:
    if all(word.isdigit() for word in options):
        numbers = [int(word) for word in options]
        yield from (str(number) for number in range(max(2, min(numbers)), 2 * max(numbers) + 1))
    elif all(word in {*_NUMBER_WORDS, "three", "four", "five", "six"} for word in options):
        yield from _NUMBER_WORDS


def draw_all(cases: Iterable[Case], known: Known) -> Iterator[Drawn]:
    """Yield every prompt of some cases that could be taken."""
    for case in cases:
        for number in range(1, PEOPLE + 1):
            variation = Variation(case.id, number, SEED, forced=fresh_words(case, number, known))
            world = open_world(case, variation)
            for ask in Workbench(world).asks():
                drawn = draw(world, ask, known)
                if drawn:
                    yield drawn


def draw(world: World, ask: Ask, known: Known) -> Drawn | None:
    """Return one prompt, or None where the answer written for it by hand is none that the app would use."""
    target = _written(ask, ask.target)
    tried = Gate(world, CONTRACT).try_target(ask, target, lambda draft: _written(ask, ask.used(draft)))
    fields = fields_of(world, ask)
    if tried.reason or not fields:
        return None
    text = json.dumps(fields, ensure_ascii=False)
    rare = {world.words[key] for key in world.case.vary if world.words[key] not in known}
    challenge, brief = world.material.challenge, world.material.brief
    person = _person(world)
    prompt = Prompt(
        id=f"{world.case.id}/p{person}/{ask.task}/{ask.name}",
        family=_family(world, ask),
        task=ask.task,
        fields=fields,
        persona=f"{world.case.id}/p{person}",
        role=role_of(world.case).role.title,
        artifact=world.case.sample,
        cluster=f"{world.case.id}/p{person}+{world.case.sample}",
        typed=typed_text(brief),
        must_keep=ask.must_keep,
        values=tuple(sorted(word for word in rare if _stands_in(word, text))),
        facts=() if ask.before_exercise else challenge.facts,
        company="" if ask.before_exercise else challenge.company,
        swap=swap_of(world, ask, fields, known),
        carrier=_CARRIERS.get(ask.task, "section"),
        brief=brief,
        scene=Scene(
            role_id=world.case.role, scenario_id=world.case.scenario, piece=ask.name, seed=world.variation.number
        ),
    )
    return Drawn(prompt, target)


def fields_of(world: World, ask: Ask) -> Fields:
    """Return the fields that the app renders for a piece."""
    heard = Overheard(CONTRACT)
    gate = Gate(world, cast("Contract", heard))
    ask.ask(gate.desk(ask, Recited("none")))
    return heard.fields


def swap_of(world: World, ask: Ask, fields: Fields, known: Known) -> Swap | None:
    """Return the counterfactual twin: one word of the person is another, and every other byte is the same."""
    said, text = "\n".join(ask.must_keep), json.dumps(fields, ensure_ascii=False)
    # A word that a good answer has to keep comes first: only there must the answer follow.
    keys = sorted(world.case.vary, key=lambda key: (not _stands_in(world.words[key], said), key))
    for key in keys:
        old = world.words[key]
        if not _stands_in(old, text) or not _is_told_apart(old):
            continue
        for new in (*world.case.vary[key], *_other_numbers(world.case.vary[key])):
            if new in known or not _is_told_apart(new) or not _differ(old, new) or new.casefold() in text.casefold():
                continue
            twin = _twin(world, ask, fields, (key, old, new))
            if twin:
                return twin
    return None


def _twin(world: World, ask: Ask, fields: Fields, change: tuple[str, str, str]) -> Swap | None:
    key, old, new = change
    forced = (*(pair for pair in world.variation.forced if pair[0] != key), (key, new))
    other = open_world(world.case, Variation(world.case.id, world.variation.number, SEED, forced=forced))
    ask_again = next((a for a in Workbench(other).asks() if (a.task, a.name) == (ask.task, ask.name)), None)
    if ask_again is None:
        return None
    found = fields_of(other, ask_again)
    if json.dumps(found).replace(json.dumps(new)[1:-1], json.dumps(old)[1:-1]) != json.dumps(fields):
        return None
    if found == fields or other.material.challenge != world.material.challenge:
        return None
    brief = other.material.brief
    return Swap(
        old=old,
        new=new,
        fields=found,
        must_keep=ask_again.must_keep,
        typed=typed_text(brief),
        brief=brief,
    )


def _is_told_apart(word: str) -> bool:
    """Say whether a word is one that shows in an answer: not a short one, and not only small words."""
    return len(word) > 1 and words_kept(word, "").total > 0


def _differ(old: str, new: str) -> bool:
    return words_kept(old, new).recall < 1.0 and words_kept(new, old).recall < 1.0


def _family(world: World, ask: Ask) -> str:
    if ask.task in _TASKS:
        return _TASKS[ask.task]
    view = next(section.view for section in world.material.sample.sections if section.id == ask.name)
    return next(family for family, views in _VIEWS.items() if view in views)


def _person(world: World) -> int:
    chosen = world.variation.turn("person", world.case.person)
    return world.case.person.index(chosen)


def _written(ask: Ask, target: Target) -> str:
    return target if isinstance(target, str) else CONTRACT.serialize(ask.task, target)


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold()).split())


def _stands_in(word: str, text: str) -> bool:
    return f" {_plain(word)} " in f" {_plain(text)} "


def choose(pool: Sequence[Drawn], sizes: Mapping[str, int]) -> list[Drawn]:
    """Return so many of each family, spread over cases, people and tasks as evenly as they go."""
    chosen: list[Drawn] = []
    used: Counter[str] = Counter()
    order = {drawn.prompt.id: stream("held-out", SEED, drawn.prompt.id).random() for drawn in pool}
    for family, size in sizes.items():
        left = [drawn for drawn in pool if drawn.prompt.family == family]
        here: Counter[str] = Counter()
        for _ in range(min(size, len(left))):
            best = min(left, key=lambda drawn: _cost(drawn.prompt, used, here, order))
            left.remove(best)
            chosen.append(best)
            prompt = best.prompt
            case = prompt.persona.partition("/")[0]
            used.update([prompt.persona, case, prompt.scene.role_id])
            here.update([prompt.task, case, prompt.scene.role_id, prompt.persona])
    return chosen


def _cost(prompt: Prompt, used: Counter[str], here: Counter[str], order: Mapping[str, float]) -> tuple[float, ...]:
    case = prompt.persona.partition("/")[0]
    return (
        here[prompt.persona],
        here[case],
        here[prompt.task],
        here[prompt.scene.role_id],
        used[prompt.persona],
        _swap_cost(prompt),
        used[case],
        order[prompt.id],
    )


def _swap_cost(prompt: Prompt) -> int:
    if prompt.swap is None:
        return 2
    return 0 if not prompt.must_keep or any(_stands_in(prompt.swap.old, said) for said in prompt.must_keep) else 1


def draw_sets() -> dict[str, list[Drawn]]:
    """Return the sets by name."""
    cases = load_cases()
    known = Known(cases)
    roles = [case for case in cases if split_of(case, held_out()) == TEST]
    people = [case for case in cases if split_of(case, held_out()) == TEST_PEOPLE]
    one_each = {family: 1 + (place < SMOKE - len(FAMILIES)) for place, family in enumerate(FAMILIES)}
    return {
        "held-out-v1": choose(list(draw_all(roles, known)), dict.fromkeys(FAMILIES, EACH)),
        "smoke-v1": choose(list(draw_all(people, known)), one_each),
    }


def files_of(name: str, drawn: Sequence[Drawn]) -> dict[Path, bytes]:
    """Return the files of a set: prompts, their digest, and the answers that were written for them by hand."""
    content = written_set(each.prompt for each in drawn)
    answers = [{"prompt_id": each.prompt.id, "text": each.target, "finish_reason": "stop"} for each in drawn]
    lines = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
    return {
        FOLDER / f"{name}.jsonl": content,
        FOLDER / f"{name}.sha256": f"{set_digest(content)}\n".encode(),
        FOLDER / f"{name}.hand-written.jsonl": lines.encode(),
    }


def tell(name: str, drawn: Sequence[Drawn]) -> None:
    """Print what a set is made of."""
    prompts = [each.prompt for each in drawn]
    clusters = len({prompt.cluster for prompt in prompts})
    swaps = [prompt for prompt in prompts if prompt.swap]
    kept = sum(_swap_cost(prompt) == 0 and bool(prompt.must_keep) for prompt in swaps)
    print(f"{name}: {len(prompts)} prompts, {clusters} clusters, {len({p.scene.role_id for p in prompts})} roles")
    print(f"  families: {dict(Counter(prompt.family for prompt in prompts))}")
    print(f"  tasks: {dict(Counter(prompt.task for prompt in prompts))}")
    rare = sum(bool(prompt.values) for prompt in prompts)
    print(f"  twins: {len(swaps)}, {kept} with a word that a good answer keeps; {rare} prompts with rare words")


def main() -> int:
    """Write the files, or say whether they are up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if a file is out of date")
    parser.add_argument("--rows", type=Path, nargs="+", default=[], help="training rows to look for leaks in")
    options = parser.parse_args()
    late: list[str] = []
    for name, drawn in draw_sets().items():
        tell(name, drawn)
        for path, content in files_of(name, drawn).items():
            if not options.check:
                path.write_bytes(content)
            elif not path.is_file() or path.read_bytes() != content:
                late.append(path.name)
        leaks = find_leaks(
            [each.prompt for each in drawn], (row for path in options.rows for row in read_training_rows(path))
        )
        # The smoke set is about roles that training knows.
        told = [leak for leak in leaks if name != "smoke-v1" or leak.kind != "role"]
        late += [f"{name} leaks: {leak.kind} of {leak.prompt_id} in {leak.row_id}: {leak.what!r}" for leak in told]
    if late:
        print("\n".join(late), file=sys.stderr)
    return 1 if late else 0


if __name__ == "__main__":
    raise SystemExit(main())
