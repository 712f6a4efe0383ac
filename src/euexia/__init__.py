"""Design, simulate, run and read trials against cancer cachexia."""
