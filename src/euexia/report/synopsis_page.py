"""The synopsis as one accessible page that needs no other file."""

from __future__ import annotations

from markupsafe import Markup

from euexia.protocol.protocol import Protocol
from euexia.report.drawing import inline_svg
from euexia.report.page import page_environment, template_source
from euexia.report.synopsis import synopsis


def synopsis_page(protocol: Protocol) -> str:
    """Return the synopsis of a protocol as HTML text; everything that was given is escaped."""
    return (
        page_environment()
        .get_template("synopsis.html")
        .render(
            document=synopsis(protocol),
            inline_svg=inline_svg,
            style=Markup(template_source("synopsis.css")),  # our own file, not something given
        )
    )
