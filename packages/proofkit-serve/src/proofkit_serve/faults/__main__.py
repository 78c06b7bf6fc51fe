"""Runs the fault server until it is stopped: `python -m proofkit_serve.faults --port 0 --scenario stall`."""

import argparse
import signal
import sys
import threading
from types import FrameType

from proofkit_serve.faults.running import fault_server, render_chatml
from proofkit_serve.faults.scenarios import Pace, Scenario

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C.

    Args:
        arguments: The command line; without it, this process's own.
    """
    parser = argparse.ArgumentParser(prog="python -m proofkit_serve.faults", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one, which is printed")
    parser.add_argument(
        "--scenario",
        action="append",
        type=Scenario,
        metavar="NAME",
        help=f"one a request, in order; the last one goes on: {', '.join(Scenario)}",
    )
    parser.add_argument("--first-token-s", type=float, default=0.0)
    parser.add_argument("--between-s", type=float, default=0.0)
    parser.add_argument("--key", default="", help="the bearer token that requests must have")
    parser.set_defaults(scenario=[])
    given = parser.parse_args(arguments)
    pace = Pace(first_token_s=given.first_token_s, between_s=given.between_s)
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    scenarios: list[Scenario] = given.scenario
    with fault_server(*scenarios, pace=pace, key=given.key, template=render_chatml, port=given.port) as server:
        sys.stdout.write(f"listening on {server.url}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
