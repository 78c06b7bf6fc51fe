"""Generation jobs: what drafts, in which thread, with which events, and how the result gets into the session."""
