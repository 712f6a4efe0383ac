"""The command line: words in, messages out; no arithmetic."""
