"""The HTTP API: sessions, generations, exports, and what guards them. `proofkit_serve.api.app.create_app` makes it."""
