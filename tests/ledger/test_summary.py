"""The summary at the end of a run tells who wrote what, and which words of the person are missing."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proofkit_core.export import WrittenPacket, read_packet
from proofkit_core.export.sheets import write_readiness
from proofkit_core.packet import Packet
from proofkit_ui.cli import main
from proofkit_ui.console.summary import print_summary

Example = Callable[[str], Packet]
WRITTEN = WrittenPacket(files=(), notices=())
EXAMPLE = Path(__file__).parents[2] / "examples" / "career-changer.toml"


def test_one_line_tells_who_wrote_how_much(example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    packet = example("career-changer")
    print_summary(packet, Path("out"), WRITTEN, seconds=1.0, as_json=False)
    lines = [line for line in capsys.readouterr().out.splitlines() if "typed by you" in line]
    whole = packet.who_wrote[-1]
    assert lines == [
        f"Of {whole.words:,} words: {whole.typed_share:.0%} typed by you, {whole.supplied_share:.0%} from the template."
    ]


def test_each_summary_names_the_missing_word(example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    packet = example("career-changer")
    missing = {"words_kept": 14, "words_total": 15, "words_missing": ("kettle",)}
    packet = packet.model_copy(update={"review": packet.review.model_copy(update=missing)})
    print_summary(packet, Path("out"), WRITTEN, seconds=1.0, as_json=False)
    assert "Your words kept: 14 of 15 (missing: kettle)" in capsys.readouterr().out
    print_summary(packet, Path("out"), WRITTEN, seconds=1.0, as_json=True)
    data = json.loads(capsys.readouterr().out)
    assert (data["words_kept"], data["words_total"], data["words_missing"]) == (14, 15, ["kettle"])
    assert data["who_wrote"][-1]["part"] == "all"
    sheet = write_readiness(packet)
    assert "Your words kept: 14 of 15" in sheet
    assert "kettle" in sheet


def test_the_appendix_is_asked_for_on_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["make", str(EXAMPLE), "--template-only", "--sources", "--quiet", "--out", str(out)]) == 0
    text = (out / "work-sample.md").read_text(encoding="utf-8")
    assert text.count("\n- L") >= sum("." not in e.id for e in read_packet(out).ledger if "resume" not in e.carrier)
    assert main(["verify", str(out)]) == 0
