# Everything is done by make.py, which needs only Python; these are its commands under their short names.
PYTHON ?= python3

.PHONY: demo test test-slow test-browser test-all check docs bench setup build
demo test test-slow test-browser test-all check docs bench setup build:
	@$(PYTHON) make.py $@ $(ARGS)
