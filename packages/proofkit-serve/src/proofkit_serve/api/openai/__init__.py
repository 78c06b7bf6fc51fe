"""The OpenAI-compatible addresses, so that an existing client can use the model that comes along."""
