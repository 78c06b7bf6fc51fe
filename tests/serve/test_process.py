import subprocess
import sys

import pytest

PROMPT = """
from proofkit_core.generation import GenerationRequest
from proofkit_prompts.prompt import FrozenPrompt, OutputKind
from proofkit_serve import open_llama_cpp

text = "<|im_start|>user\\nSay hello.<|im_end|>\\n<|im_start|>assistant\\n"
schema = {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"], "additionalProperties": False}
prompt = FrozenPrompt(contract="t", contract_digest="0", task="t", task_digest="0", system="", user="", text=text,
                      stop=(), output=OutputKind.JSON, output_schema=schema, max_tokens=20)
request = GenerationRequest(prompt=prompt, time_limit_s=600)
"""


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.model
def test_nothing_is_printed_but_what_the_program_prints() -> None:
    done = _run(PROMPT + "with open_llama_cpp(adapter=None) as backend: print(backend.generate(request).text)")
    assert done.stdout in ('{"a": true}\n', '{"a": false}\n')
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.model
def test_a_program_that_forgets_to_close_ends_cleanly() -> None:
    done = _run(PROMPT + "backend = open_llama_cpp(adapter=None); backend.generate(request)")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_importing_the_package_loads_no_engine() -> None:
    heavy = ["gguf", "llama_cpp", "llguidance", "numpy", "torch", "sentence_transformers"]
    done = _run(f"import sys, proofkit_serve; print([name for name in {heavy} if name in sys.modules])")
    assert done.stdout == "[]\n", done.stderr


def test_a_binding_that_does_not_load_is_named_with_the_command() -> None:
    done = _run(
        "import sys; sys.modules['llama_cpp'] = None\n"
        "from proofkit_core.errors import ModelUnavailableError\n"
        "from proofkit_serve import open_llama_cpp\n"
        "try: open_llama_cpp(adapter=None)\n"
        "except ModelUnavailableError as error: print(error)\n"
    )
    assert "uv sync --reinstall-package llama-cpp-python" in done.stdout, done.stderr
