"""Colours of page and charts: Okabe and Ito's eight, told apart by all kinds of sight.

A chart names the light colour; on a dark screen the page's script puts its dark counterpart
in its place. Dashes and shapes say the same a second time.
"""

from __future__ import annotations

BLUE = "#0072B2"
ORANGE = "#B86E00"
GREEN = "#00775A"
RED = "#C04A00"
SKY = "#2A86BD"
PURPLE = "#A9568A"
GREY = "#5F6B76"

DARK = {
    BLUE: "#56B4E9",
    ORANGE: "#E69F00",
    GREEN: "#1FBF95",
    RED: "#F07A35",
    SKY: "#8CCBF0",
    PURPLE: "#DDA0C6",
    GREY: "#9AA7B2",
}
SERIES = (BLUE, ORANGE, GREEN, PURPLE, RED, GREY, SKY)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "5px,2px,2px,2px,2px,2px")
STYLES = {
    "accepted": (GREEN, "solid"),
    "shipped": (BLUE, "dash"),
    "docked": (SKY, "dashdot"),
    "online": (PURPLE, "dot"),
    "due": (GREY, "longdashdot"),
    "planned": (ORANGE, "longdash"),
    "baseline": (BLUE, "dash"),
    "disrupted": (RED, "solid"),
    "backlog": (RED, "solid"),
}
"""Colour and dash of the lines that come up again, so that they look the same in every chart."""

INK_LIGHT = {
    "page": "#f6f7f9",
    "card": "#ffffff",
    "ink": "#16202a",
    "soft": "#51606e",
    "line": "#d9dfe5",
    "wash": "#eef2f6",
    "land": "#e3e8ed",
    "good": GREEN,
    "bad": RED,
    "accent": BLUE,
}
INK_DARK = {
    "page": "#0f151b",
    "card": "#18212a",
    "ink": "#e8edf2",
    "soft": "#a7b4c0",
    "line": "#33404c",
    "wash": "#212d38",
    "land": "#2b3844",
    "good": DARK[GREEN],
    "bad": DARK[RED],
    "accent": DARK[BLUE],
}
INK_LIGHT |= {f"tone-{place}": colour for place, colour in enumerate(SERIES)}
INK_DARK |= {f"tone-{place}": DARK[colour] for place, colour in enumerate(SERIES)}
BAND_OPACITY = 0.18


def faint(colour: str) -> str:
    """The colour of a band round a line of that colour."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{BAND_OPACITY})"


def theme() -> dict[str, dict[str, object]]:
    """What the page's script needs to draw charts in light and in dark."""
    swap = {INK_LIGHT["card"]: INK_DARK["card"], **DARK} | {faint(light): faint(dark) for light, dark in DARK.items()}
    return {
        "light": {**INK_LIGHT, "swap": {}},
        "dark": {**INK_DARK, "swap": swap},
    }
