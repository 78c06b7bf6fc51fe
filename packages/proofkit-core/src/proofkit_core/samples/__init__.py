"""The types of work sample: their sections, guided questions and rubrics."""
