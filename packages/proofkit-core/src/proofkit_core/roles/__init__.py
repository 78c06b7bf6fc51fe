"""The role catalogue: what a role decides, and the scenarios a work sample can be set in."""
