import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofkit_train.base.families import family_of, gguf_name, permute, transformers_name, unpermute
from proofkit_train.errors import BaseError


@given(heads=st.integers(1, 4), half=st.integers(1, 4), columns=st.integers(1, 3))
def test_the_order_of_rows_can_be_undone(heads: int, half: int, columns: int) -> None:
    import numpy as np

    rows = np.arange(heads * half * 2 * columns, dtype=np.float32).reshape(-1, columns)
    np.testing.assert_array_equal(unpermute(permute(rows, heads), heads), rows)
    np.testing.assert_array_equal(permute(rows[:, 0], heads), permute(rows, heads)[:, 0])


def test_llama_cpp_keeps_the_two_halves_of_a_head_in_turn() -> None:
    import numpy as np

    assert permute(np.arange(8, dtype=np.float32), 2).tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("model.embed_tokens.weight", "token_embd.weight"),
        ("model.norm.weight", "output_norm.weight"),
        ("lm_head.weight", "output.weight"),
        ("model.layers.12.self_attn.q_proj.bias", "blk.12.attn_q.bias"),
        ("model.layers.0.mlp.down_proj.weight", "blk.0.ffn_down.weight"),
        ("model.layers.3.post_attention_layernorm.weight", "blk.3.ffn_norm.weight"),
    ],
)
def test_tensors_have_one_name_in_each_library(ours: str, theirs: str) -> None:
    assert (gguf_name(ours), transformers_name(theirs)) == (theirs, ours)


@pytest.mark.parametrize(
    "name", ["model.layers.0.mlp.experts.gate_up_proj", "blk.0.attn_q.weight", "lm_head.bias", "model.layers.x.mlp"]
)
def test_a_tensor_of_another_family_has_no_name(name: str) -> None:
    assert gguf_name(name) is None


def test_an_unknown_family_is_named() -> None:
    with pytest.raises(BaseError, match=r"'gpt2'\. Expected one of llama, qwen2"):
        family_of("gpt2", "somewhere")
