"""A page of a title, an answer and chapters, for whatever is not the report of a trial."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from euexia.report.content import Chapter
from euexia.report.drawing import inline_svg
from euexia.report.page import page_environment, template_source
from euexia.version import __version__


def render_plain(
    title: str,
    chapters: Sequence[Chapter],
    *,
    eyebrow: str,
    lead: Sequence[str],
    shows: str,
    parameters_hash: str,
    about: str = "",
    table: str = "",
) -> str:
    """Return a page as HTML text; everything that was given is escaped.

    lead: the answer in sentences.  shows: what the figures are of, for the note on research use.  table: the
    file of the page's numbers beside it.
    """
    return (
        page_environment()
        .get_template("patient.html")
        .render(
            title=title,
            about=about,
            eyebrow=eyebrow,
            lead=tuple(lead),
            chapters=tuple(chapters),
            inline_svg=inline_svg,
            style=Markup(template_source("report.css")),  # our own file, not something given
            version=__version__,
            parameters_hash=parameters_hash,
            table=table,
            shows=shows,
        )
    )
