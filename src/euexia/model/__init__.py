"""The framework that knows no biology: elementary functions, effects, pharmacokinetics."""
