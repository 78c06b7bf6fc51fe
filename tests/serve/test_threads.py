from pathlib import Path

from proofkit_serve.backends.decoding.cores import available_cores


def test_a_containers_quota_limits_the_threads(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    quota.write_text("100000 100000\n", encoding="ascii")
    assert available_cores(quota) == 1


def test_without_a_quota_every_core_counts(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    unlimited = available_cores(tmp_path / "absent")
    quota.write_text("max 100000\n", encoding="ascii")
    assert available_cores(quota) == unlimited >= 1
