"""The disease model: one block per file, pure functions with their equation; ``whole_body`` joins them."""
