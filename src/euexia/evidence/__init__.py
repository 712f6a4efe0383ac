"""Published results as typed rows, each with its source and whether it was seen there."""
