"""The plain-language page as HTML and as text."""

from __future__ import annotations

import textwrap

from markupsafe import Markup

from euexia.report.page import page_environment, template_source
from euexia.report.plain_language import CAREFUL, PlainPage
from euexia.version import __version__

WIDTH = 80


def fragment(page: PlainPage) -> str:
    """Return what stands between title and end of the page, as HTML; everything is escaped."""
    parts: list[Markup] = []
    for section in page.sections:
        parts.append(Markup("<section><h2>{}</h2>").format(section.title))
        parts += [Markup("<p>{}</p>").format(text) for text in section.paragraphs]
        if section.points:
            items = Markup("").join(Markup("<li>{}</li>").format(point) for point in section.points)
            parts.append(Markup("<ul>{}</ul>").format(items))
        parts.append(Markup("</section>"))
    return str(Markup("\n").join(parts))


def full_page(page: PlainPage) -> str:
    """Return the page as one HTML file that needs nothing else."""
    return (
        page_environment()
        .get_template("plain_language.html")
        .render(
            page=page,
            careful=CAREFUL,
            style=Markup(template_source("plain_language.css")),  # our own file, not something given
            version=__version__,
        )
    )


def text(page: PlainPage) -> str:
    """Return the page as text for a terminal."""
    lines = [page.title, "=" * len(page.title), ""]
    for section in page.sections:
        lines += [section.title, ""]
        for paragraph in section.paragraphs:
            lines += [*textwrap.wrap(paragraph, WIDTH), ""]
        for point in section.points:
            lines += textwrap.wrap(point, WIDTH, initial_indent="- ", subsequent_indent="  ")
        lines += [""] if section.points else []
    lines += ["Words", ""]
    for name, term in page.terms:
        lines += textwrap.wrap(f"{name}: {term.meaning}", WIDTH, subsequent_indent="  ")
    return "\n".join(lines) + "\n"
