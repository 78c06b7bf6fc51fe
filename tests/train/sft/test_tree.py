"""The tree layout: what rows share goes through the model once, and the numbers are the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proofkit_train.sft.tree import LEAST_SHARED, Tree, build_tree, prompt_length, shared_length, tree_size
from proofkit_train.tokens import NO_LABEL, TokenRow


def row(prompt: list[int], completion: list[int]) -> TokenRow:
    return TokenRow((*prompt, *completion), (*[NO_LABEL] * len(prompt), *completion))


def seen_by(tree: Tree, place: int) -> list[int]:
    """The tokens that one token of a tree sees, itself included, in order."""
    block = next(block for block in tree.blocks if block.start <= place < block.end)
    places = [each for first, last in block.sees for each in range(first, last)]
    return [tree.ids[each] for each in (*places, *range(block.start, place + 1))]


@st.composite
def batches(draw: st.DrawFn) -> list[TokenRow]:
    """Rows that often begin alike, with prompts within prompts and the same row twice."""
    stems = draw(st.lists(st.lists(st.integers(1, 3), min_size=20, max_size=40), min_size=1, max_size=2))
    made: list[TokenRow] = []
    for _ in range(draw(st.integers(1, 5))):
        stem = draw(st.sampled_from(stems))[: draw(st.integers(1, 40))]
        more = draw(st.lists(st.integers(1, 3), max_size=30))
        made.append(row([*stem, *more, 0], draw(st.lists(st.integers(4, 6), min_size=1, max_size=5))))
    return [*made, *draw(st.lists(st.sampled_from(made), max_size=2))]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches())
def test_each_trained_token_sees_its_own_row_and_nothing_else(rows: list[TokenRow]) -> None:
    tree = build_tree(rows)
    found = sorted(
        (tuple(seen_by(tree, place)), target) for place, target in enumerate(tree.targets) if target != NO_LABEL
    )
    expected = sorted(
        (one.input_ids[:place], one.labels[place])
        for one in rows
        for place in range(len(one.labels))
        if one.labels[place] != NO_LABEL
    )
    assert found == expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches())
def test_a_token_knows_its_place_in_its_row(rows: list[TokenRow]) -> None:
    tree = build_tree(rows)
    assert [len(seen_by(tree, place)) - 1 for place in range(len(tree.ids))] == list(tree.positions)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches())
def test_a_tree_is_never_larger_than_its_rows(rows: list[TokenRow]) -> None:
    assert len(build_tree(rows).ids) == tree_size(rows) <= sum(len(one.input_ids) for one in rows)


def test_a_long_common_beginning_is_there_once() -> None:
    stem = list(range(100, 100 + 3 * LEAST_SHARED))
    rows = [row([*stem, 1, 0], [5, 6]), row([*stem, 2, 0], [7])]
    assert tree_size(rows) == len(stem) + 4 + 3


def test_the_last_token_of_a_prompt_is_never_shared() -> None:
    same = row(list(range(50)), [7, 8])
    assert shared_length(same, same) == prompt_length(same) - 1 == 49


@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_loss_and_gradients_are_those_of_whole_rows(family: str, tiny_base: Callable[[str], Path]) -> None:
    torch = pytest.importorskip("torch")
    from peft import get_peft_model  # noqa: PLC0415

    from proofkit_train.base.model import load_model  # noqa: PLC0415
    from proofkit_train.base.source import resolve_base  # noqa: PLC0415
    from proofkit_train.sft.attention import TREE_ATTENTION, register_tree_attention  # noqa: PLC0415
    from proofkit_train.sft.loss import collate, completion_loss  # noqa: PLC0415
    from proofkit_train.sft.model import adapter_settings  # noqa: PLC0415
    from proofkit_train.sft.recipe import Recipe  # noqa: PLC0415

    register_tree_attention()
    stem = [3 + (7 * number) % 400 for number in range(300)]
    rows = [
        row([*stem[:200], *stem[5:45], 4], [9, 8, 7]),
        row([*stem[:200], 11, 12, 13], [21, 22]),
        row([*stem[:60], 31], [*stem[:150]]),
        row([2, 5, 4], [3, 2]),
    ]
    recipe = Recipe(name="one", base="tiny", rank=4, dtype="fp32")
    model: Any = load_model(resolve_base(str(tiny_base(family))))
    model = cast("Any", get_peft_model)(model, adapter_settings(recipe))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.data.normal_(0.0, 0.1)
    found: dict[str, tuple[float, Any]] = {}
    for layout, attention in (("padded", "sdpa"), ("tree", TREE_ATTENTION)):
        model.get_base_model().config._attn_implementation = attention
        model.zero_grad()
        examples = [{"input_ids": list(one.input_ids), "labels": list(one.labels)} for one in rows]
        summed = completion_loss(model, collate(examples, layout=layout, pad_token=0), "fp32")
        cast("Any", summed.loss).backward()
        assert summed.trained == sum(one.trained for one in rows)
        gradient = torch.cat([weight.grad.flatten() for weight in model.parameters() if weight.requires_grad])
        found[layout] = float(summed.loss.detach()), gradient
    assert found["tree"][0] == pytest.approx(found["padded"][0], rel=1e-5)
    difference = (found["tree"][1] - found["padded"][1]).norm() / found["padded"][1].norm()
    assert float(difference) < 1e-4
