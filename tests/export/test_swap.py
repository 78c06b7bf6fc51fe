"""A run that dies or fails leaves the old packet or the new one, never a half."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from proofkit_core.errors import OutputPathError
from proofkit_core.export import read_packet, write_packet
from proofkit_core.export.archive import zip_bytes
from proofkit_core.export.places import in_place, zip_beside
from proofkit_core.export.proof import FictionalCompany, FileDigest, Provenance, write_provenance
from proofkit_core.export.swap import put_packet
from proofkit_core.packet import MadeWith, Packet
from proofkit_core.provenance import digest_bytes

MADE_WITH = MadeWith(
    product_version="0",
    seed=0,
    brief_digest="",
    catalogue_digest="",
    contract="",
    contract_digest="",
    model=None,
    config_digest="",
)


def listed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a provenance that lists them."""
    provenance = Provenance(
        disclosure="",
        page_disclosure="",
        company=FictionalCompany(name=""),
        title="",
        files=tuple(FileDigest(name=name, sha256=digest_bytes(data)) for name, data in files.items()),
        pdf_text=(),
        made_with=MADE_WITH,
        origins=(),
        ledger=(),
    )
    return {**files, "provenance.json": write_provenance(provenance)}


OLD = listed({"packet.json": b"old", "a.txt": b"old"})
NEW = listed({"packet.json": b"new", "b.txt": b"new", "c.txt": b"new" * 9000})
ZIP = zip_bytes(NEW, folder="new")
KILLED_AT = """
import os, signal, sys
from pathlib import Path
from proofkit_core.export.swap import put_packet

target, stop = Path(sys.argv[1]), int(sys.argv[2])
NEW = {entry.name: entry.read_bytes() for entry in Path(sys.argv[3]).iterdir()}
ZIP = Path(sys.argv[4]).read_bytes()
seen = 0

def watch(event, args):
    global seen
    if event in {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"} and str(target.parent) in str(args):
        if seen == stop:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

sys.addaudithook(watch)
put_packet(target, NEW, archive=ZIP)
"""


def content(folder: Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


@pytest.mark.parametrize("before", ["nothing", "a packet"])
def test_a_kill_at_any_moment_leaves_old_or_new(before: str, tmp_path: Path) -> None:
    seen: set[str] = set()
    given = tmp_path / "given"
    put_packet(given, NEW, archive=ZIP)
    for stop in range(100):
        target = tmp_path / str(stop) / "out"
        if before == "a packet":
            put_packet(target, OLD)
        target.parent.mkdir(exist_ok=True)
        run = [sys.executable, "-c", KILLED_AT, target, str(stop), given, zip_beside(given)]
        done = subprocess.run(run, check=False, timeout=60)
        place = in_place(target)
        left = content(place) if place.exists() else {}
        assert left in (NEW, OLD if before == "a packet" else {}), stop
        seen.add("new" if left == NEW else "old")
        put_packet(target, NEW, archive=ZIP)
        assert content(target) == NEW
        assert {entry.name for entry in target.parent.iterdir()} == {"out", "out.zip"}, stop
        if done.returncode == 0:
            assert stop > 12
            break
        assert done.returncode == -9
    assert seen == {"old", "new"}


def test_a_packet_moved_aside_by_a_run_that_died_is_still_read(packet: Packet, tmp_path: Path) -> None:
    write_packet(packet, tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / ".out.proofkit-old")
    assert read_packet(tmp_path / "out") == packet
    write_packet(packet, tmp_path / "out")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_other_peoples_folders_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(OutputPathError, match=r"holds other files, such as 'thesis.docx'"):
        put_packet(tmp_path / "out", NEW)
    assert content(tmp_path / "out") == {"thesis.docx": b"years of work"}


def test_an_empty_folder_and_an_earlier_packet_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    put_packet(tmp_path / "out", OLD)
    put_packet(tmp_path / "out", NEW)
    assert content(tmp_path / "out") == NEW


def test_folders_above_are_made(tmp_path: Path) -> None:
    put_packet(tmp_path / "a" / "b" / "out", NEW)
    assert content(tmp_path / "a" / "b" / "out") == NEW


def test_a_place_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "z.zip").mkdir()
    for place, told in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "link", "is a link"),
        (tmp_path / "file" / "out", "cannot be written"),
        (tmp_path / ("x" * 300), "cannot be written"),
        (tmp_path / "z", "is a folder"),
        (Path("/"), "top of the file system"),
        (Path("/proc/none/out"), "cannot be written"),
    ):
        with pytest.raises(OutputPathError, match=told):
            put_packet(place, NEW, archive=ZIP)
    assert (tmp_path / "file").read_bytes() == b"mine"
    assert {entry.name for entry in tmp_path.iterdir()} == {"file", "link", "z.zip"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no file size limit to set")
def test_a_full_disk_leaves_the_old_packet(tmp_path: Path) -> None:
    put_packet(tmp_path / "out", OLD)
    program = (
        "import resource, signal, sys; from pathlib import Path; from proofkit_core.export.swap import put_packet\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "put_packet(Path(sys.argv[1]), {'packet.json': b'n', 'provenance.json': b'n' * 5000})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "out"], capture_output=True, text=True, check=False, timeout=60
    )
    assert "OutputPathError: There is no room to write" in done.stderr
    assert content(tmp_path / "out") == OLD
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_a_small_disk_that_fills_up_is_told(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]
    try:
        mounted = subprocess.run(mount, check=False, capture_output=True, timeout=10).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a disk cannot be mounted here")
    try:
        put_packet(disk / "out", OLD)
        with pytest.raises(OutputPathError, match="There is no room"):
            put_packet(disk / "out", {**NEW, "large": b"x" * 90_000})
        assert content(disk / "out") == OLD
        assert [entry.name for entry in disk.iterdir()] == ["out"]
    finally:
        subprocess.run(["umount", disk], check=True, timeout=10)


def test_two_runs_at_once_write_one_after_the_other(tmp_path: Path) -> None:
    target = tmp_path / "out"
    runs = [threading.Thread(target=put_packet, args=(target, files)) for files in (OLD, NEW) * 4]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert content(target) in (OLD, NEW)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_the_zip_lies_beside_the_folder() -> None:
    assert zip_beside(Path("a/my.packet")) == Path("a/my.packet.zip")
