# Short names for the commands in CONTRIBUTING.md. `just` itself is optional: each line works on its own.

# list the recipes
default:
    @just --list

# everything but the tests, quickest first
check:
    uv run --group dev ruff format --check
    uv run --group dev ruff check
    uv run --group dev lint-imports --no-logo
    uv run --group dev pyright
    cd packages/proofkit-core && uv run --group dev deptry src
    cd packages/proofkit-eval && uv run --group dev deptry src
    cd packages/proofkit-prompts && uv run --group dev deptry src
    cd packages/proofkit-serve && uv run --group dev deptry src
    cd packages/proofkit-train && uv run --group dev deptry src
    cd packages/proofkit-ui && uv run --group dev deptry src
    uv run proofkit-prompts check

# the tests, with the real model and real files
test *ARGS:
    uv run --group dev pytest {{ ARGS }}

# change the integrity rules one place at a time and count what no test notices; hours
mutate *ARGS:
    uv run --group dev python benchmarks/rule_mutation.py
    uv run --group mutation python benchmarks/code_mutation.py {{ ARGS }}

# build the documentation into site/, strictly
docs:
    uv run --group dev zensical build --strict --clean

# write the generated pages and tables again: command help, field tables, licences
generate:
    uv run --group dev python scripts/reference.py
    uv run --group dev python scripts/third_party.py

# how fast, and how well roles are matched; about ten minutes
bench:
    uv run python benchmarks/template_packet.py
    uv run python benchmarks/decoding.py
    uv run python benchmarks/make_with_model.py
    uv run python benchmarks/make_report.py
    uv run python benchmarks/role_match.py

# what CI runs, from a bare machine on
ci:
    .ci/run
