"""Each thing that may be wrong in a scenario file: where it is reported, the rule, and the remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from twin.model.case import load_case
from twin.model.problems import InputError

ADDED = """\
mitigations:
  - name: second lane
    changes:
      - table: lanes
        add: [{lane: c, origin: fab, destination: plantt, transit_days: 3}]
levers:"""

CASES = (
    # name, old, new, line:column, rule, remedy
    ("blank in the name", "name: fire\nt", "name: fi re\nt", "1:7", "one word", "such as hbm-outage"),
    ("unknown key", "title:", "titel:", "2:1", "no 'titel' here", "did you mean 'title'"),
    ("unknown world", "world: small", "world: smal", "3:8", "no such world", "did you mean 'small'"),
    ("unknown parent", "world: small", "extends: fure", "3:10", "no scenario to extend", "did you mean 'fire'"),
    ("number for a world", "world: small", "world: -1", "3:8", "no such world", "one workbook"),
    ("number for a parent", "world: small", "extends: 7", "3:10", "no scenario to extend", "use one of: "),
    ("its own parent", "world: small", "extends: fire", "3:10", "(fire -> fire)", "name a world instead"),
    ("world and parent", "world: small", "extends: fire\nworld: small", "4:8", "not both", "or name a world"),
    ("no world", "world: small\n", "", "1:1", "gives `extends` or `world`", "or name a world"),
    ("unknown site", "site: fab}", "site: fabb}", "6:16", "no site of this name", "did you mean 'fab'"),
    ("unknown operator", "site: fab}", "operator: Acmee}", "6:20", "no operator", "did you mean 'Acme'"),
    ("unknown country", "site: fab}", "country: TV}", "6:19", "no country", "did you mean 'TW'"),
    ("unknown group", "site: fab}", "group: strait}", "6:17", "no group", "use a known name"),
    ("unknown part", "site: fab}", "stie: fab}", "6:10", "no 'stie' here", "did you mean 'site'"),
    ("no target", "{site: fab}", "{}", "5:5", "must say what it hits", "name in `at`"),
    ("empty target", "{site: fab}", "{site: fab, country: US}", "6:9", "nothing in the world fits", "leave out"),
    ("item not made there", "{site: fab}", "{site: fab, item: tray}", "6:9", "nothing in the world", "leave out"),
    ("lane of no group", "{site: fab}", "{lane: a, process: etch}", "6:9", "nothing in the world", "leave out"),
    ("unknown kind", "kind: outage", "kind: outrage", "7:11", "one of outage", "did you mean 'outage'"),
    ("quality hold", "kind: outage", "kind: quality_hold", "7:11", "not simulated yet", "outage, starts_blocked"),
    ("curtailment without power", "kind: outage", "kind: curtailment", "6:9", "takes power", "rows of readiness"),
    ("embargo of none", "kind: outage", "kind: embargo", "5:5", "needs its countries", "embargo: {from"),
    (
        "embargo without lane",
        "kind: outage",
        "kind: embargo\n    embargo: {from: TW, to: US}",
        "8:14",
        "no lane leads",
        "a lane joins",
    ),
    (
        "embargo of nowhere",
        "kind: outage",
        "kind: embargo\n    embargo: {from: TV, to: US}",
        "8:21",
        "no site in this country",
        "'TW'",
    ),
    ("no such month", "2026-01-19", "2026-13-19", "8:13", "no day of the calendar", "check the month"),
    ("after the horizon", "2026-01-19", "2026-03-02", "8:13", "within the horizon", "2026-01-05 to 2026-03-01"),
    ("before the start", "2026-01-19", "2026-01-04", "8:13", "within the horizon", "2026-01-05 to 2026-03-01"),
    ("negative length", "lasts_weeks: 2", "lasts_weeks: -2", "9:18", "0 or more", "give one such as"),
    ("two lengths", "lasts_weeks: 2", "lasts_weeks: 2\n    lasts_days: 3", "5:5", "one length", "not both"),
    ("no length", "    lasts_weeks: 2\n", "", "5:5", "needs a length", "give lasts_weeks or lasts_days"),
    ("more than all", "lasts_weeks: 2", "lasts_weeks: 2\n    wip_lost: 1.5", "10:15", "1 or less", "1 or less"),
    ("key twice", "lasts_weeks: 2", "lasts_weeks: 2\n    lasts_weeks: 3", "10:5", "there twice", "in line 9"),
    (
        "change of no table",
        "resources\n    where: {site",
        "resorces\n    where: {site",
        "11:12",
        "table",
        "'resources'",
    ),
    ("change of no row", "{site: campus", "{site: campos", "12:19", "no row of 'resources'", "did you mean 'campus'"),
    ("where of no column", "{site: campus", "{sit: campus", "12:13", "no column 'sit'", "did you mean 'site'"),
    ("set of no column", "{capacity: 4}", "{capacty: 4}", "13:11", "no column 'capacty'", "'capacity'"),
    ("set below zero", "{capacity: 4}", "{capacity: -4}", "13:21", "0 or more", "give a number, 0 or more"),
    ("set to a word", "{capacity: 4}", "{capacity: lots}", "13:21", "must be a number", "3.5"),
    ("set to a list", "{capacity: 4}", "{capacity: [1]}", "13:21", "must be a number", "3.5"),
    ("set against another", "{capacity: 4}", "{mtbf_hours: 3}", "11:5", "failures is needed", "clear the hours"),
    ("set to no calendar", "{capacity: 4}", "{calendar: night}", "13:21", "'calendars'", "'calendars'"),
    ("factor below zero", "set: {capacity: 4}", "multiply: {capacity: -1}", "13:26", "0 or more", "1.2"),
    ("factor of a word", "set: {capacity: 4}", "multiply: {unit: 2}", "13:16", "not a number", "capacity, mtbf"),
    ("factor of blanks", "set: {capacity: 4}", "multiply: {mtbf_hours: 2}", "13:16", "is blank in every", "`set`"),
    ("no change", "set: {capacity: 4}", "remove: false", "11:5", "must change something", "give set, multiply"),
    ("added row", "levers:", ADDED, "18:51", "the table 'sites'", "did you mean 'plant'"),
    ("lever of no column", "column: capacity", "column: capacty", "18:13", "no column", "'capacity'"),
    ("lever of a word", "column: capacity", "column: unit", "18:13", "unit is not a number", "capacity"),
    ("lever of no row", "{resource: crew}", "{resource: krew}", "17:23", "no row of", "did you mean 'crew'"),
    ("lever upside down", "low: 1", "low: 9", "19:10", "low must be below high (8)", "exchange"),
    ("lever above its number", "low: 1", "low: 5", "19:10", "above the capacity that 'resources' now", "lower it"),
    ("lever below its number", "high: 8", "high: 1.9", "20:11", "now holds (4)", "raise it, or correct"),
    ("lever that stands", "step: 1", "step: 0", "21:11", "more than 0", "more than 0"),
    ("lever too coarse", "step: 1", "step: 9", "21:11", "between low and high (7", "smaller step"),
    ("lever without name", "name: crews", "nam: crews", "15:5", "name is needed", "give it a value"),
    ("unknown setting", "levers:", "settings: {report_weks: 3}\nlevers:", "14:12", "no setting", "'report_weeks'"),
    ("wrong setting", "levers:", "settings: {report_weeks: 0}\nlevers:", "14:26", "1 or more", "1 or more"),
    ("own way to plan", "levers:", "replan: all\nlevers:", "14:9", "must be one of known, each", "each"),
    ("plans of no week", "levers:", "replan_every_weeks: 0\nlevers:", "14:21", "1 or more", "1 or more"),
    ("unknown budget", "levers:", "budgets: {schedule_trials: 3}\nlevers:", "14:11", "here", "dispatch_trials"),
    ("seed below zero", "levers:", "seed: -1\nlevers:", "14:7", "0 or more", "0 or more"),
    ("word for a list", "disruptions:", "mitigations: fire\ndisruptions:", "4:14", "must be a list", "a dash"),
    ("open quote", "kind: outage", 'kind: "outage', "22:1", "is not YAML", "check colons, quotes"),
    ("no colon", "kind: outage", "kind outage", "8:5", "is not YAML", "check colons, quotes"),
    ("tab", "    kind: outage", "\tkind: outage", "7:1", "this one has a tab", "two blanks"),
    (
        "alias in itself",
        "disruptions:",
        "mitigations: &a [*a]\ndisruptions:",
        "4:14",
        "an alias",
        "write out what is needed",
    ),
    ("merge key", "levers:", "budgets: {<<: {}}\nlevers:", "14:11", "merge keys", "use `extends`"),
)


@pytest.mark.parametrize(
    ("old", "new", "at", "rule", "remedy"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_each_wrong_key_is_reported_where_it_stands(
    scenario_file: Path, old: str, new: str, at: str, rule: str, remedy: str
) -> None:
    text = scenario_file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    scenario_file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_case(scenario_file)
    told = [str(problem) for problem in caught.value.problems]
    found = [line for line in told if line.startswith(f"fire.yaml:{at}: ") and rule in line and remedy in line]
    assert len(found) == 1, told


def problems_of(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        load_case(path)
    return caught.value


def replace(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert text.count(old) == 1, (old, text)
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_all_entries_are_checked_against_the_world_whatever_is_wrong_with_one(scenario_file: Path) -> None:
    """A date, a name, a setting and a lever: of four stages."""
    second = "  - {name: flood, at: {site: fabb}, kind: outage, starts: 2026-01-19, lasts_weeks: 1}\nchanges:"
    replace(
        scenario_file,
        ("2026-01-19", "2026-02-30"),
        ("changes:", second),
        ("{capacity: 4}", "{capacity: -4}"),
        ("column: capacity", "column: capacty"),
    )
    error = problems_of(scenario_file)
    assert [problem.position for problem in error.problems] == [
        "fire.yaml:8:13",
        "fire.yaml:10:30",
        "fire.yaml:14:21",
        "fire.yaml:19:13",
    ]
    assert error.closing.startswith("not fully checked until this is mended: resources, ")
    assert error.closing.endswith(", scenarios that touch them, fire.yaml")


def test_a_scenario_is_checked_against_a_world_with_problems(scenario_file: Path, world_folder: Path) -> None:
    replace(world_folder / "items.csv", ("tray,20", "tray,-20"))
    replace(scenario_file, ("{site: fab}", "{site: fabb}"), ("2026-01-19", "2026-03-19"))
    error = problems_of(scenario_file)
    assert [problem.position for problem in error.problems] == [
        "fire.yaml:6:16",
        "fire.yaml:8:13",
        "worlds/small/items.csv:3:11",
    ]
    assert error.closing == "not fully checked until this is mended: items, scenarios that touch them"


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("sites", "site,kind", "siet,kind"),
        ("resources", "crew,2", "crew,two"),
        ("settings", "starts,2026-01-05", "starts,2026-01-35"),
        ("processes", "etch,fab", "etch,fabb"),
        ("lanes", "a,fab", "a,fabb"),
    ],
)
def test_a_scenario_is_not_blamed_for_its_world(
    scenario_file: Path, world_folder: Path, table: str, old: str, new: str
) -> None:
    replace(world_folder / f"{table}.csv", (old, new))
    replace(scenario_file, ("kind: outage", "kind: embargo\n    embargo: {from: TW, to: MX}"))
    files = {problem.file for problem in problems_of(scenario_file).problems}
    assert f"worlds/small/{table}.csv" in files
    assert "fire.yaml" not in files


def test_what_a_failed_change_was_to_bring_is_not_missed(scenario_file: Path) -> None:
    """The row of a site that breaks a rule; neither the lane to it nor the disruption there is blamed."""
    added = """\
