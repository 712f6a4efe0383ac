"""Small hand-made trials and protocols, so that a test needs neither the simulator nor a file."""

from builders.protocols import make_protocol
from builders.trials import make_trial

__all__ = ["make_protocol", "make_trial"]
