"""What is read for a check is limited by what is really there, and only ordinary files are opened."""

import os
import shutil
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from proofkit_core.errors import PacketFileError
from proofkit_core.export import Outcome, verify_packet
from proofkit_core.export.places import zip_beside


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "packet"))


@pytest.fixture
def zip_copy(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(zip_beside(written), tmp_path / "packet.zip"))


@pytest.mark.parametrize("name", ["cover.txt", "other/cover.txt", "INNER/cover.txt", "INNER/deep/cover.txt"])
def test_a_file_added_to_a_packet_zip_is_named(name: str, zip_copy: Path) -> None:
    with zipfile.ZipFile(zip_copy, "a") as archive:
        inner = archive.namelist()[0].partition("/")[0]
        archive.writestr(name.replace("INNER", inner), "Dear")
    verification = verify_packet(zip_copy)
    assert verification.outcome is Outcome.ALTERED
    [finding] = verification.findings
    seen = name.removeprefix("INNER/") if name.startswith("INNER") else f"../{name}"
    assert (finding.file, finding.problem) == (seen, "was added; ProofKit did not write it")


def test_a_second_packet_in_a_zip_is_named(zip_copy: Path) -> None:
    with zipfile.ZipFile(zip_copy, "a") as archive:
        archive.writestr("other/provenance.json", "{}")
    assert [finding.file for finding in verify_packet(zip_copy).findings] == ["../other/provenance.json"]


def test_a_zip_of_many_large_files_is_refused(zip_copy: Path) -> None:
    with zipfile.ZipFile(zip_copy, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"{number}.txt", b"0" * 19_000_000)
    with pytest.raises(PacketFileError, match="more than a packet does"):
        verify_packet(zip_copy)


def test_a_zip_of_very_many_files_is_refused(zip_copy: Path) -> None:
    with zipfile.ZipFile(zip_copy, "a") as archive:
        for number in range(300):
            archive.writestr(f"{number}/", b"")
    with pytest.raises(PacketFileError, match="more than a packet does"):
        verify_packet(zip_copy)


def test_a_zip_that_declares_too_small_a_size_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("provenance.json", b"0" * 30_000_000)
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", 30_000_000), struct.pack("<L", 10)))
    with pytest.raises(PacketFileError, match="is a damaged zip"):
        verify_packet(path)


def test_a_zip_packed_otherwise_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("provenance.json", b"0" * 10)
    with pytest.raises(PacketFileError, match="packed in a way that ProofKit does not use"):
        verify_packet(tmp_path / "a.zip")


def test_a_folder_of_many_large_files_is_refused(copy: Path) -> None:
    for number in range(4):
        with (copy / f"{number}.txt").open("wb") as file:
            file.truncate(19_000_000)
    with pytest.raises(PacketFileError, match="more than a packet does"):
        verify_packet(copy)


def test_a_folder_of_very_many_files_is_refused(copy: Path) -> None:
    for number in range(300):
        (copy / str(number)).mkdir()
    with pytest.raises(PacketFileError, match="more than a packet does"):
        verify_packet(copy)


@pytest.mark.parametrize("aim", ["/dev/zero", "nowhere", ".", "packet.json"])
def test_a_link_in_a_packet_is_not_followed(aim: str, copy: Path) -> None:
    (copy / "work-sample.md").unlink()
    (copy / "work-sample.md").symlink_to(aim)
    with pytest.raises(PacketFileError, match=r"'work-sample\.md' in .* is a link"):
        verify_packet(copy)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
@pytest.mark.parametrize("name", ["work-sample.md", ".DS_Store"])
def test_a_pipe_in_a_packet_is_not_opened(name: str, copy: Path) -> None:
    (copy / name).unlink(missing_ok=True)
    os.mkfifo(copy / name)
    with pytest.raises(PacketFileError, match="is no ordinary file"):
        verify_packet(copy)
    with pytest.raises(PacketFileError, match="is neither a file nor a folder"):
        verify_packet(copy / name)
