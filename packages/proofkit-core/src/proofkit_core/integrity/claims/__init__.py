"""Finds what a text claims about jobs, clients, credentials, and says what becomes of each claim."""
