"""The one file: templates, script, style and chart library put together so that nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from twin.report.palette import INK_DARK, INK_LIGHT, theme

if TYPE_CHECKING:
    from jinja2 import Environment

    from twin.report.blocks import Section, Table

LIBRARY = "plotly-basic.min.js"
LIBRARY_SHA256 = "99784e3abfb07b142a15e521a439e6d9addceadb3f79553fd24c72774f0649ba"
"""Of npm's plotly.js-basic-dist-min 4.1.1, MIT, the version that plotly 7.1.0 bundles in full."""
CHART = "chart.html"
"""The template of the one block that the library draws."""
SCRIPT = "report.js"
STYLE = "report.css"
MOST_COLUMNS = 32
"""Of a table; columns beyond would be set like words."""


@cache
def asset(name: str) -> str:
    """The text of a file beside this module."""
    return files("twin.report").joinpath("assets", name).read_text(encoding="utf-8")


def embedded(data: object) -> str:
    """JSON that may stand inside a script element: no `<` can end it early."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def script_hash(script: str) -> str:
    """A script's hash as a content security policy states it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def security_policy(scripts: tuple[str, ...]) -> str:
    """Nothing may be fetched from anywhere, and only the page's own scripts run."""
    hashes = " ".join(f"'{script_hash(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def environment() -> Environment:
    """The templates, escaping everything and refusing unknown names."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    templates = Environment(
        loader=PackageLoader("twin.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["sides"] = lambda table: Markup(sides(table))
    return templates


def sides(table: Table) -> str:
    """Attributes of a table that name, by number, the columns of numbers (`data-n`) and of whole words (`data-w`).

    Said once per table instead of at each cell, they halve the long tables.
    """
    numeric = " ".join(str(place) for place, column in enumerate(table.columns, 1) if column.numeric)
    whole = " ".join(str(place) for place, column in enumerate(table.columns, 1) if column.whole)
    return (f' data-n="{numeric}"' if numeric else "") + (f' data-w="{whole}"' if whole else "")


@cache
def column_rules() -> str:
    """The style of the columns that `sides` names."""
    numbers, number_heads, whole, whole_heads = (
        ",".join(f'[data-{key}~="{place}"] {cell}:nth-child({place})' for place in range(1, MOST_COLUMNS + 1))
        for key, cell in (("n", "td"), ("n", "th"), ("w", "td"), ("w", "th"))
    )
    return (
        f"{numbers},{number_heads}{{text-align:right}}{numbers},{whole}{{white-space:nowrap;min-width:0}}"
        f"{whole_heads}{{white-space:nowrap}}"
    )


def variables(colours: dict[str, str]) -> str:
    """Colours as CSS variables."""
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


def render(template: str, *, sections: Sequence[Section], **context: object) -> str:
    """A page from its template; script and style are handed in beside the context, the chart library if it is used."""
    charted = any(block.template == CHART for section in sections for block in section.blocks)
    library, script = asset(LIBRARY) if charted else "", asset(SCRIPT)
    return (
        environment()
        .get_template(template)
        .render(
            policy=security_policy((library, script)),
            library=library,
            script=script,
            style=asset(STYLE) + column_rules(),
            light=variables(INK_LIGHT),
            dark=variables(INK_DARK),
            theme=embedded(theme()),
            sections=sections,
            **context,
        )
    )
