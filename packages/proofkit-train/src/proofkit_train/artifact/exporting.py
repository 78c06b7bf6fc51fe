"""Makes the files of a trained adapter: GGUF adapter, merged models, model card and the record of what they hold."""

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from proofkit_prompts import load_contract
from proofkit_train.artifact.adapter import CONFIG as ADAPTER_CONFIG
from proofkit_train.artifact.adapter import WEIGHTS, Adapter, read_adapter
from proofkit_train.artifact.adapter_file import check_fit, write_adapter
from proofkit_train.artifact.figures import Figures, read_figures
from proofkit_train.artifact.gguf_writing import OutType
from proofkit_train.artifact.llama import quantize
from proofkit_train.artifact.merging import write_model
from proofkit_train.artifact.output import changed, make_folder, remove_halves, write_text, written
from proofkit_train.artifact.parity import Parity, Reference, compare, make_reference
from proofkit_train.artifact.probes import load_probes
from proofkit_train.artifact.provenance import Provenance, write_config
from proofkit_train.artifact.run_record import RunRecord, find_provenance, read_run
from proofkit_train.artifact.survival import Survival, measure_adapter, measure_model
from proofkit_train.artifact.weights import BaseWeights, open_weights
from proofkit_train.base.source import BaseSource
from proofkit_train.writing import HALF

__all__ = ["EXPORT_FILE", "ExportRecord", "Exported", "Exporter", "open_export"]

EXPORT_FILE = "export.json"
PEFT_FOLDER = "peft"
_EVERY = 4
"""Of the frozen probes, every so many is compared: five prompts of different tasks."""
Say = Callable[[str], None]


class Exported(BaseModel, frozen=True, strict=True, extra="forbid"):
    """One written file, read back."""

    kind: str
    """`adapter f16`, or the type of a merged model."""
    figures: Figures
    survival: Survival
    parity: Parity | None


class ExportRecord(BaseModel, frozen=True, strict=True, extra="forbid"):
    """Everything that was written, with what it was made from."""

    name: str
    provenance: Provenance
    rank: int
    alpha: float
    files: tuple[Exported, ...]


