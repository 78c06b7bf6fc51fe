"""The web app: pages over the service, in the same process."""
