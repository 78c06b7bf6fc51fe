"""Drafts in the pages: asked for by forms, followed by server-sent events with pieces of pages."""
