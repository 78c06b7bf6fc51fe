"""Size, names and imports of the modules, as CONTRIBUTING.md states them."""

import ast
from pathlib import Path

MOST_LINES_OF_A_MODULE = 400
MOST_LINES_OF_A_FUNCTION = 39
EMPTY_NAMES = {"common", "helper", "helpers", "manager", "misc", "shared", "stuff", "util", "utils"}


def test_no_module_is_too_long(modules: list[Path], root: Path) -> None:
    sizes = {path.relative_to(root): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {path: size for path, size in sizes.items() if size > MOST_LINES_OF_A_MODULE} == {}


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function without its docstring, which may be as long as it needs to be."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def test_no_function_is_too_long(modules: list[Path], root: Path) -> None:
    too_long = {
        f"{path.relative_to(root)}:{node.lineno} {node.name}": code_lines(node)
        for path in modules
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and code_lines(node) > MOST_LINES_OF_A_FUNCTION
    }
    assert too_long == {}


def test_each_module_says_what_it_is_by_its_name(modules: list[Path], root: Path) -> None:
    names = {part for path in modules for part in path.relative_to(root).with_suffix("").parts}
    words = {word for name in names for word in name.split("_")}
    assert words & EMPTY_NAMES == set()


def test_each_module_says_what_it_is_for(modules: list[Path], root: Path) -> None:
    silent = [path.relative_to(root) for path in modules if not ast.get_docstring(ast.parse(path.read_bytes()))]
    assert silent == []


def test_imports_are_absolute(modules: list[Path], root: Path) -> None:
    relative = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_packages_only_list_what_they_offer(modules: list[Path], root: Path) -> None:
    """An `__init__.py` holds a docstring, imports and a sorted `__all__`, and no logic.

    A package that must be quick to import may list where each name is defined, and load it at its first use.
    """
    busy: list[str] = []
    for path in (path for path in modules if path.name == "__init__.py"):
        busy += [
            f"{path.relative_to(root)}:{node.lineno}"
            for node in ast.parse(path.read_bytes()).body[1:]
            if not isinstance(node, ast.Import | ast.ImportFrom) and not lists_names(node)
        ]
    assert busy == []


def lists_names(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id="__all__" | "_PLACES")]) | ast.FunctionDef(name="__getattr__"):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=[]):
            return all(isinstance(each, ast.ImportFrom) for each in node.body)
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case _:
            return False


def test_no_class_is_built_on_another_class_of_ours(modules: list[Path], root: Path) -> None:
    """Data may extend a record and errors form one tree; behaviour is functions and protocols."""
    classes: dict[str, tuple[str, ast.ClassDef]] = {}
    for path in modules:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef):
                classes[node.name] = (f"{path.relative_to(root)}:{node.lineno}", node)
    inheriting = [
        where
        for where, node in classes.values()
        if not node.name.endswith("Error")
        for base in node.bases
        if ast.unparse(base) in classes and has_behaviour(classes[ast.unparse(base)][1])
    ]
    assert inheriting == []


def has_behaviour(node: ast.ClassDef) -> bool:
    is_protocol = any("Protocol" in ast.unparse(base) for base in node.bases)
    return not is_protocol and any(isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) for item in node.body)
