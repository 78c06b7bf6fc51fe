"""A server that fails on purpose: OpenAI-compatible, on a loopback port of its own, and gone by itself.

    with fault_server(Scenario.RATE_LIMITED, Scenario.GOOD) as server:
        ...  # ask `server.base_url`; the first request gets 429, all later ones an answer
        assert server.wait_idle(2.0)  # no connection and no request is left

On the command line: `python -m proofkit_serve.faults --port 0 --scenario stall`.
"""

from proofkit_serve.faults.answers import good_answer
from proofkit_serve.faults.asked import Asked
from proofkit_serve.faults.running import FaultServer, fault_server
from proofkit_serve.faults.scenarios import Pace, Scenario

__all__ = ["Asked", "FaultServer", "Pace", "Scenario", "fault_server", "good_answer"]