changes:
  - {table: sites, add: [{site: hub, kind: hubb, country: DE}]}
  - {table: lanes, add: [{lane: c, origin: fab, destination: hub, transit_days: 3}]}"""
    replace(scenario_file, ("{site: fab}", "{site: hub}"), ("changes:", added))
    assert [problem.position for problem in problems_of(scenario_file).problems] == ["fire.yaml:11:44"]


def test_an_entry_left_out_of_the_changes_blames_nobody(scenario_file: Path) -> None:
    added = "changes:\n  - {table: sites, ad: [{site: hub, kind: hub}]}"
    replace(scenario_file, ("{site: fab}", "{site: hub}"), ("changes:", added))
    error = problems_of(scenario_file)
    assert [problem.position for problem in error.problems] == ["fire.yaml:11:20"]
    assert error.closing == "not fully checked until this is mended: fire.yaml"


def test_a_scenario_without_a_world_says_that_both_are_unchecked(scenario_file: Path) -> None:
    replace(scenario_file, ("world: small", "world: smal"))
    error = problems_of(scenario_file)
    assert error.closing == "not fully checked until this is mended: fire.yaml, the world"
    (problem,) = error.problems
    assert problem.remedy == "did you mean 'small'? A world is a folder of CSV files or one workbook (.xlsx)"


def test_a_distribution_that_braces_part_is_to_be_put_in_quotes(scenario_file: Path) -> None:
    flow = "  - {name: flood, at: {site: fab}, kind: outage, starts: 2026-01-19, lasts_weeks: uniform(3, 8)}\nchanges:"
    replace(scenario_file, ("changes:", flow))
    first = problems_of(scenario_file).problems[0]
    assert (first.value, first.remedy) == ("uniform(3", 'put it in quotes, as in "uniform(3, 8)"')


def test_a_path_that_is_nearly_right_is_told_with_its_folder(scenario_file: Path) -> None:
    folder = scenario_file.parent
    with pytest.raises(InputError) as caught:
        load_case(folder / "fore.yaml")
    assert caught.value.problems[0].remedy == f"did you mean '{folder / 'fire.yaml'}'?"
    replace(scenario_file, ("world: small", "world: worlds/smal"))
    assert "did you mean 'worlds/small'?" in problems_of(scenario_file).problems[0].remedy
    replace(scenario_file, ("world: worlds/smal", "extends: ./fury.yaml"))
    assert problems_of(scenario_file).problems[0].remedy == "did you mean './fire.yaml'?"


def test_a_change_is_blamed_for_the_names_that_it_takes_away(scenario_file: Path, world_folder: Path) -> None:
    """A group that was right names a lane that the change removes; a row that a change adds is blamed itself."""
    (world_folder / "lane_groups.csv").write_text("group,lane\nstrait,a\nstrait,b\n", encoding="utf-8")
    removed = "changes:\n  - {table: lanes, where: {lane: b}, remove: true}"
    replace(scenario_file, ("changes:", removed))
    told = [str(problem) for problem in problems_of(scenario_file).problems]
    still = "the table 'lane_groups' still names it — got 'b' — change or remove that row too: worlds/small/lane_groups"
    assert [line for line in told if "lane_groups" in line] == [f"fire.yaml:11:46: {still}.csv:3:8"]
    replace(scenario_file, (removed, f"{removed}\n  - {{table: lane_groups, where: {{lane: b}}, remove: true}}"))
    assert [each.lane for each in load_case(scenario_file).world.lane_groups] == ["a"]
    replace(scenario_file, ("lane_groups, where: {lane: b}, remove: true", "lane_groups, add: [{group: gap, lane: b}]"))
    added = [str(problem) for problem in problems_of(scenario_file).problems if "must be listed" in problem.rule]
    assert [line.split(": lane must")[0] for line in added] == ["fire.yaml:12:51"]


def test_sentences_of_a_remedy_are_parted() -> None:
    with pytest.raises(InputError) as caught:
        load_case("quite-another")
    (problem,) = caught.value.problems
    assert re.fullmatch(
        r"use one of: [\w-]+(, [\w-]+)*\. A file is named by its path, such as \./my-scenario\.yaml", problem.remedy
    )


@pytest.mark.parametrize(
    ("data", "rule"),
    [(b"", "the file is empty"), (b"- a\n- b\n", "a block of names"), (b"\xff\xfe\0", "text in UTF-16")],
    ids=["empty", "a list", "sixteen bits"],
)
def test_a_file_that_is_no_scenario(scenario_file: Path, data: bytes, rule: str) -> None:
    scenario_file.write_bytes(data)
    with pytest.raises(InputError, match=rule) as caught:
        load_case(scenario_file)
    assert caught.value.problems[0].file == "fire.yaml"


def test_problems_of_the_scenario_and_of_its_world_come_together(scenario_file: Path, world_folder: Path) -> None:
    items = world_folder / "items.csv"
    items.write_text(items.read_text(encoding="utf-8").replace("tray,20", "tray,-20"), encoding="utf-8")
    scenario_file.write_text(scenario_file.read_text(encoding="utf-8").replace("2026-01-19", "2026-02-30"))
    with pytest.raises(InputError) as caught:
        load_case(scenario_file)
    assert [p.position for p in caught.value.problems] == ["fire.yaml:8:13", "worlds/small/items.csv:3:11"]


@pytest.mark.parametrize(
    ("name", "rule"),
    [("no-such-scenario", "no shipped scenario of this name"), ("./nothing.yaml", "no such scenario file")],
)
def test_a_scenario_that_is_not_there(name: str, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        load_case(name)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ("mitigations: " + "[" * 200_000 + "]" * 200_000, "blocks and lists stand at most 50 deep in each other"),
        (
            "b0: &b0 [x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"b{n + 1}: &b{n + 1} [{', '.join([f'*b{n}'] * 9)}]\n" for n in range(8)),
            "a scenario holds at most 200,000 values, those of aliases counted each time",
        ),
        (
            "b0: &b0 [x]\n" + "".join(f"b{n + 1}: &b{n + 1} [*b{n}]\n" for n in range(60)),
            "blocks and lists stand at most 50 deep in each other",
        ),
    ],
    ids=["deep", "wide", "deep by aliases"],
)
def test_a_file_without_end_is_one_problem(scenario_file: Path, more: str, rule: str) -> None:
    scenario_file.write_text(scenario_file.read_text(encoding="utf-8") + more, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_case(scenario_file)
    assert [problem.rule for problem in caught.value.problems].count(rule) == 1
