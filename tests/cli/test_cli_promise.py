"""What `twin promise` asks of the library, and what it answers."""

from __future__ import annotations

import pytest
from report.sample_on_time import sample_on_time

from twin.cli.tables_run import on_time_line


def test_a_new_order_is_passed_on_in_all_its_parts(library, command):
    command(
        "promise", "small", "--customer", "acme", "--site", "hall", "--item", "rack", "--quantity", "9",
        "--priority", "2", "--by", "2026-03-02", "--target", "0.9", "--seed", "7", "--workers", "2", "--quiet",
    )  # fmt: skip
    given = library.called("promise")
    assert given["asked"].model_dump() == {
        "order": "", "customer": "acme", "site": "hall", "item": "rack", "quantity": 9, "priority": 2,
        "by": "2026-03-02", "target": 0.9,
    }  # fmt: skip
    assert (given["seed"], given["workers"]) == (7, 2)


def test_dates_come_first_then_what_would_lift_it(library, command):
    lines = command("promise", "small", "--order", "order-1", "--quiet").out.splitlines()
    assert lines[0] == "order-1: 9 rack for acme at hall"
    assert [line.split()[:3] for line in lines if line.startswith(("  50", "  80"))] == [
        ["50", "%", "2026-03-02"],
        ["80", "%", "2026-03-05"],
    ]
    text = " ".join(" ".join(lines).split())
    assert "95 % not within the horizon" in text
    assert "By 2026-03-02, the day asked for: 30 % (24 % to 37 %)." in text
    assert "By 2026-03-04, the day promised in the book: 30 % (24 % to 37 %)." in text
    assert "By the plan's own moment, on 2026-03-03: 30 % (24 % to 37 %)." in text
    assert "go before it" not in text
    assert "What would lift it to 80 %, each alone" in text
    assert "Time: 36 h earlier, or promised so much later." in text
    assert "Units: 2 of its 9 finished and ready ahead." in text
    assert "test power at hall: 250 kW more (of 1,000 kW)" in text
    assert "for site what hours a rack a late one place hall rack 0 31 step hall burn-in 9 0" in text
    assert "Whose order slips" not in text


def test_a_new_order_says_whose_order_slips(library, command):
    out = command("promise", "small", "--customer", "acme", "--site", "hall", "--quantity", "9", "--quiet").out
    assert out.startswith("New order: 9 rack for acme at hall, priority 5")
    assert "never" in out
    assert "90 to 60 %" in out
    assert out.count("≥ +1.5") == 1
    assert out.count("order-") == 15
    assert "By plans and pairs; 5 orders more in --json." in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say for which order a promise is wanted"),
        (("--customer", "acme", "--site", "hall"), "--quantity: say how many units a new order is for, 1 or more"),
        (("--site", "hall", "--quantity", "0"), "--quantity: say how many units a new order is for, 1 or more"),
        (("--order", "a", "--quantity", "2"), "not both (--quantity)"),
        (("--order", "a", "--by", "2026-03-02"), "not both (--by)"),
        (("--order", "a", "--priority", "2"), "not both (--priority)"),
        (("--quantity", "2", "--by", "soon"), "soon"),
        (("--quantity", "2", "--target", "1"), "0.99"),
    ],
)
def test_a_question_that_is_none_is_refused(library, command, arguments, said):
    ended = command("promise", "small", *arguments)
    assert ended.code == 2
    assert said in " ".join(ended.err.replace("│", " ").split())


def test_a_run_tells_the_share_on_time_in_a_line():
    assert on_time_line(sample_on_time()) == (
        "On time, of 20 orders due by 2026-02-01: 47 % by the day asked for (40 % to 54 %), 63 % by the day promised "
        "(56 % to 69 %); 95 % intervals, 200 replays."
    )
    few = sample_on_time().model_copy(update={"replayed_until": None, "totals": sample_on_time().totals[2:]})
    assert on_time_line(few).endswith("95 % intervals, 10 replications.")
