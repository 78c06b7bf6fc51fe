"""A file of models is read strictly, and what is wrong with it is told in one sentence."""

from pathlib import Path

import pytest

from proofkit_core.errors import InputError
from proofkit_core.generation import PromptKind
from proofkit_serve.registry import BackendName, read_models

SERVER = """
[[model]]
id = "student"
backend = "openai_compatible"
base_urls = ["http://127.0.0.1:8001/v1"]
model = "student"
"""
TEMPLATE = '[[model]]\nid = "template"\nbackend = "template"\n'


def read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    read_models(path)


def test_without_a_file_there_is_the_model_that_comes_along_and_the_template() -> None:
    models = read_models(None)
    assert [spec.backend for spec in models.model] == [BackendName.LLAMA_CPP, BackendName.TEMPLATE]
    assert models.default_id == "embedded"


def test_paths_are_meant_from_the_files_own_folder(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(
        '[[model]]\nid = "own"\nbackend = "llama_cpp"\nweights = "own.gguf"\nadapter = "tuned.gguf"\ncache = "sums"\n',
        encoding="utf-8",
    )
    (spec,) = read_models(path).model
    assert spec.weights == tmp_path / "own.gguf"
    assert spec.adapter == str(tmp_path / "tuned.gguf")
    assert spec.cache == tmp_path / "sums"


def test_frozen_prompts_go_out_whole_and_editable_ones_as_messages(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(SERVER + 'prompts = "editable"\n' + SERVER.replace('"student"', '"two"', 1), encoding="utf-8")
    first, second = read_models(path).model
    assert (first.prompts, first.spoken) == (PromptKind.EDITABLE, "chat")
    assert (second.prompts, second.spoken) == (PromptKind.FROZEN, "completions")


HOSTED = """
[[model]]
id = "hosted"
backend = "hf_inference"
prompts = "editable"
model = "org/large-70b"
"""


def test_the_token_of_a_caller_is_taken_only_where_the_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(
        HOSTED + 'key_env = "HF_TOKEN"\n' + HOSTED.replace('"hosted"', '"two"') + "token_from_caller = true\n",
        encoding="utf-8",
    )
    assert [spec.token_from_caller for spec in read_models(path).model] == [False, True]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('key_env = "HF_TOKEN"', "who pays"),
        ('key_file = "key"', "who pays"),
        ('base_urls = ["http://llm.example.org/v1"]', "unencrypted"),
        ('base_urls_env = "SERVERS"', "where tokens go"),
    ],
)
def test_a_callers_token_goes_nowhere_by_mistake(tmp_path: Path, more: str, said: str) -> None:
    for_all = HOSTED + "token_from_caller = true\n"
    read(tmp_path, for_all + 'base_urls = ["https://llm.example.org/v1"]')
    read(tmp_path, for_all + 'base_urls = ["http://127.0.0.1:8001/v1"]')
    with pytest.raises(InputError, match=said):
        read(tmp_path, for_all + more)
    with pytest.raises(InputError, match="means nothing"):
        read(tmp_path, SERVER + "token_from_caller = true")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no model"),
        (
            "[[model]]\nid = 'a'\nbackend = 'llama_cpp'\nweigths = 'x'",
            r"'model\[1\]\.weigths'\. Did you mean 'weights'",
        ),
        ("[[model]]\nid = 'a'\nbackend = 'lama_cpp'", "backend"),
        ("[[model]]\nbackend = 'llama_cpp'", r"'model\[1\]\.id' is missing"),
        ("[[model]]\nid = 'A B'\nbackend = 'llama_cpp'", r"'model\[1\]\.id'"),
        (TEMPLATE + TEMPLATE, "two models have the id 'template'"),
        ("default = 'studnet'\n" + SERVER, "Did you mean 'student'"),
        (SERVER + "fallbacks = ['templat']\n" + TEMPLATE, "Did you mean 'template'"),
        (SERVER + "fallbacks = ['student']\n", "falls back to 'student' again"),
        (
            SERVER + "fallbacks = ['template', 'own']\n" + TEMPLATE + "[[model]]\nid = 'own'\nbackend = 'llama_cpp'\n",
            "Put it last",
        ),
        (TEMPLATE + "fallbacks = ['x']\n", "never fails"),
        (SERVER + "threads = 2\n", "'threads', which means nothing"),
        (SERVER.replace("base_urls", "# base_urls"), "has no 'base_urls'"),
        (SERVER + "base_urls_env = 'URLS'\n", "both 'base_urls' and"),
        (SERVER.replace('model = "student"', ""), "has no 'model'"),
        (SERVER + "provider = 'auto'\n", "'provider', which means nothing"),
        (SERVER + "wire = 'completions'\nprompts = 'editable'\n", "Expected 'chat'"),
        (SERVER + "dialect = 'ollama'\n", "its own template"),
        (SERVER.replace("http://127.0.0.1:8001/v1", "ftp://x"), "another scheme"),
        (SERVER.replace("http://127.0.0.1:8001/v1", "http://[::1/v1"), "cannot be read"),
        (SERVER + "limits = { first_token = 1.0 }\n", "Did you mean 'first_token_s'"),
        (SERVER + "limits = { first_token_s = 0.0 }\n", "first_token_s"),
        ("[[model]]\nid = 'a'\nbackend = 'hf_inference'\nmodel = 'x/y'\n", "Expected 'editable'"),
        ("[[model]]\nid = 'a'\nbackend = 'llama_cpp'\nprompts = 'editable'\n", "large general models"),
        ("[[model]]\nid = 'a'\nbackend = 'transformers'\n", "either 'weights'"),
        ("model = 3", "model"),
    ],
)
def test_a_wrong_file_is_told_plainly(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(tmp_path, text)


@pytest.mark.parametrize(
    "line",
    [
        'key_env = "hf_aBcDeFgHiJkLmNoPqRsT"',
        'key_env = "sk-proj-abcdefghijklmnop"',
        'base_urls_env = "http://me:aBcDeFgHiJkLmNoPqRsT@x"',
        'base_urls = ["http://me:aBcDeFgHiJkLmNoPqRsT@x/v1"]',
        'base_urls = ["http://x/v1?key=aBcDeFgHiJkLmNoPqRsT"]',
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    kept = "\n".join(each for each in SERVER.splitlines() if not each.startswith(line.split(" ", maxsplit=1)[0]))
    if line.startswith("base_urls_env"):
        kept = "\n".join(each for each in kept.splitlines() if not each.startswith("base_urls"))
    with pytest.raises(InputError) as caught:
        read(tmp_path, f"{kept}\n{line}\n")
    assert "aBcDeFgHiJkLmNoPqRsT" not in str(caught.value)
    assert "sk-proj" not in str(caught.value)
