"""The page: chapters in their order, laid out by the template into one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from euexia.report import (
    answer,
    convergence,
    course,
    design_facts,
    flow,
    looks,
    primary,
    published,
    safety,
    secondary,
    sources,
    statuses,
    waterfall,
)
from euexia.report.content import Chapter
from euexia.report.drawing import Panel, inline_svg
from euexia.report.formatting import count
from euexia.report.material import Material


def chapters(material: Material) -> tuple[Chapter, ...]:
    """Return the chapters of a report in their order."""
    found = (
        sources.protocol_chapter(material),
        flow.chapter(material),
        primary.chapter(material),
        looks.chapter(material),
        course.chapter(material),
        waterfall.chapter(material),
        secondary.chapter(material),
        published.chapter(material),
        safety.chapter(material),
        safety.screening(material),
        design_facts.distribution(material),
        convergence.chapter(material),
        statuses.chapter(material),
        sources.provenance_chapter(material),
    )
    return tuple(chapter for chapter in found if chapter is not None)


def render(
    material: Material, content: tuple[Chapter, ...], inline_svg: Callable[[Panel], Markup] = inline_svg
) -> str:
    """Return the page as HTML text; everything that was given is escaped.  inline_svg: draws a panel."""
    environment = page_environment()
    return environment.get_template("report.html").render(
        protocol=material.protocol,
        question=material.protocol.question,
        kind=_kind(material),
        answer=answer.sentences(material),
        figures=answer.key_figures(material),
        assumed=answer.assumed(material),
        chapters=content,
        inline_svg=inline_svg,
        style=Markup(template_source("report.css")),  # our own file, not something given
        versions=material.provenance.versions,
        seed=material.provenance.seed,
        partial=_partial(material),
        simulated=material.operating is not None,
    )


def _kind(material: Material) -> str:
    if material.operating is not None:
        trials, size = count(material.operating.trials), count(material.operating.size)
        return f"Design report: {trials} simulated trials of {size} patients"
    if material.trials == 1:
        return f"Trial report: {count(material.data.size)} patients"
    return f"Trial report: {count(material.trials)} trials of {count(material.data.size)} patients"


def _partial(material: Material) -> str:
    found = material.operating
    if found is None or found.trials >= found.planned_trials:
        return ""
    return (
        f"The run was stopped early: {count(found.trials)} of {count(found.planned_trials)} planned trials. "
        "All figures are of the finished trials."
    )


@cache
def page_environment() -> Environment:
    """Return the templates of all pages; what is given to them is escaped."""
    environment = Environment(
        loader=PackageLoader("euexia.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(text: str) -> Markup:
    """Let a long identifier such as ``muscle.turnover_rate`` break after its dots and underscores."""
    return Markup(str(escape(text)).replace(".", ".<wbr>").replace("_", "_<wbr>"))


def template_source(name: str) -> str:
    """Return the text of a file beside the templates."""
    return (files("euexia.report") / "templates" / name).read_text(encoding="utf-8")
