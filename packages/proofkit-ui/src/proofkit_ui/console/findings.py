"""Shows what a check found: the place, the reason, the words, and the change that would put it right."""

from proofkit_core.checking import CheckedFinding, CheckReport, Fixed
from proofkit_core.integrity import Action

_MOST_CHARACTERS = 300
_BY_HAND = "No safe change is known; change this sentence by hand."
_DISCLOSE_BY_HAND = "Say in it, by hand, that the company is fictional and the work simulated."


def print_findings(report: CheckReport, *, can_fix: bool) -> None:
    """Print a report for a person.

    Args:
        report: What was found.
        can_fix: `--fix` could write the changes into this file.
    """
    lines = [line for finding in report.findings for line in _told(finding)]
    lines += [f"Note: {notice}" for notice in report.notices]
    lines += [_counted(report), *_next_step(report, can_fix=can_fix)]
    print("\n".join(lines))


def print_fixed(before: CheckReport, fixed: Fixed, *, in_packet: bool) -> None:
    """Print what was changed in a file, and what is left.

    Args:
        before: What was found before.
        fixed: What was written.
        in_packet: The file belongs to a packet.
    """
    lines: list[str] = []
    if fixed.changes:
        lines += [line for finding in before.findings if finding.suggestion for line in _told(finding)]
        places = "1 place" if fixed.changes == 1 else f"{fixed.changes} places"
        lines += [f"Changed {places} in {fixed.file}. The text as it was is kept as {fixed.kept_as}.", ""]
        if in_packet:
            lines += ["`proofkit verify` will say that the packet was altered, for one of its files now differs.", ""]
    else:
        lines.append(f"Nothing was changed in {fixed.file}.")
    if fixed.left.findings:
        lines += ["Left:", *(line for finding in fixed.left.findings for line in _told(finding))]
    lines += [*(f"Note: {notice}" for notice in before.notices), _counted(fixed.left)]
    print("\n".join(lines))


def _told(finding: CheckedFinding) -> list[str]:
    where = f" ({finding.where})" if finding.where else ""
    is_note = finding.action is Action.KEEP
    lines = [f"{finding.file}:{finding.line}:{finding.column}{where}  {'note: ' if is_note else ''}{finding.reason}"]
    about_all = finding.action is Action.DISCLOSE  # such a finding quotes the whole text
    if finding.quote.strip() and not about_all:
        lines.append(f"    “{_clipped(finding.quote)}”")
    suggestion = finding.suggestion
    if suggestion is None:
        by_hand = _DISCLOSE_BY_HAND if about_all else _BY_HAND
        lines += [] if is_note else [f"    {by_hand}"]
    elif suggestion.before:
        lines += [f"    before: {_clipped(suggestion.before)}", f"    after:  {_clipped(suggestion.after)}"]
    else:
        lines.append(f"    add:    {_clipped(suggestion.after)}")
    return [*lines, ""]


def _clipped(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS].rstrip()} …"


def _counted(report: CheckReport) -> str:
    counts = report.counts
    claims = "1 claim" if counts.found == 1 else f"{counts.found} claims"
    files = f" in {len(report.checked_files)} files" if len(report.checked_files) > 1 else ""
    return f"{claims} found{files}, {counts.checked} checked, {counts.unsupported} unsupported."


def _next_step(report: CheckReport, *, can_fix: bool) -> list[str]:
    if not report.counts.found:
        return ["No claim was recognised, which is no proof that there is none."]
    if can_fix and any(finding.suggestion for finding in report.findings):
        return ["--fix writes the changes into the file."]
    return []