class Exporter(NamedTuple):
    """One adapter with its base, ready to be written in any form."""

    name: str
    source: BaseSource
    base: BaseWeights
    adapter: Adapter
    run: RunRecord | None
    provenance: Provenance
    out: Path
    reference: Reference | None
    say: Say

    def write_adapter(self, kind: OutType) -> Exported:
        """Write the adapter as GGUF, and PEFT's own files beside it, each with the provenance inside."""
        path = self.out / f"{self.name}-adapter-{kind.lower()}.gguf"
        write_adapter(path, self.adapter, self.base, self.provenance, name=self.name, kind=kind)
        self._copy_peft()
        parity = None
        if self.reference is not None:
            with tempfile.TemporaryDirectory(dir=self.out, prefix=f"{HALF}work-") as work:
                parity = compare(self.reference, self._base_file(Path(work)), path)
        survival = measure_adapter(path, self.adapter, self.base)
        return self._told(
            Exported(kind=f"adapter {kind.lower()}", figures=read_figures(path), survival=survival, parity=parity)
        )

    def write_merged(self, kinds: Sequence[str], threads: int) -> list[Exported]:
        """Write merged models: `f16`, or a type that llama.cpp quantises to."""
        with tempfile.TemporaryDirectory(dir=self.out, prefix=f"{HALF}work-") as work:
            full, plain = Path(work) / "full.gguf", Path(work) / "plain.gguf"
            quantised = any(kind != "f16" for kind in kinds)
            if quantised:  # from full precision, so that weights are rounded once
                self._write_full(full, plain, "F32")
            return [self._merge(kind, full, plain, threads) for kind in kinds]

    def finish(self, files: Sequence[Exported]) -> ExportRecord:
        """Return the record of what was written, and write it; a folder without it was never finished."""
        record = ExportRecord(
            name=self.name,
            provenance=self.provenance,
            rank=self.adapter.rank,
            alpha=self.adapter.alpha,
            files=tuple(files),
        )
        write_text(self.out / EXPORT_FILE, json.dumps(record.model_dump(mode="json"), indent=2) + "\n")
        return record

    def _merge(self, kind: str, full: Path, plain: Path, threads: int) -> Exported:
        path = self.out / f"{self.name}-{kind}.gguf"
        stored = full.with_name("stored.gguf")
        with written(path) as half:
            if kind == "f16":
                self._write_full(half, stored, "F16")
            else:
                quantize(full, half, kind, threads=threads)
                quantize(plain, stored, kind, threads=threads)
            survival = measure_model(half, stored, self.adapter, self.base)
            parity = compare(self.reference, half) if self.reference is not None else None
        stored.unlink()
        return self._told(Exported(kind=kind, figures=read_figures(path), survival=survival, parity=parity))

    def _write_full(self, merged: Path, plain: Path, kind: OutType) -> None:
        write_model(merged, self.source, self.base, self.adapter, self.provenance, name=self.name, kind=kind)
        write_model(plain, self.source, self.base, None, None, name=self.name, kind=kind)

    def _base_file(self, work: Path) -> Path:
        """Return the base as one GGUF file."""
        if self.source.is_gguf:
            return self.source.path
        path = work / "base.gguf"
        write_model(path, self.source, self.base, None, None, name=self.source.name)
        return path

    def _copy_peft(self) -> None:
        folder = self.out / PEFT_FOLDER
        make_folder(folder)
        for name in (ADAPTER_CONFIG, WEIGHTS):
            with written(folder / name) as half:
                shutil.copyfile(self.adapter.folder / name, half)
        write_config(folder, self.provenance)

    def _told(self, exported: Exported) -> Exported:
        figures, survival = exported.figures, exported.survival
        parity = f", {exported.parity.same_best:.1%} same tokens" if exported.parity else ""
        self.say(
            f"{figures.file}: {figures.size_bytes / 1e6:.1f} MB, {figures.bits_per_weight:.2f} bits a weight, "
            f"{survival.overall:.1%} of the change lost{parity}"
        )
        return exported


def open_export(
    folder: Path, source: BaseSource, out: Path, *, say: Say, name: str | None = None, with_parity: bool = False
) -> Exporter:
    """Read an adapter and check that it belongs to its base, before anything is written.

    Args:
        folder: The adapter as PEFT saved it, with its run's report in it or beside it.
        source: The base it was trained on.
        out: Where the files go.
        say: Prints a line.
        name: Start of the files' names; without it the recipe's.
        with_parity: Whether each file is compared with the model in Transformers.

    Raises:
        ModelFileError: The adapter is damaged, of another base, or says nothing of its origin.
        BaseError: The base cannot be used.
    """
    adapter = read_adapter(folder)
    run = read_run(folder)
    provenance = find_provenance(adapter, run, source)
    base = open_weights(source)
    check_fit(adapter, base)
    make_folder(out)
    remove_halves(out)
    _forget_former(out)
    return Exporter(
        name=name or str(run.recipe.get("name") if run else "") or folder.resolve().name,
        source=source,
        base=base,
        adapter=adapter,
        run=run,
        provenance=provenance,
        out=out,
        reference=make_reference(source, folder, _prompts()) if with_parity else None,
        say=say,
    )


def _forget_former(out: Path) -> None:
    """Remove the record of a former export: the files it speaks of are about to change."""
    with changed(f"The record of a former export in {str(out)!r} could not be removed"):
        (out / EXPORT_FILE).unlink(missing_ok=True)


def _prompts() -> list[str]:
    contract = load_contract()
    return [contract.render(probe.task, probe.fields).text for probe in load_probes().probe[::_EVERY]]
