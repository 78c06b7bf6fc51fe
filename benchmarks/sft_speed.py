"""How fast the embedded base trains on a CPU: number types, batch sizes, and rows as a tree or padded.

Run it as `python benchmarks/sft_speed.py`, or with `--data DIR` for the rows of a data set instead of invented ones of
about 450 tokens and completions of about 130. All settings take turns on the same rows, because on a shared machine
only ratios of neighbouring runs mean anything; the figures are medians over the rounds. A step here is a pass forth and
back without the optimizer, which takes under a hundredth of it. Tokens are those of the rows, shared, padded or not.

With one thread, seconds of the processor are counted, which other programs disturb little; with more, seconds of the
clock, because threads that wait for each other count as busy.
"""

import argparse
import random
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple, cast

from proofkit_train.base.model import load_model
from proofkit_train.base.source import resolve_base
from proofkit_train.base.tokenizer import BaseTokenizer, open_tokenizer
from proofkit_train.data.files import read_split
from proofkit_train.sft.attention import TREE_ATTENTION, register_tree_attention
from proofkit_train.sft.lanes import imported_versions, load_lane
from proofkit_train.sft.loss import collate, completion_loss
from proofkit_train.sft.model import adapter_settings, freeze_base
from proofkit_train.sft.order import plan_batches
from proofkit_train.sft.recipe import Recipe
from proofkit_train.tokens import NO_LABEL, TokenRow, tokenize_row

WORDS = [*range(1000, 9000)]
PROMPT, COMPLETION, INSTRUCTION = 450, 130, 100


class Setting(NamedTuple):
    """What is compared."""

    dtype: str
    layout: str
    rows: int


SETTINGS = (
    Setting("fp32", "padded", 4),
    Setting("bf16-weights", "padded", 4),
    Setting("bf16-autocast", "padded", 4),
    Setting("bf16-autocast", "padded", 8),
    Setting("bf16-autocast", "padded", 16),
    Setting("fp32", "tree", 8),
    Setting("bf16-weights", "tree", 8),
    Setting("bf16-autocast", "tree", 4),
    Setting("bf16-autocast", "tree", 8),
    Setting("bf16-autocast", "tree", 16),
)


def invented_rows(count: int) -> list[TokenRow]:
    """Return rows in pairs that share most of their prompt, all with one instruction, as a data set has them."""
    draw = random.Random(0)  # noqa: S311 - filler, not a secret
    instruction = draw.choices(WORDS, k=INSTRUCTION)
    rows: list[TokenRow] = []
    while len(rows) < count:
        person = draw.choices(WORDS, k=draw.randint(200, 300))
        for _ in range(2):
            prompt = [*instruction, *person]
            prompt += draw.choices(WORDS, k=PROMPT - 250 - INSTRUCTION + draw.randint(-50, 50))
            completion = draw.choices(WORDS, k=COMPLETION + draw.randint(-60, 60))
            rows.append(TokenRow((*prompt, *completion), (*[NO_LABEL] * len(prompt), *completion)))
    return rows[:count]


def rows_of_data(folder: Path, count: int, tokenizer: BaseTokenizer) -> list[TokenRow]:
    """Return rows of a data set that follow each other, so that some are of one person."""
    rows = read_split(folder, "train")
    start = len(rows) // 3
    return [tokenize_row(tokenizer, row.prompt, row.completion) for row in rows[start : start + count]]


def load(dtype: str) -> Any:  # noqa: ANN401 - a PEFT model
    """Return the embedded base with an adapter, in one number type."""
    from peft import get_peft_model  # noqa: PLC0415 - loads torch

    recipe = Recipe.model_validate({"name": "speed", "base": "embedded", "dtype": dtype})
    model = cast("Any", load_model(resolve_base("embedded")))
    freeze_base(model, recipe)
    return cast("Any", get_peft_model)(model, adapter_settings(recipe))


def time_setting(model: Any, rows: list[TokenRow], setting: Setting, clock: Callable[[], float]) -> float:  # noqa: ANN401
    """Return the tokens a second of one pass over the rows."""
    recipe = Recipe.model_validate(
        {
            "name": "speed",
            "base": "embedded",
            "device": "cpu",
            "layout": setting.layout,
            "batch_rows": setting.rows,
            "batch_tokens": 1_000_000,
            "gradient_accumulation": 1,
        }
    )
    model.get_base_model().config._attn_implementation = (  # noqa: SLF001 - as the session sets it
        TREE_ATTENTION if setting.layout == "tree" else "sdpa"
    )
    plan = plan_batches(rows, [1] * len(rows), recipe)
    batches = [
        [{"input_ids": list(rows[place].input_ids), "labels": list(rows[place].labels)} for place in batch]
        for batch in plan.batches
    ]
    started = clock()
    for batch in batches:
        summed = completion_loss(model, collate(batch, layout=setting.layout, pad_token=0), setting.dtype)
        cast("Any", summed.loss).backward()
        model.zero_grad(set_to_none=True)
    return sum(len(row.input_ids) for row in rows) / (clock() - started)


def main() -> None:
    """Time all settings and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR", help="data set (default: invented rows)")
    parser.add_argument("--rows", type=int, default=16, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    parser.add_argument("--only", default="", metavar="TEXT", help="settings whose name has this, such as 'tree 8'")
    parsed = parser.parse_args()
    imported_versions(load_lane("dense").lock)  # in the order in which they must be
    import torch

    torch.set_num_threads(parsed.threads)
    torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]
    register_tree_attention()
    tokenizer = open_tokenizer(resolve_base("embedded"))
    rows = rows_of_data(parsed.data, parsed.rows, tokenizer) if parsed.data else invented_rows(parsed.rows)
    settings = [one for one in SETTINGS if parsed.only in f"{one.dtype} {one.layout} {one.rows}"]
    models = {dtype: load(dtype) for dtype in dict.fromkeys(one.dtype for one in settings)}
    clock = process_time if parsed.threads == 1 else perf_counter
    found: dict[Setting, list[float]] = {one: [] for one in settings}
    for _ in range(parsed.rounds):
        for one in settings:
            found[one].append(time_setting(models[one.dtype], rows, one, clock))
    tokens, trained = sum(len(row.input_ids) for row in rows), sum(row.trained for row in rows)
    print(f"{len(rows)} rows, {tokens} tokens, {trained} trained; {parsed.threads} threads")
    for one, speeds in found.items():
        print(f"{one.dtype:14} {one.layout:7} {one.rows:3} rows  {median(speeds):6.0f} tokens/s")


if __name__ == "__main__":
    main()
