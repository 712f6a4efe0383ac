"""The disease model: one block per file, pure functions whose docstring is the equation; ``whole_body`` joins them."""
