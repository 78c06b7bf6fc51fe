import ctypes
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofkit_prompts import load_contract
from proofkit_train.artifact.grammar import grammar_of
from proofkit_train.artifact.llama import LlamaModel, open_llama
from proofkit_train.artifact.merging import write_model
from proofkit_train.artifact.weights import open_weights
from proofkit_train.base.source import resolve_base
from proofkit_train.errors import ModelFileError

pytest.importorskip("llama_cpp")
MakeBase = Callable[[str], Path]
Fits = Callable[[dict[str, Any], str], bool]
CONTRACT = load_contract()
JSON_TASKS = [task for task in CONTRACT.tasks if CONTRACT.schema(task) is not None]


@pytest.fixture(scope="module")
def tiny_file(tiny_base: MakeBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = resolve_base(str(tiny_base("llama")))
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    write_model(path, source, open_weights(source), None, None, name="tiny")
    return path


@pytest.fixture(scope="module")
def tiny_model(tiny_file: Path) -> Iterator[LlamaModel]:
    with open_llama(tiny_file, context_tokens=1024) as model:
        yield model


@pytest.fixture(scope="module")
def fits(tiny_model: LlamaModel, tiny_file: Path) -> Fits:
    """Says whether llama.cpp lets a text through a schema's grammar, whole."""
    import llama_cpp as untyped

    library: Any = untyped
    loaded = library.llama_model_load_from_file(str(tiny_file).encode(), library.llama_model_default_params())
    vocabulary = library.llama_model_get_vocab(loaded)

    def ask(schema: dict[str, Any], text: str) -> bool:
        grammar = library.llama_sampler_init_grammar(vocabulary, grammar_of(schema).encode(), b"root")
        end = tiny_model.tokenize("<|im_end|>")
        try:
            for token in [*tiny_model.tokenize(text), *end]:
                one = (library.llama_token_data * 1)((token, 0.0, 0.0))
                found = library.llama_token_data_array(one, 1, -1, False)  # noqa: FBT003 - a C structure
                library.llama_sampler_apply(grammar, ctypes.byref(found))
                if one[0].logit != 0.0:
                    return False
                library.llama_sampler_accept(grammar, token)
        finally:
            library.llama_sampler_free(grammar)
        return True

    return ask


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that fit a schema."""
    kind = schema["type"]
    if kind == "string":
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        return st.text(
            st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0x2FF),
            min_size=schema["minLength"],
            max_size=min(24, schema["maxLength"]),
        ).filter(str.strip)  # the contract refuses blanks, which no grammar can count
    if kind == "array":
        return st.lists(values(schema["items"]), min_size=schema["minItems"], max_size=schema["maxItems"])
    return st.fixed_dictionaries({name: values(inner) for name, inner in schema["properties"].items()})


@pytest.mark.parametrize("task", JSON_TASKS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_the_contract_serialises_goes_through(fits: Fits, task: str, data: st.DataObject) -> None:
    schema = CONTRACT.schema(task)
    assert schema is not None
    text = CONTRACT.serialize(task, data.draw(values(schema)))
    assert fits(schema, text)
    assert not fits(schema, text[:-1])
    assert not fits(schema, text + " ")


BULLETS = CONTRACT.schema("resume_bullets") or {}


@pytest.mark.parametrize(
    "text",
    [
        '{"bullets": ["one"]}',
        '{"bullets": ["1", "2", "3", "4"]}',
        '{"bullets": ["one", ""]}',
        '{"bullets": ["one", "line\nbreak"]}',
        '{"bullets":["one", "two"]}',
        '{"bullets": ["one","two"]}',
        '{"bullets": ["one", "two"], "more": "x"}',
        '{"bullets": ["one", "' + "x" * 221 + '"]}',
        '[ "one", "two" ]',
    ],
)
def test_anything_else_is_stopped(fits: Fits, text: str) -> None:
    assert fits(BULLETS, '{"bullets": ["one \\"quoted\\" \\u00e9", "' + "x" * 220 + '"]}')
    assert not fits(BULLETS, text)


@pytest.mark.parametrize("task", JSON_TASKS)
def test_a_random_model_writes_an_object_of_the_schema(tiny_model: LlamaModel, task: str) -> None:
    schema = CONTRACT.schema(task) or {}
    prompt = "<|im_start|>user\nx<|im_end|>\n<|im_start|>assistant\n"
    found = tiny_model.complete(prompt, max_tokens=300, repeat_penalty=3.0, schema=schema)
    start = "{" + json.dumps(next(iter(schema["properties"]))) + ": "
    assert found.text.startswith(start)
    if found.ended:
        assert list(json.loads(found.text)) == list(schema["properties"])


def test_a_schema_of_another_kind_is_refused() -> None:
    with pytest.raises(ModelFileError, match="has the type 'number'"):
        grammar_of({"type": "object", "properties": {"x": {"type": "number"}}})
