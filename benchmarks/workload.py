"""What the benchmarks of speed ask for: sections of one exercise, and stories that go on as long as they may."""

from typing import Any

from proofkit_prompts import FrozenPrompt, OutputKind

__all__ = ["FIELDS", "SECTIONS", "story_prompt"]

FIELDS = {
    "target_role": "Project manager (entry level)",
    "background": (
        "Night porter in a harbour hotel, five years. I re-drew the key board so that lost keys fell from nine a "
        "month to two, and I trained every new colleague in it."
    ),
    "skills": ["planning", "stakeholder communication", "risk management"],
    "weak_spots": ["never wrote a formal plan", "nervous about budgets"],
    "company": "Larkmoor Linen",
    "setting": "Larkmoor Linen, an invented laundry for hotels, moves its pick-up rounds to a shared calendar.",
    "facts": ["[S1] 6 vans", "[S2] 41 hotels on the round", "[S3] first week planned for 3 June"],
    "decision": "Start on 3 June with all hotels, or with a part, and on what condition",
    "work_sample": "Rollout plan",
    "notes": ["night staff never see the e-mail", "a half-full van still costs a whole driver"],
}
SECTIONS = {
    "Goal": "Say what changes for whom, and how one will know",
    "Risks": "Name the risks in the order of work, each with a sign and an owner",
    "Schedule": "Order the steps and say what each waits for",
    "Decision": "Say what is decided when, and by whom",
}


def story_prompt(topic: str, schema: dict[str, Any] | None, tokens: int) -> FrozenPrompt:
    """Return a prompt whose answer runs on.

    Args:
        topic: What the story is about.
        schema: What the answer has to fit, if anything.
        tokens: How many the answer may have.
    """
    user = f"Tell a very long story about {topic}, in nine chapters."
    return FrozenPrompt(
        contract="benchmark",
        contract_digest="0" * 64,
        task="story",
        task_digest="0" * 64,
        system="",
        user=user,
        text=f"<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n",
        stop=(),
        output=OutputKind.MARKDOWN if schema is None else OutputKind.JSON,
        output_schema=schema,
        max_tokens=tokens,
    )
