"""What the command shows: progress while it works, a summary at the end."""
