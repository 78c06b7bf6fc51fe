"""The first form in a browser."""

from typing import Any

Person = Any
"""That of conftest.py; tests can import no module of theirs."""


def test_a_reproach_goes_when_its_field_is_filled_and_nothing_moves(person: Person) -> None:
    person.begin()
    person.press(person.button(person.w("goal.forward")))
    error = person.page.locator("#target_role-error")
    error.wait_for()
    field = person.page.locator("#target_role")
    before = field.bounding_box()
    field.fill("Facilities coordinator")
    error.wait_for(state="hidden")
    assert field.get_attribute("aria-invalid") is None
    assert field.bounding_box() == before
    assert person.page.locator("#background").get_attribute("aria-invalid") == "true"
    assert person.page.locator("#problems .is-settled").count() == 1
