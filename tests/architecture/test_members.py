"""Folders, names, versions and pins agree, which no tool looks at."""

import re
from pathlib import Path
from typing import Any

PIN = re.compile(r"^(proofkit-\w+)(?:\[[\w,-]+\])?(.*)$")


def test_each_folder_in_packages_is_a_member(root: Path, members: dict[str, dict[str, Any]]) -> None:
    folders = {path.name for path in (root / "packages").iterdir() if path.is_dir()}
    assert folders == set(members)


def test_folder_and_distribution_have_one_name(members: dict[str, dict[str, Any]]) -> None:
    assert {folder: member["project"]["name"] for folder, member in members.items()} == {name: name for name in members}


def test_the_workspace_names_each_member(workspace: dict[str, Any], members: dict[str, dict[str, Any]]) -> None:
    assert set(workspace["tool"]["uv"]["sources"]) == set(members)
    assert all(source == {"workspace": True} for source in workspace["tool"]["uv"]["sources"].values())
    assert set(workspace["project"]["dependencies"]) == set(members)


def test_the_import_contracts_look_at_each_member(workspace: dict[str, Any], import_names: list[str]) -> None:
    settings = workspace["tool"]["importlinter"]
    assert sorted(settings["root_packages"]) == import_names
    layers = next(contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers")
    assert sorted(name.strip() for layer in layers for name in layer.split("|")) == import_names
    siblings = next(c["ancestors"] for c in settings["contracts"] if c["type"] == "acyclic_siblings")
    assert sorted(siblings) == import_names


def test_a_member_holds_one_package_named_like_it(folder: Path) -> None:
    import_name = folder.name.replace("-", "_")
    assert [path.name for path in (folder / "src").iterdir() if path.is_dir()] == [import_name]
    assert (folder / "src" / import_name / "__init__.py").is_file()


def test_a_member_says_that_it_is_typed(folder: Path) -> None:
    assert (folder / "src" / folder.name.replace("-", "_") / "py.typed").is_file()


def test_a_member_has_a_readme(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {folder.name}\n")
    assert len(text.split()) > 30


def test_all_members_have_one_version(workspace: dict[str, Any], members: dict[str, dict[str, Any]]) -> None:
    versions = {member["project"]["version"] for member in members.values()}
    assert versions == {workspace["project"]["version"]}


def test_members_pin_each_other_exactly(members: dict[str, dict[str, Any]]) -> None:
    for name, member in members.items():
        project = member["project"]
        extras = [item for extra in project.get("optional-dependencies", {}).values() for item in extra]
        for requirement in [*project["dependencies"], *extras]:
            if found := PIN.match(requirement):
                assert found[2] == f"=={project['version']}", f"{name} asks for {requirement}"


def test_metadata_is_the_same_where_it_should_be(workspace: dict[str, Any], members: dict[str, dict[str, Any]]) -> None:
    for member in members.values():
        assert member["project"]["requires-python"] == workspace["project"]["requires-python"]
        assert member["project"]["license"] == "Apache-2.0"
        assert member["build-system"]["build-backend"] == "uv_build"
        assert member["tool"]["ruff"]["extend"] == "../../pyproject.toml"


def test_the_changelog_knows_the_version_or_what_comes_next(root: Path, workspace: dict[str, Any]) -> None:
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text or f"## [{workspace['project']['version']}]" in text
