"""The OpenAI-compatible addresses."""

import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Path, Request
from starlette.responses import Response, StreamingResponse

from proofkit_core.errors import ProofKitError
from proofkit_core.generation import Completion
from proofkit_prompts.prompt import FrozenPrompt
from proofkit_serve.api.answering import UNSAFE, WITH_BODY, documented
from proofkit_serve.api.attending import attended
from proofkit_serve.api.examples import CHAT_EXAMPLES
from proofkit_serve.api.openai.asking import Asked, model_id_of, pieces, question, reason_of, served_models
from proofkit_serve.api.openai.prompts import chat_prompt, completion_prompt
from proofkit_serve.api.openai_errors import with_openai_part
from proofkit_serve.api.services import Given, Owner, Services
from proofkit_serve.api.streaming import STREAM_HEADERS, STREAM_TYPE
from proofkit_serve.api.strict import strict_json
from proofkit_serve.wire.kinds import Kind, ProblemError, problem_of
from proofkit_serve.wire.openai import (
    AnswerMessage,
    ChatAnswer,
    ChatChoice,
    ChatInput,
    CompletionAnswer,
    CompletionChoice,
    CompletionInput,
    Made,
    ModelCard,
    ModelCards,
    Usage,
    wants_usage,
)
from proofkit_serve.wire.translating import as_problem

router = APIRouter(prefix="/v1", tags=["openai"])

_CHAT_PATH = "/v1/chat/completions"
_PROBLEMS = documented(
    WITH_BODY, UNSAFE, Kind.MODEL_NOT_FOUND, Kind.TOKENS_SPENT, Kind.GENERATION_FAILED, Kind.BUSY, Kind.STOPPING,
    Kind.STORE_UNAVAILABLE, Kind.STORE_FULL,
)  # fmt: skip
_PIECE = {"type": "object", "required": ["data"], "properties": {"data": {"type": "string"}}}
_STREAM = {
    "description": "The answer; where `stream` is set, pieces of it as server-sent events.",
    "content": {STREAM_TYPE: {"itemSchema": _PIECE, "example": "data: {…}\n\ndata: [DONE]\n\n"}},
}
_FREE = "asked freely: this is no task that the model was trained on, and nothing checked the answer"


@router.get("/models", responses=documented())
async def list_models(given: Given, owner: Owner) -> ModelCards:
    """List the models that can be asked directly."""
    del owner
    return ModelCards(data=tuple(ModelCard(id=each) for each in served_models(given)))


@router.get("/models/{model_id}", responses=documented(Kind.MODEL_NOT_FOUND))
async def read_model(
    given: Given, owner: Owner, model_id: Annotated[str, Path(max_length=120, examples=["proofkit"])]
) -> ModelCard:
    """Read one model."""
    del owner
    return ModelCard(id=model_id_of(model_id, given))


@router.post("/chat/completions", response_model=ChatAnswer, responses={200: _STREAM, **_PROBLEMS})
async def create_chat_completion(
    request: Request,
    given: Given,
    owner: Owner,
    wanted: Annotated[ChatInput, Body(openapi_examples=CHAT_EXAMPLES), strict_json(ChatInput)],
) -> Response:
    """Continue a conversation, or do a task of the contract. What comes back is the model's own text, unchecked."""
    asked = await question(wanted, chat_prompt(wanted, given.workshop.contract), owner, given)
    frame = _Frame(f"chatcmpl-{secrets.token_hex(12)}", asked, _made(asked), is_chat=True)
    if wanted.stream:
        return _streamed(frame, owner, given, usage=wants_usage(wanted))
    completion = await attended(request, _whole(asked, owner, given))
    choice = ChatChoice(message=AnswerMessage(content=completion.text), finish_reason=_reason(completion))
    answer = ChatAnswer(
        id=frame.id,
        created=frame.created,
        model=asked.model_id,
        choices=(choice,),
        usage=_usage(completion),
        proofkit=frame.made,
    )
    return Response(answer.model_dump_json(), media_type="application/json")


