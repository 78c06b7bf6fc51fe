"""The examples of the OpenAPI document; a test sends them."""

from typing import Any

_GOAL = {
    "target_role": "Project manager (entry level)",
    "background": "Shift lead in a parcel depot for six years, nights and weekends.",
    "skills": ["planning", "risk management"],
    "weak_spots": ["never wrote a formal project plan"],
    "notes": ["night shift finds things out at the kettle, nobody opens the app"],
    "preferred_sample": "risk plan",
}

SESSION_INPUT_EXAMPLES: dict[str, Any] = {
    "empty": {"summary": "An empty session", "value": {}},
    "goal": {"summary": "With a goal", "value": {"goal": _GOAL, "seed": 7}},
}

CHANGE_EXAMPLES: dict[str, Any] = {
    "goal": {"summary": "Another goal", "value": {"goal": _GOAL}},
    "model": {"summary": "Another model", "value": {"model": "template"}},
    "seed": {"summary": "Another company", "value": {"seed": 8}},
    "role": {"summary": "Another role", "value": {"role": "project-manager"}},
    "sample": {"summary": "Another type of work sample", "value": {"sample": "risk plan"}},
    "challenge": {
        "summary": "Another name for the company",
        "value": {"challenge": {"company": "Brindlewick Freight"}},
    },
    "notes": {
        "summary": "All of your points",
        "value": {"notes": ["I would rather cut the scope than ask people for a fourth Saturday"]},
    },
    "answer": {
        "summary": "An answer to a guided question",
        "value": {"answer": {"question": "recommendation.date", "answer": "by the end of the month"}},
    },
    "section": {
        "summary": "A section in your own words",
        "value": {"section": {"id": "recommendation", "markdown": "I would start with the printer on line three."}},
    },
}

GENERATION_EXAMPLES: dict[str, Any] = {
    "packet": {"summary": "Everything that is missing", "value": {"kind": "packet"}},
    "section": {"summary": "One section", "value": {"kind": "section", "section": "recommendation"}},
    "revision": {
        "summary": "Another text for a section",
        "value": {"kind": "revision", "section": "recommendation", "action": "Make it shorter"},
    },
}

SESSION_EXAMPLE: dict[str, Any] = {
    "schema": "proofkit.session/1",
    "id": "s_mJ0nY7aW3kQeVYqk0c0nH5dp",
    "revision": 0,
    "language": "en",
    "model_choice": "",
    "goal": None,
    "demo": "",
    "notices": [],
    "seed": 0,
    "role": None,
    "sample_choice": "",
    "exercise": None,
    "sections": [],
    "proposals": [],
    "travel": None,
    "packet": None,
}

STREAM_EXAMPLE = (
    'event: queued\nid: 1\ndata: {"type":"queued","part":"","position":0}\n\n'
    'event: attempt\nid: 2\ndata: {"type":"attempt","part":"section.recommendation","number":1,'
    '"backend":"smollm2-135m","name":"SmolLM2 135M","prompt_set":"frozen v1","mark":""}\n\n'
    'event: delta\nid: 3\ndata: {"type":"delta","part":"section.recommendation","text":"I would start with"}\n\n'
    'event: done\nid: 4\ndata: {"type":"done","part":"","status":"done","revision":5}\n\n'
)

CHAT_EXAMPLES: dict[str, Any] = {
    "messages": {
        "summary": "Messages, as any OpenAI client sends them",
        "value": {
            "model": "proofkit",
            "messages": [{"role": "user", "content": "Name one risk of moving a depot."}],
            "max_tokens": 64,
        },
    },
    "task": {
        "summary": "A task of the contract, rendered from its fields",
        "value": {
            "model": "proofkit",
            "messages": [],
            "proofkit": {
                "task": "revise_section",
                "fields": {
                    "company": "Brindlewick Freight",
                    "work_sample": "Risk plan",
                    "section": "The call",
                    "draft": "I would move the sewing machines first and the cutting tables a week later.",
                    "action": "Make it shorter",
                    "rubric_goal": "Says what to do in one sentence",
                },
            },
        },
    },
}
