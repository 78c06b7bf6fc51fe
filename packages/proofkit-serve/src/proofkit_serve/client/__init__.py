"""A typed Python client of the HTTP API.

with Client("http://127.0.0.1:8000", key="pk_…") as client:
session = client.create_session(SessionInput(goal=GoalInput(target_role="…", background="…")))
generation = client.generate(session.id, PacketJob(kind="packet"))
for event in client.follow(generation.id):
print(event.body.type)
Path("packet.zip").write_bytes(client.export(session.id, "packet.zip"))
"""

from proofkit_serve.client.client import Client
from proofkit_serve.client.connection import ConnectionLostError, ServiceProblemError
from proofkit_serve.client.events import Event

__all__ = ["Client", "ConnectionLostError", "Event", "ServiceProblemError"]
