"""The model card: what the files are, what they were made from and what they hold, as read back from them."""

from collections.abc import Iterable

from proofkit_train.artifact.exporting import Exported, Exporter
from proofkit_train.artifact.run_record import RunRecord
from proofkit_train.base.gguf_file import read_gguf

__all__ = ["model_card"]

_LIMITS = """\
- It writes English work samples for the tasks of the prompt contract and nothing else: other prompts get poor answers.
- It is small. It drops points, repeats itself or invents figures at times, so its drafts pass deterministic checks
  before anybody sees them, and a draft that fails is replaced by text from fixed rules.
- What it writes is fiction about fictional companies. It is no evidence of anybody's work, and must stay labelled.
- Use it with greedy decoding and a repeat penalty of 1.1; other settings were not tried.
"""
_RECIPE_KEYS = (
    "rank", "alpha", "dropout", "targets", "learning_rate", "schedule", "epochs", "hand_weight", "dtype", "seed",
)  # fmt: skip
_LOSSES = ("train_loss", "validation_loss")
_MEGABYTE = 1e6


def model_card(exporter: Exporter, files: Iterable[Exported], licence: str) -> str:
    """Return the model card as Markdown.

    Args:
        exporter: What was exported.
        files: The written files.
        licence: Licence of the base, which the result stands under; empty to take it from the base.
    """
    kept = list(files)
    licence = licence or _licence(exporter)
    parts = [
        _head(exporter, licence),
        f"# {exporter.name}\n\nDrafts simulated work samples in ProofKit, one section at a time.",
        _origin(exporter, licence),
        *([_training(exporter.run)] if exporter.run else []),
        _files(kept),
        *(_details(file) for file in kept),
        f"## Limits\n\n{_LIMITS.rstrip()}",
        _keys(exporter),
    ]
    return "\n\n".join(parts) + "\n"


def _head(exporter: Exporter, licence: str) -> str:
    return "\n".join(
        [
            "---",
            f"license: {licence}",
            f"base_model: {exporter.source.name}",
            "language: en",
            "library_name: gguf",
            "---",
        ]
    )


def _origin(exporter: Exporter, licence: str) -> str:
    source, provenance = exporter.source, exporter.provenance
    revision = f" at commit `{source.revision}`" if source.revision else ""
    tasks = ", ".join(sorted(provenance.task_digests))
    return "\n".join(
        [
            "## Made from",
            "",
            f"- Base: {source.name}{revision}, SHA-256 `{source.digest}`, licence {licence}",
            f"- Prompt contract: {provenance.contract_version}, digest `{provenance.contract_digest}`",
            f"- Tasks it was trained for: {tasks}",
            f"- Data set: digest `{provenance.data_digest}`{_rows(exporter.run)}, about invented people and companies",
            f"- Recipe: digest `{provenance.recipe_digest}`; run `{provenance.run_digest}`",
        ]
    )


def _rows(run: RunRecord | None) -> str:
    return f", {run.data.rows} rows, {run.data.by_hand} of them written by hand" if run else ""


def _training(run: RunRecord) -> str:
    rows = [(key.replace("_", " "), run.recipe[key]) for key in _RECIPE_KEYS if key in run.recipe]
    rows += [("steps", f"{run.steps}, adapter of step {run.published_step}")]
    rows += [("trained parameters", f"{run.trained_parameters:,}"), ("tokens read", f"{run.tokens:,}")]
    losses = [(key.replace("_", " "), getattr(run, key)) for key in _LOSSES]
    rows += [(name, f"{loss:.4f}") for name, loss in losses if loss is not None]
    rows += [("time", f"{run.seconds / 60:.0f} minutes")]
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    return f"## Training\n\n{_table(('setting', 'value'), rows)}\n\nMade with {versions}."


def _files(files: list[Exported]) -> str:
    rows = [
        (
            f"`{file.figures.file}`",
            f"{file.figures.size_bytes / _MEGABYTE:.1f} MB",
            f"{file.figures.bits_per_weight:.2f}",
            f"{file.survival.overall:.1%}",
            f"{file.parity.mean_divergence:.4f}" if file.parity else "not measured",
            f"{file.parity.same_best:.1%}" if file.parity else "not measured",
        )
        for file in files
    ]
    head = ("file", "size", "bits a weight", "change lost", "divergence", "same best token")
    note = (
        "Read back from the files. *Change lost*: how much of what was learned is rounded away by storing it, "
        "‖Q(W+d) - Q(W) - d‖ / ‖d‖. *Divergence* and *same best token*: against the trained model in full precision."
    )
    return f"## Files\n\n{_table(head, rows)}\n\n{note}"


def _details(file: Exported) -> str:
    figures = file.figures
    types = ", ".join(f"{count / figures.weights:.1%} {name}" for name, count in figures.weights_by_type.items())
    tensors = [
        (f"`{part}`", ", ".join(f"{count} × {name}" for name, count in found.items()))
        for part, found in figures.tensors.items()
    ]
    parts = ", ".join(f"{part.removesuffix('.weight')} {share:.1%}" for part, share in file.survival.by_part.items())
    return (
        f"### {figures.file}\n\n- SHA-256 `{figures.sha256}`\n- Weights: {figures.weights:,}, of them {types}\n"
        f"- Change lost by part: {parts}; most in `{file.survival.worst_tensor}` ({file.survival.worst:.1%})\n\n"
        f"{_table(('tensors', 'stored as'), tensors)}"
    )


def _keys(exporter: Exporter) -> str:
    rows = [(f"`{key}`", f"`{value}`") for key, value in exporter.provenance.keys().items()]
    return f"## Keys inside each file\n\n{_table(('key', 'value'), rows)}"


def _licence(exporter: Exporter) -> str:
    found = read_gguf(exporter.source.path).text("general.license") if exporter.source.is_gguf else ""
    return found or "other"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
