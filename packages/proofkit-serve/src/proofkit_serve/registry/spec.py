"""What a file of models says about one of them."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from proofkit_core.generation import PromptKind
from proofkit_serve.chain.limits import TryLimits

__all__ = ["BackendName", "Capabilities", "ContractStamp", "Dialect", "ModelSpec", "Wire"]

DIGEST = r"^([0-9a-f]{64})?$"
Wire = Literal["completions", "chat"]
Dialect = Literal["generic", "openai", "vllm", "llama_server", "ollama"]


class BackendName(StrEnum):
    """What runs a model."""

    LLAMA_CPP = "llama_cpp"
    """In this process, from a GGUF file."""
    TRANSFORMERS = "transformers"
    """In this process, from a folder of weights."""
    ZERO_GPU = "zero_gpu"
    """In this process, on a card that a ZeroGPU Space lends for each call; the Space's `app.py` opens it."""
    HF_INFERENCE = "hf_inference"
    """A provider behind Hugging Face's router."""
    OPENAI_COMPATIBLE = "openai_compatible"
    """Any server with OpenAI's interface."""
    TEMPLATE = "template"
    """No model: the template writes."""

    @property
    def is_in_process(self) -> bool:
        """Say whether the weights are in this process's own memory."""
        return self in {BackendName.LLAMA_CPP, BackendName.TRANSFORMERS, BackendName.ZERO_GPU}

    @property
    def is_remote(self) -> bool:
        """Say whether it is reached over a network."""
        return self in {BackendName.HF_INFERENCE, BackendName.OPENAI_COMPATIBLE}


class ContractStamp(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What the model behind a server was trained on, as its own file says."""

    version: str = Field(min_length=1)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    tasks: dict[str, str] = {}
    """Digests by task; may be left out where the contract is the one of this program, digest for digest."""


class Capabilities(BaseModel, frozen=True, strict=True, extra="forbid"):
    """What a model and its server can do."""

    json_mode: Literal["schema", "object", "prompted"] = "schema"
    """Whether a JSON schema is enforced, only that it is JSON, or neither; the answer is checked in any case."""
    reasoning: Literal["auto", "open", "none"] = "auto"
    """How thinking aloud is told from the answer; it is always dropped."""
    reasoning_allowance: int = Field(default=0, ge=0, le=65_536)
    """Tokens for it, beyond those of the answer."""
    context_tokens: int = Field(default=4096, ge=256)
    may_sleep: bool = False
    """Whether the server stops when nobody asks and takes a while to start; it is then told as waking."""


class ModelSpec(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One model of a service."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    name: str = Field(default="", max_length=120)
    """To show to a person; the id where it is empty."""
    backend: BackendName
    prompts: PromptKind = PromptKind.FROZEN
    fallbacks: tuple[str, ...] = ()
    """Ids of the models to ask next, in order; the template always comes last and need not be named."""
    allow_unknown: bool = False
    """Ask it although it was not trained on these prompts, or is small; every answer is marked then."""

    weights: Path | None = None
    """A GGUF file or a folder; without it, llama.cpp takes the model that comes along. For `openai_compatible`, a copy
    of the file that the server holds, from which the digests are read."""
    adapter: str = "embedded"
    """`embedded` for the one that comes along with the model that does, `none`, or a file or folder."""
    cache: Path | None = None
    """For `llama_cpp`: folder for the sum of model and adapter; otherwise one in the user's folder for caches."""
    threads: int | None = Field(default=None, ge=1)
    device: str = "auto"
    """For `transformers`: where it runs, such as `cuda:1`."""

    model: str = ""
    """The server's own name for it; for `transformers` an id at the Hugging Face hub, instead of `weights`."""
    base_urls: tuple[str, ...] = ()
    """Servers with the same model, such as `http://127.0.0.1:8001/v1`; the one with the fewest requests is asked."""
    base_urls_env: str = ""
    """Name of the environment variable that holds them, separated by commas."""
    wire: Wire | None = None
    """`completions` sends the whole prompt, `chat` sends messages; if left out, the one that fits the prompts."""
    dialect: Dialect = "generic"
    provider: str = "auto"
    """For `hf_inference`: who runs it."""
    key_env: str = ""
    """Name of the environment variable that holds the key."""
    key_file: Path | None = None
    """File that holds the key."""
    token_from_caller: bool = False
    """For `hf_inference`: asked with the token that each caller sends in `X-Model-Token`, not with one for all."""
    ca_file: Path | None = None
    """Certificates to trust instead of the usual ones."""

    artifact_digest: str = Field(default="", pattern=DIGEST)
    """SHA-256 of the weights file; a server's model with frozen prompts needs it, and a file is compared with it."""
    contract: ContractStamp | None = None
    parameters_b: float | None = Field(default=None, gt=0.0)
    """Billions of parameters, where the name does not tell."""
    capabilities: Capabilities = Capabilities()
    limits: TryLimits = TryLimits()

    @property
    def shown_name(self) -> str:
        """Return the name to show."""
        return self.name or self.id

    @property
    def spoken(self) -> Wire:
        """Return which of a server's two interfaces is used."""
        return self.wire or ("completions" if self.prompts is PromptKind.FROZEN else "chat")
