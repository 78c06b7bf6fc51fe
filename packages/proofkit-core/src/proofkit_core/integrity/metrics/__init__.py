"""Says which figures are metrics of the exercise, and which of these carry no label."""