@router.post("/completions", response_model=CompletionAnswer, responses={200: _STREAM, **_PROBLEMS})
async def create_completion(
    request: Request,
    given: Given,
    owner: Owner,
    wanted: Annotated[CompletionInput, Body(), strict_json(CompletionInput)],
) -> Response:
    """Continue a text that you rendered yourself; special tokens in it count as such."""
    asked = await question(wanted, completion_prompt(wanted, given.workshop.contract), owner, given)
    frame = _Frame(f"cmpl-{secrets.token_hex(12)}", asked, _made(asked), is_chat=False)
    if wanted.stream:
        return _streamed(frame, owner, given, usage=wants_usage(wanted))
    completion = await attended(request, _whole(asked, owner, given))
    answer = CompletionAnswer(
        id=frame.id,
        created=frame.created,
        model=asked.model_id,
        choices=(CompletionChoice(text=completion.text, finish_reason=_reason(completion)),),
        usage=_usage(completion),
        proofkit=frame.made,
    )
    return Response(answer.model_dump_json(), media_type="application/json")


class _Frame:
    """What is the same in all pieces of one answer."""

    def __init__(self, answer_id: str, asked: Asked, made: Made, *, is_chat: bool) -> None:
        self.id = answer_id
        self.asked = asked
        self.made = made
        self.is_chat = is_chat
        self.created = int(time.time())

    def piece(self, text: str | None, reason: str | None, *, first: bool = False) -> dict[str, Any]:
        if self.is_chat:
            delta: dict[str, Any] = {"role": "assistant"} if first else {}
            choice: dict[str, Any] = {"delta": delta | ({} if text is None else {"content": text})}
        else:
            choice = {"text": text or "", "logprobs": None}
        return self.event([{"index": 0, **choice, "finish_reason": reason}])

    def event(self, choices: list[dict[str, Any]], **more: object) -> dict[str, Any]:
        kind = "chat.completion.chunk" if self.is_chat else "text_completion"
        head = {"id": self.id, "object": kind, "created": self.created, "model": self.asked.model_id}
        return {**head, "choices": choices, "proofkit": self.made.model_dump(), **more}


def _made(asked: Asked) -> Made:
    if isinstance(asked.prompt, FrozenPrompt):
        return Made(prompt_set=f"frozen {asked.prompt.contract}", task=asked.prompt.task, mark=asked.candidate.mark)
    marks = [mark for mark in (asked.candidate.mark, _FREE) if mark]
    return Made(prompt_set="free", mark="; ".join(marks))


async def _whole(asked: Asked, owner: str, given: Services) -> Completion:
    _require_tokens(owner, given)
    async for item in pieces(asked, given):
        if isinstance(item, Completion):
            return item
    raise ProblemError(Kind.GENERATION_FAILED, "The model gave no answer. Ask again.")


def _streamed(frame: _Frame, owner: str, given: Services, *, usage: bool) -> Response:
    _require_tokens(owner, given)
    body = _events(frame, given, usage=usage)
    return StreamingResponse(body, headers=STREAM_HEADERS, media_type=STREAM_TYPE)


async def _events(frame: _Frame, given: Services, *, usage: bool) -> AsyncIterator[bytes]:
    if frame.is_chat:
        yield _data(frame.piece(None, None, first=True))
    try:
        async for item in pieces(frame.asked, given):
            if isinstance(item, str):
                yield _data(frame.piece(item, None))
                continue
            yield _data(frame.piece(None, reason_of(item)))
            if usage:
                yield _data(frame.event([], usage=_usage(item).model_dump()))
    except ProofKitError as error:  # the headers are sent, so the error is a piece of its own
        problem = with_openai_part(problem_of(as_problem(error)), _CHAT_PATH)
        yield _data({"error": problem.error.model_dump() if problem.error else {}})
    yield b"data: [DONE]\n\n"


def _data(event: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def _usage(completion: Completion) -> Usage:
    prompt, written = completion.prompt_tokens, completion.completion_tokens
    return Usage(prompt_tokens=prompt, completion_tokens=written, total_tokens=prompt + written)


def _reason(completion: Completion) -> Any:  # noqa: ANN401 - one of OpenAI's two words
    return cast("Any", reason_of(completion))


def _require_tokens(owner: str, given: Services) -> None:
    wait_s = given.tokens.wait_s(owner)
    if wait_s > 0:
        told = "The tokens that may be written for you in a day are spent. Ask again later."
        raise ProblemError(Kind.TOKENS_SPENT, told, retry_after_s=wait_s)
