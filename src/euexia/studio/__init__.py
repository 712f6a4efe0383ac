"""The studio: the whole of Euexia as a web page on one's own machine."""
