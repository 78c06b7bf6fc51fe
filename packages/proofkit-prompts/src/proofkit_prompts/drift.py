"""What changed in a contract since its lock, down to the first differing byte."""

from collections.abc import Sequence

from proofkit_prompts.contract import Status
from proofkit_prompts.digest import Tokenizer, sha256
from proofkit_prompts.errors import ContractError
from proofkit_prompts.folder import GOLDENS, LOCK, ContractFiles
from proofkit_prompts.golden import read_goldens
from proofkit_prompts.lock import Lock, Locked, dump_lock, make_lock, read_lock


def find_drift(name: str, files: ContractFiles, tokenizers: Sequence[Tokenizer] = ()) -> list[str]:
    """Return one sentence for each difference between a contract and its lock.

    Args:
        name: What to call the contract.
        files: The contract's files.
        tokenizers: Tokenizers whose recorded token digests are checked too.
    """
    try:
        lock = read_lock(files)
        if lock is None:
            return [f"{name}: got no {LOCK}; expected one. Run `proofkit-prompts freeze {name} --draft`."]
        found = _changed_files(files, lock)
        now = make_lock(files, lock.status, tokenizers=tokenizers, previous=lock)
    except ContractError as error:
        return [f"{name}: {error}"]
    found += _changed_goldens(files, lock, now)
    found += _changed_digests(lock, now.lock)
    if not found and dump_lock(now.lock) != files[LOCK]:
        found.append(_differ("every task", LOCK, files[LOCK], dump_lock(now.lock)))
    remedy = "make a new version"
    if lock.status is Status.DRAFT:
        remedy = f"run `proofkit-prompts freeze {name} --draft`"
    return [f"{name}: {sentence}. Restore it, or {remedy}." for sentence in found]


def find_frozen_changes(name: str, now: ContractFiles | None, before: ContractFiles) -> list[str]:
    """Return one sentence for each byte-wise difference from a contract that was frozen at a commit.

    Args:
        name: What to call the contract.
        now: The contract's files, or None where its folder is gone.
        before: The files at the commit; a draft may change, so it gives no sentences.
    """
    lock = read_lock(before)
    if lock is None or lock.status is not Status.FROZEN:
        return []
    if now is None:
        return [f"{name}: the folder is gone, but it was frozen. Restore it."]
    found: list[str] = []
    for path in sorted({*now, *before}):
        if path not in now:
            found.append(f"{task_of(path)}: {path} is gone")
        elif path not in before:
            found.append(f"{task_of(path)}: {path} is new")
        elif now[path] != before[path]:
            found.append(_differ(task_of(path), path, now[path], before[path]))
    return [
        f"{name}: {sentence}, but the contract was frozen. Restore it, or make a new version." for sentence in found
    ]


def first_difference(got: bytes, expected: bytes) -> str:
    """Return where two byte strings part, with a few bytes of each."""
    shorter = min(len(got), len(expected))
    offset = next((index for index in range(shorter) if got[index] != expected[index]), shorter)
    return f"at byte {offset}: got {_excerpt(got, offset)}, expected {_excerpt(expected, offset)}"


def task_of(path: str) -> str:
    """Return whom a contract's file concerns, such as `task scenario`."""
    _, _, rest = path.partition("/")
    if rest:
        return f"task {rest.partition('/')[0].partition('.')[0]}"
    return "every task"


def _excerpt(raw: bytes, offset: int) -> str:
    return repr(raw[offset : offset + 12]) if offset < len(raw) else "the end"


def _differ(whom: str, path: str, got: bytes, expected: bytes) -> str:
    return f"{whom}: {path} differs {first_difference(got, expected)}"


def _changed_files(files: ContractFiles, lock: Lock) -> list[str]:
    found: list[str] = []
    for path, locked in lock.files.items():
        if path not in files:
            found.append(f"{task_of(path)}: {path} is gone")
        elif sha256(files[path]) != locked.sha256 and not path.startswith(GOLDENS):
            found.append(_differ(task_of(path), path, files[path], (locked.text or "").encode()))
    found += [
        f"{task_of(path)}: {path} is not in the lock" for path in files if path not in lock.files and path != LOCK
    ]
    return found


def _changed_goldens(files: ContractFiles, lock: Lock, now: Locked) -> list[str]:
    found: list[str] = []
    for golden in read_goldens(files):
        rendered = now.rendered[golden.task][golden.name].encode()
        kept = files.get(golden.prompt_path)
        whom = f"task {golden.task}"
        if kept is None:
            found.append(f"{whom}: {golden.prompt_path} is missing")
        elif kept != rendered:
            locked = lock.files.get(golden.prompt_path)
            if locked and locked.sha256 == sha256(rendered):
                found.append(_differ(whom, golden.prompt_path, kept, rendered))
            else:
                sentence = f"golden {golden.name} renders other bytes, {first_difference(rendered, kept)}"
                found.append(f"{whom}: {sentence}")
        if (locked := lock.files.get(golden.fields_path)) and locked.sha256 != sha256(files[golden.fields_path]):
            found.append(f"{whom}: {golden.fields_path} differs from the file that was locked")
    return found


def _changed_digests(lock: Lock, now: Lock) -> list[str]:
    found: list[str] = []
    for task in sorted({*lock.tasks, *now.tasks}):
        was, got = lock.tasks.get(task), now.tasks.get(task)
        if was is None or got is None:
            found.append(f"task {task}: is {'new' if was is None else 'gone'}")
            continue
        pairs = [
            ("task digest", got.task_digest, was.task_digest),
            ("output digest", got.output_digest, was.output_digest),
            ("text digest", got.text_digest, was.text_digest),
        ]
        pairs += [
            (f"token digest under {tokenizer}", digest, was.token_digests[tokenizer])
            for tokenizer, digest in got.token_digests.items()
            if tokenizer in was.token_digests
        ]
        found += [
            f"task {task}: {what} differs: got {digest[:12]}, expected {expected[:12]}"
            for what, digest, expected in pairs
            if digest != expected
        ]
    if lock.contract_digest != now.contract_digest:
        digests = f"got {now.contract_digest[:12]}, expected {lock.contract_digest[:12]}"
        found.append(f"every task: contract digest differs: {digests}")
    return found
