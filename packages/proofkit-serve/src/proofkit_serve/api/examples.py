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
        "value": {"answer": {"question": "start.monday", "answer": "walk the night shift once around the yard"}},
    },
    "section": {
        "summary": "A section in your own words",
        "value": {"section": {"id": "call", "markdown": "I would start with the printer on line three."}},
    },
    "post": {
        "summary": "The LinkedIn post in your own words",
        "value": {"post": {"text": "This is a practice piece. I would start with the printer on line three."}},
    },
}

GENERATION_EXAMPLES: dict[str, Any] = {
    "packet": {"summary": "Everything that is missing", "value": {"kind": "packet"}},
    "section": {"summary": "One section", "value": {"kind": "section", "section": "call"}},
    "revision": {
        "summary": "Another text for a section",
        "value": {"kind": "revision", "section": "call", "action": "Make it shorter"},
    },
    "revisions": {
        "summary": "Another text for every section, a proposal each",
        "value": {"kind": "revisions", "action": "Make it more specific"},
    },
}

_GENERATION: dict[str, Any] = {
    "id": "gen_mJ0nY7aW3kQeVYqk0c0nH5dp",
    "session_id": "s_mJ0nY7aW3kQeVYqk0c0nH5dp",
    "kind": "revisions",
    "status": "running",
    "created_at": "2026-03-02T09:15:00Z",
    "updated_at": "2026-03-02T09:15:04Z",
    "url": "/v1/generations/gen_mJ0nY7aW3kQeVYqk0c0nH5dp",
    "events_url": "/v1/generations/gen_mJ0nY7aW3kQeVYqk0c0nH5dp/events",
    "outcome": None,
}

GENERATION_LIST_EXAMPLES: dict[str, Any] = {
    "more": {
        "summary": "There is more: ask again with this `after`",
        "value": {"generations": [_GENERATION], "next_after": "gen_mJ0nY7aW3kQeVYqk0c0nH5dp"},
    },
    "last": {"summary": "The last page", "value": {"generations": [_GENERATION], "next_after": None}},
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
    "own_post": None,
    "travel": None,
    "packet": None,
}

STREAM_EXAMPLE = (
    'event: queued\nid: 1\ndata: {"type":"queued","part":"","position":0}\n\n'
    'event: attempt\nid: 2\ndata: {"type":"attempt","part":"section.call","number":1,'
    '"backend":"smollm2-135m","name":"SmolLM2 135M","prompt_set":"frozen v1","mark":""}\n\n'
    'event: delta\nid: 3\ndata: {"type":"delta","part":"section.call","text":"I would start with"}\n\n'
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
