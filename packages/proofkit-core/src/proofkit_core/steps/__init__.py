"""The main job in single steps, for programs that let a person see and change what lies between.

In this order: `find_role`, `set_exercise`, `open_desk`, `write_section` for each section, `assemble_sample`,
`write_travel`, `finish`. Between them a person may change the exercise (`edit_exercise`), add notes and answers
(`with_brief`), have a section rewritten (`revise`) or rewrite it themselves (`edit_section`), and change the post
(`edit_post`), also in a packet that is finished (`put_post`). Every step is a function of its parameters, and what it
returns is frozen data that can be stored as JSON.
"""

from proofkit_core.roles.synthesis import ChosenRole
from proofkit_core.steps.finishing import Travel, assemble_sample, finish, write_travel
from proofkit_core.steps.opening import Exercise, edit_exercise, find_role, open_desk, set_exercise, with_brief
from proofkit_core.steps.posting import edit_post, put_post
from proofkit_core.steps.writing import Revision, edit_section, revise, write_section

__all__ = [
    "ChosenRole",
    "Exercise",
    "Revision",
    "Travel",
    "assemble_sample",
    "edit_exercise",
    "edit_post",
    "edit_section",
    "find_role",
    "finish",
    "open_desk",
    "put_post",
    "revise",
    "set_exercise",
    "with_brief",
    "write_section",
    "write_travel",
]
