"""Writes the packet as a JSON Resume: one project, labelled as simulated, and never an employment."""

import json
from typing import Any

from proofkit_core.packet import Packet

PROJECT_TYPE = "simulated work sample"
ENTITY = "Fictional company"
EXTENSION = "proofkit.resume/1"


def write_json_resume(packet: Packet) -> str:
    """Return `resume.json`; it holds `projects` and no `work`."""
    sample = packet.sample
    project: dict[str, Any] = {
        "name": f"{sample.title} (simulated)",
        "type": PROJECT_TYPE,
        "entity": ENTITY,
        "description": sample.disclosure,
        "highlights": [" ".join(item.split()) for item in packet.bullets.items],
        "keywords": list(packet.brief.skills),
        "x-proofkit": {
            "schema": EXTENSION,
            "simulated": True,
            "company": {"name": packet.challenge.company, "fictional": True},
            "disclosure": sample.disclosure,
            "place_under": packet.bullets.heading,
            "role": packet.role.title,
        },
    }
    resume: dict[str, Any] = {"basics": {"name": packet.brief.name} if packet.brief.name else {}, "projects": [project]}
    return json.dumps(resume, ensure_ascii=False, indent=2) + "\n"
