"""Each thing a planner may get wrong in a table: where it is reported, the rule, and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from twin.model.load import load_world
from twin.model.problems import InputError


@dataclass(frozen=True, slots=True)
class Wrong:
    """An edit of one table (the whole table where `old` is blank), and a problem it makes at `table:line:column`."""

    name: str
    table: str
    old: str
    new: str
    at: str
    rule: str
    remedy: str


CASES = (
    Wrong(
        "negative mass",
        "items",
        "tray,tray,20,maker",
        "tray,tray,-5,maker",
        "items:3:11",
        "0 or more",
        "give a number, 0 or more",
    ),
    Wrong(
        "word for a number",
        "items",
        "tray,tray,20,maker",
        "tray,tray,heavy,maker",
        "items:3:11",
        "must be a number",
        "3.5",
    ),
    Wrong(
        "decimal comma",
        "items",
        "tray,tray,20,maker",
        'tray,tray,"2,5",maker',
        "items:3:11",
        "must be a number",
        "decimal point",
    ),
    Wrong("infinite", "items", "tray,tray,20,maker", "tray,tray,inf,maker", "items:3:11", "finite", "give one such as"),
    Wrong("negative capacity", "resources", "crew,2", "crew,-2", "resources:2:13", "0 or more", "give a number"),
    Wrong(
        "quantity zero",
        "orders",
        "o1,acme,campus,rack,2,2026-02-02",
        "o1,acme,campus,rack,0,2026-02-02",
        "orders:2:21",
        "1 or more",
        "1 or more",
    ),
    Wrong(
        "part of a rack",
        "orders",
        "o1,acme,campus,rack,2,2026-02-02",
        "o1,acme,campus,rack,2.5,2026-02-02",
        "orders:2:21",
        "whole number",
        "12",
    ),
    Wrong(
        "blank quantity",
        "orders",
        "o1,acme,campus,rack,2,2026-02-02",
        "o1,acme,campus,rack,,2026-02-02",
        "orders:2:21",
        "is needed",
        "give it a value",
    ),
    Wrong("share above one", "sourcing", "plant,1", "plant,1.5", "sourcing:2:17", "1 or less", "1 or less"),
    Wrong("no such day", "orders", "2026-02-02", "2026-02-30", "orders:2:23", "no day of the calendar", "check the"),
    Wrong("no such month", "orders", "2026-02-02", "2026-13-02", "orders:2:23", "no day of the calendar", "check the"),
    Wrong("date of another land", "orders", "2026-02-02", "02.02.2026", "orders:2:23", "a date", "2026-03-02"),
    Wrong("date without dashes", "orders", "2026-02-02", "20260202", "orders:2:23", "a date", "2026-03-02"),
    Wrong(
        "unknown mode",
        "lanes",
        "a,fab,plant,air,3",
        "a,fab,plant,ar,3",
        "lanes:2:13",
        "one of air, ocean",
        "did you mean 'air'",
    ),
    Wrong("unknown kind", "sites", "tray_assembly", "tray_assemby", "sites:3:7", "one of fab", "'tray_assembly'"),
    Wrong(
        "misspelled shape",
        "lanes",
        "a,fab,plant,air,3",
        "a,fab,plant,air,triangle(3)",
        "lanes:2:17",
        "known",
        "'triangular'",
    ),
    Wrong(
        "shape upside down",
        "lanes",
        "a,fab,plant,air,3",
        'a,fab,plant,air,"pert(8,4,3)"',
        "lanes:2:17",
        "low <= mode",
        "pert(3, 4,",
    ),
    Wrong(
        "shape lacks a number",
        "lanes",
        "a,fab,plant,air,3",
        "a,fab,plant,air,gamma(5)",
        "lanes:2:17",
        "variation",
        "gamma(5, 0.3)",
    ),
    Wrong(
        "no observations",
        "lanes",
        "a,fab,plant,air,3",
        "a,fab,plant,air,empirical(x.csv)",
        "lanes:2:17",
        "be read",
        "beside",
    ),
    Wrong("no timezone", "sites", "America/Chicago", "America/Chcago", "sites:3:36", "time zone", "'America/Chicago'"),
    Wrong(
        "bad ramp",
        "resources",
        "",
        "site,resource,capacity,ramp,source\ncampus,crew,2,half,maker\n",
        "resources:2:15",
        "date:fraction",
        "2026-01-01:0.8",
    ),
    Wrong(
        "falling ramp",
        "resources",
        "",
        "site,resource,capacity,ramp,source\ncampus,crew,2,2026-07-01:1 2026-01-01:0.8,maker\n",
        "resources:2:15",
        "rising dates",
        "in order",
    ),
    Wrong(
        "bad policy", "stock", "", "site,item,policy\nfab,wafer,many\n", "stock:2:11", "stock policy", "base_stock(S)"
    ),
    Wrong(
        "policy without number",
        "stock",
        "",
        "site,item,policy\nfab,wafer,base_stock\n",
        "stock:2:11",
        "its numbers (1)",
        "base_stock(S)",
    ),
    Wrong("needed column", "bom", "item,input,q", "item,inptu,q", "bom:1:6", "and 'input' is missing", "'input'?"),
    Wrong("quite another name", "orders", ",requested", ",due", "orders:1:35", "'requested' is missing", "if it is"),
    Wrong("column without a name", "bom", "item,input,q", "item,,q", "bom:1:6", "and 'input' is missing", "if it is"),
    Wrong(
        "column too many", "bom", ",quantity", ",quantity,,", "bom:1:1", "as its rows have cells", "that is too many"
    ),
    Wrong("misspelled column", "items", "kind,mass_kg", "kind,mas_kg", "items:1:11", "no column", "'mass_kg'"),
    Wrong("column twice", "items", "kind,mass_kg", "kind,kind", "items:1:11", "there twice", "remove one"),
    Wrong("missing column", "orders", ",requested", ",promised", "orders:1:1", "'requested'", "add the column"),
    Wrong(
        "row too short",
        "items",
        "tray,tray,20,maker",
        "tray,tray,20",
        "items:3:1",
        "a row has 4 cells",
        "missing delimiters",
    ),
    Wrong(
        "row too long",
        "items",
        "tray,tray,20,maker",
        "tray,tray,20,maker,more",
        "items:3:20",
        "at most 4 cells",
        "quote a cell",
    ),
    Wrong(
        "quote left open",
        "items",
        "tray,tray,20,maker",
        '"tray,tray,20,maker',
        "items:3",
        "cannot be read as CSV",
        "close every quote",
    ),
    Wrong(
        "after a quoted line end",
        "items",
        "tray,tray,20,maker",
        'tray,"tr\nay",x,maker',
        "items:4:5",
        "be a number",
        "3.5",
    ),
    Wrong("empty file", "stock", "", "", "stock:1:1", "the file is empty", "header line"),
    Wrong("no rows", "items", "", "item,kind,mass_kg,source\n", "items:1:1", "needs a row", "add one below"),
    Wrong("unknown setting", "settings", "report_weeks", "report_weks", "settings:3:1", "no setting", "'report_weeks'"),
    Wrong("no weeks", "settings", "report_weeks,8", "report_weeks,0", "settings:3:14", "1 or more", "1 or more"),
    Wrong("no start", "settings", "starts,2026-01-05\n", "", "settings:1:6", "starts is needed", "give it a value"),
    Wrong("setting twice", "settings", "weeks,8", "weeks,8\nstarts,2026-01-06", "settings:4:1", "unique", "2:1"),
    Wrong("unknown site", "orders", "o1,acme,campus", "o1,acme,campos", "orders:2:9", "'sites'", "'campus'"),
    Wrong("unknown item", "bom", "rack,tray", "rack,trey", "bom:3:6", "'items'", "did you mean 'tray'"),
    Wrong(
        "unknown calendar",
        "resources",
        "",
        "site,resource,capacity,calendar,source\ncampus,crew,2,shift,maker\n",
        "resources:2:15",
        "'calendars'",
        "'calendars'",
    ),
    Wrong(
        "unknown source",
        "items",
        "tray,tray,20,maker",
        "tray,tray,20,makr",
        "items:3:14",
        "'sources'",
        "did you mean 'maker'",
    ),
    Wrong(
        "number without source",
        "items",
        "tray,tray,20,maker",
        "tray,tray,20,",
        "items:3:14",
        "name its source",
        "'sources'",
    ),
    Wrong(
        "item twice",
        "items",
        "tray,tray,20,maker",
        "tray,tray,20,maker\ntray,tray,20,maker",
        "items:4:1",
        "item must be unique",
        "items.csv:3:1",
    ),
    Wrong("order twice", "orders", "o2,", "o1,", "orders:3:1", "order must be unique", "orders.csv:2:1"),
    Wrong(
        "unknown claim",
        "claims",
        "",
        "claimant,resource,share,source\nx,krew,0.1,maker\n",
        "claims:2:3",
        "'resources'",
        "did you mean 'crew'",
    ),
    Wrong(
        "claim on nothing",
        "claims",
        "",
        "claimant,resource,share,source\nx,,0.1,maker\n",
        "claims:2:3",
        "on a resource or on an item",
        "name one",
    ),
    Wrong(
        "hazard of nothing",
        "hazards",
        "",
        "site,group,hazard,per_year,outage_days,recovery_days,source\n,,storm,0.1,3,4,maker\n",
        "hazards:2:1",
        "a site or a group",
        "name one",
    ),
    Wrong(
        "unknown group",
        "hazards",
        "",
        "site,group,hazard,per_year,outage_days,recovery_days,source\n,delt,storm,0.1,3,4,maker\n",
        "hazards:2:2",
        "site_groups or lane_groups",
        "did you mean 'delta'",
    ),
    Wrong(
        "unknown integrator",
        "allocations",
        "",
        "item,integrator,share,source\nrack,Acmee,0.5,maker\n",
        "allocations:2:6",
        "an operator",
        "did you mean 'Acme'",
    ),
    Wrong(
        "cycle",
        "bom",
        "18,maker",
        "18,maker\nwafer,rack,1,maker",
        "bom:4:7",
        "(rack -> tray -> wafer -> rack)",
        "this cycle: worlds/small/bom.csv:3, worlds/small/bom.csv:2, worlds/small/bom.csv:4",
    ),
    Wrong("into itself", "bom", "18,maker", "18,maker\nrack,rack,1,maker", "bom:4:6", "rack -> rack", "remove"),
    Wrong("no oven", "processes", "14,10,", "14,10,oven", "processes:2:22", "for the site fab", "with site fab"),
    Wrong("two durations", "processes", "rack,,,,", "rack,3,,,maker", "processes:4:21", "must be blank", "clear"),
    Wrong("rework forward", "routings", '20)",,', '20)",3,', "routings:3:47", "after its own step (2)", "1 to 2"),
    Wrong("no crane", "routing_resources", "2,crew", "2,crane", "routing_resources:3:12", "the site campus", "'crew'"),
    Wrong("no step 4", "routing_resources", "L11,2", "L11,4", "routing_resources:3:10", "must be one", "one of 1, 2"),
    Wrong(
        "a mode without its crane",
        "routing_resources",
        "",
        "item,level,step,resource,mode\nrack,L11,1,crew,\nrack,L11,2,crane,fast\nrack,L11,2,hoist,slow\n",
        "routing_resources:3:12",
        "of at least one mode of the step",
        "'crew'",
    ),
    Wrong(
        "a mode that holds what all hold",
        "routing_resources",
        "",
        "item,level,step,resource,mode\nrack,L11,1,crew,\nrack,L11,2,crew,\nrack,L11,2,crew,slow\n",
        "routing_resources:4:17",
        "not with both",
        "remove one",
    ),
    Wrong(
        "hours of no mode",
        "routing_resources",
        "",
        "item,level,step,resource,mode,mode_hours,source\nrack,L11,1,crew,,8,maker\nrack,L11,2,crew,,,\n",
        "routing_resources:2:18",
        "need a mode",
        "name the mode",
    ),
    Wrong(
        "a mode of two lengths",
        "routing_resources",
        "",
        "item,level,step,resource,mode,mode_hours,source\n"
        "rack,L11,1,crew,fast,8,maker\nrack,L11,1,lift,fast,9,maker\nrack,L11,2,crew,,,\n",
        "routing_resources:3:22",
        "must give the same hours",
        "give 8",
    ),
    Wrong("no L12", "routing_resources", "L11,2", "L12,2", "routing_resources:3:6", "level must", "'L11'"),
    Wrong(
        "more than there is",
        "routing_resources",
        "",
        "item,level,step,resource,amount,source\nrack,L11,1,crew,3,maker\nrack,L11,2,crew,2,maker\n",
        "routing_resources:2:17",
        "one rack must not need more of crew than the 2 at campus",
        "give 2 or less, or more capacity",
    ),
    Wrong(
        "too many together",
        "routings",
        "",
        "item,level,step,name,hours,cluster,source\nrack,L11,1,place,10,2,maker\nrack,L11,2,test,10,3,maker\n",
        "routings:3:20",
        "3 racks together must not need more of crew than the 2 at campus",
        "give 2 or less, or more capacity",
    ),
    Wrong(
        "more in every mode than there ever is",
        "routing_resources",
        "",
        "item,level,step,resource,amount,mode\nrack,L11,1,crew,3,slow\nrack,L11,1,crew,4,slower\nrack,L11,2,crew,2,\n",
        "routing_resources:2:17",
        "one rack must not need more of crew than the 2 at campus",
        "give 2 or less, or more capacity",
    ),
    Wrong(
        "more than at the top of the ramp",
        "resources",
        "",
        "site,resource,capacity,ramp,source\ncampus,crew,2,2026-01-01:0.1 2026-07-01:0.4,maker\n",
        "routing_resources:2:1",
        "one rack must not need more of crew than the 0.8 at campus",
        "give 0.8 or less, or more capacity",
    ),
    Wrong(
        "routing elsewhere",
        "routings",
        "",
        "item,level,site,step,name,hours,source\nrack,L11,fab,1,place,10,maker\nrack,L11,fab,2,test,10,maker\n",
        "routings:2:10",
        "site must make rack",
        "use one of: campus",
    ),
    Wrong(
        "routing of no one", "processes", "install,campus,rack,,,,\n", "", "routings:2:1", "made at some", "add a row"
    ),
    Wrong(
        "unknown level of an order",
        "orders",
        "",
        "order,customer,site,item,level,quantity,requested,source\no1,acme,campus,rack,L12,2,2026-02-02,maker\n",
        "orders:2:21",
        "routings of rack",
        "did you mean 'L11'",
    ),
    Wrong(
        "level shares",
        "levels",
        "",
        "site,item,level,share,source\ncampus,rack,L11,0.5,maker\n",
        "levels:2:17",
        "must add up to 1",
        "change the shares",
    ),
    Wrong(
        "breakdown without hours",
        "resources",
        "",
        "site,resource,capacity,failures,mtbf_hours,mttr_hours,source\ncampus,crew,2,time,500,,maker\n",
        "resources:2:24",
        "mttr_hours is needed",
        "give hours",
    ),
    Wrong(
        "hours without breakdown",
        "resources",
        "",
        "site,resource,capacity,failures,mtbf_hours,mttr_hours,source\ncampus,crew,2,,500,8,maker\n",
        "resources:2:15",
        "failures is needed",
        "time or use",
    ),
    Wrong(
        "closes before it opens",
        "calendars",
        "",
        "calendar,weekday,opens,closes,closed_from,closed_to\nshift,mon,18:00,08:00,,\n",
        "calendars:2:17",
        "later than opens (18:00)",
        "two rows",
    ),
    Wrong(
        "hour of the day",
        "calendars",
        "",
        "calendar,weekday,opens,closes,closed_from,closed_to\nshift,mon,8,18:00,,\n",
        "calendars:2:11",
        "a time of day",
        "07:30",
    ),
    Wrong(
        "hours of no day",
        "calendars",
        "",
        "calendar,weekday,opens,closes,closed_from,closed_to\nshift,,08:00,18:00,,\n",
        "calendars:2:7",
        "need a weekday",
        "mon-fri",
    ),
    Wrong(
        "hours and dates",
        "calendars",
        "",
        "calendar,weekday,opens,closes,closed_from,closed_to\nshift,mon,08:00,18:00,2026-02-17,\n",
        "calendars:2:7",
        "or a closed range",
        "one of the two",
    ),
    Wrong(
        "closed backwards",
        "calendars",
        "",
        "calendar,weekday,opens,closes,closed_from,closed_to\nshift,,,,2026-02-17,2026-02-16\n",
        "calendars:2:21",
        "before closed_from",
        "exchange",
    ),
    Wrong(
        "lane to nowhere", "lanes", "b,plant,campus", "b,plant,nowhere", "lanes:3:9", "'sites'", "campus, fab, plant"
    ),
    Wrong("lane to itself", "lanes", "b,plant,campus", "b,plant,plant", "lanes:3:9", "another site", "another dest"),
    Wrong(
        "no lane", "sourcing", "fab,plant", "fab,campus", "sourcing:2:11", "a lane must lead", "add a row to 'lanes'"
    ),
    Wrong(
        "supplies nothing",
        "sourcing",
        "",
        "item,supplier,consumer,share_planned,source\ntray,fab,plant,1,maker\n",
        "sourcing:2:6",
        "hold or receive tray",
        "use one of: plant",
    ),
    Wrong(
        "min above max",
        "sourcing",
        "",
        "item,supplier,consumer,share_min,share_max,source\nwafer,fab,plant,0.5,0.2,maker\n",
        "sourcing:2:17",
        "above share_max (0.2)",
        "lower it",
    ),
    Wrong(
        "planned below min",
        "sourcing",
        "",
        "item,supplier,consumer,share_planned,share_min,source\nwafer,fab,plant,0.2,0.5,maker\n",
        "sourcing:2:17",
        "from share_min (0.5)",
        "change one",
    ),
    Wrong(
        "planned above all",
        "sourcing",
        "",
        "item,supplier,consumer,share_planned,source\nwafer,fab,plant,0.7,maker\nwafer,plant,plant,0.7,maker\n",
        "sourcing:3:19",
        "must add up to 1",
        "lower the shares",
    ),
    Wrong("nobody makes it", "orders", "o1,acme,campus", "o1,acme,fab", "orders:2:9", "nobody makes or", "add a row"),
    Wrong(
        "allocated twice",
        "allocations",
        "",
        "item,customer,share,source\nrack,acme,0.7,maker\nrack,other,0.5,maker\n",
        "allocations:3:12",
        "on one date",
        "lower a share",
    ),
    Wrong(
        "allocated to none",
        "allocations",
        "",
        "item,customer,share,source\nrack,,0.7,maker\n",
        "allocations:2:6",
        "for a customer or",
        "name one",
    ),
    Wrong(
        "allocated backwards",
        "allocations",
        "",
        "item,customer,share,from,to,source\nrack,acme,0.7,2026-07-01,2026-01-01,maker\n",
        "allocations:2:26",
        "before from",
        "exchange",
    ),
    Wrong(
        "due before placed",
        "orders",
        "",
        "order,customer,site,item,quantity,requested,placed,source\no1,acme,campus,rack,2,2026-02-02,2026-02-03,maker\n",
        "orders:2:23",
        "before placed",
        "exchange",
    ),
    Wrong(
        "estimate of no table",
        "estimates",
        "",
        "estimate,table,where,column,low,high,source\nx,lane,lane=a,transit_days,1,2,maker\n",
        "estimates:2:3",
        "no table 'lane'",
        "did you mean 'lanes'",
    ),
    Wrong(
        "estimate of no row",
        "estimates",
        "",
        "estimate,table,where,column,low,high,source\nx,lanes,lane=c,transit_days,1,2,maker\n",
        "estimates:2:9",
        "no row of 'lanes'",
        "use one of: a, b",
    ),
    Wrong(
        "estimate of no column",
        "estimates",
        "",
        "estimate,table,where,column,low,high,source\nx,lanes,lane=a,transitdays,1,2,maker\n",
        "estimates:2:16",
        "no column",
        "did you mean 'transit_days'",
    ),
    Wrong(
        "estimate of a word",
        "estimates",
        "",
        "estimate,table,where,column,low,high,source\nx,lanes,lane=a,mode,1,2,maker\n",
        "estimates:2:16",
        "mode is not a number",
        "transit_days",
    ),
    Wrong(
        "estimate of rows unsaid",
        "estimates",
        "",
        "estimate,table,where,column,low,high,source\nx,lanes,a,transit_days,1,2,maker\n",
        "estimates:2:9",
        "column=value pairs",
        "site=houston",
    ),
    Wrong(
        "low above high",
        "estimates",
        "",
        "estimate,table,where,column,low,high,source\nx,lanes,lane=a,transit_days,2,1,maker\n",
        "estimates:2:29",
        "above high (1)",
        "exchange",
    ),
)


def spoil(folder: Path, case: Wrong) -> None:
    path = folder / f"{case.table}.csv"
    if case.old:
        text = path.read_text(encoding="utf-8")
        assert text.count(case.old) == 1
        path.write_text(text.replace(case.old, case.new), encoding="utf-8")
    else:
        path.write_text(case.new, encoding="utf-8")
    (folder / "site_groups.csv").write_text("group,site\ndelta,fab\n", encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_wrong_cell_is_reported_where_it_stands(world_folder: Path, case: Wrong) -> None:
    spoil(world_folder, case)
    with pytest.raises(InputError) as caught:
        load_world(world_folder)
    file, *position = case.at.split(":")
    start = f"worlds/small/{':'.join([file + '.csv', *position])}: "
    told = [str(problem) for problem in caught.value.problems]
    found = [text for text in told if text.startswith(start) and case.rule in text and case.remedy in text]
    assert len(found) == 1, told


def test_names_in_a_row_with_another_problem_are_checked(
    world_folder: Path, read_problems: Callable[[Path], list[str]]
) -> None:
    path = world_folder / "orders.csv"
    text = path.read_text(encoding="utf-8").replace("campus,rack,2,2026-02-02", "campos,rack,2,2026-02-30")
    path.write_text(text, encoding="utf-8")
    assert [told.partition(": ")[0] for told in read_problems(world_folder)] == ["orders.csv:2:9", "orders.csv:2:23"]


@pytest.mark.parametrize(
    ("table", "old", "new", "closing"),
    [
        ("bom", "quantity", "quantty", "not fully checked until this is mended: bom, sourcing"),
        (
            "processes",
            "tray,2,8",
            "tray,2,-8",
            "not fully checked until this is mended: processes, routings, routing_resources, sourcing, orders",
        ),
        ("orders", "o1,acme,campus", "o1,acme,campos", ""),
    ],
    ids=["header", "cell", "name"],
)
def test_what_could_not_be_checked_is_said_at_the_end(
    world_folder: Path, table: str, old: str, new: str, closing: str
) -> None:
    path = world_folder / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_world(world_folder)
    assert caught.value.closing == closing
    assert str(caught.value).splitlines()[1:] == ([closing] if closing else [])
    assert InputError(caught.value.problems).closing == closing, "it goes with the problems"


@pytest.mark.parametrize(
    ("table", "remedy"),
    [
        ("items", "give it a header line with at least the columns item, kind, and rows below"),
        ("stock", "give it a header line and rows, or remove the file"),
    ],
)
def test_an_empty_file_of_a_needed_table_is_not_to_be_removed(
    world_folder: Path, read_problems: Callable[[Path], list[str]], table: str, remedy: str
) -> None:
    (world_folder / f"{table}.csv").write_text("\n", encoding="utf-8")
    assert read_problems(world_folder) == [f"{table}.csv:1:1: the file is empty — {remedy}"]


def test_a_folder_in_the_place_of_a_table(world_folder: Path, read_problems: Callable[[Path], list[str]]) -> None:
    (world_folder / "stock.csv").mkdir()
    assert read_problems(world_folder) == ["stock.csv: the file cannot be read — check that it is a file you may read"]


def test_a_valid_world_has_no_problem(world_folder: Path) -> None:
    world = load_world(world_folder)
    assert [item.item for item in world.items] == ["wafer", "tray", "rack"]
    assert world.settings.report_weeks == 8


def test_all_problems_of_all_files_come_at_once(world_folder: Path) -> None:
    by_name = {case.name: case for case in CASES}
    for name in ("negative mass", "negative capacity", "lane to nowhere", "no such day", "unknown kind"):
        spoil(world_folder, by_name[name])
    with pytest.raises(InputError) as caught:
        load_world(world_folder)
    places = [problem.position.removeprefix("worlds/small/") for problem in caught.value.problems]
    assert places == ["items.csv:3:11", "lanes.csv:3:9", "orders.csv:2:23", "resources.csv:2:13", "sites.csv:3:7"]


def test_a_broken_row_does_not_make_its_name_unknown(world_folder: Path) -> None:
    spoil(world_folder, next(case for case in CASES if case.name == "negative mass"))
    with pytest.raises(InputError) as caught:
        load_world(world_folder)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("missing", ["settings", "items", "sites"])
def test_a_needed_table_that_is_missing_is_named(world_folder: Path, missing: str) -> None:
    (world_folder / f"{missing}.csv").unlink()
    with pytest.raises(InputError, match=f"the table '{missing}' is needed"):
        load_world(world_folder)


def test_an_unknown_table_is_refused_with_the_nearest_name(world_folder: Path) -> None:
    (world_folder / "laness.csv").write_text("a\n", encoding="utf-8")
    (world_folder / "_scratch.csv").write_text("left aside\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_world(world_folder)
    assert [str(p) for p in caught.value.problems] == [
        "worlds/small/laness.csv: there is no table 'laness' — did you mean 'lanes'?"
    ]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "the file is not text"),
        ("item,kind\nwäfer,wafer\n".encode("cp1252"), "the file is not text in UTF-8"),
        ("item,kind\n".encode("utf-16"), "the file is text in UTF-16, which is not read"),
        ("item,kind\nwäfer,wafer\n".encode("utf-16-be"), "the file is text in UTF-16, which is not read"),
    ],
    ids=["a picture", "another encoding", "sixteen bits", "sixteen bits without a mark"],
)
def test_a_file_that_is_not_text(world_folder: Path, data: bytes, rule: str) -> None:
    (world_folder / "items.csv").write_bytes(data)
    with pytest.raises(InputError) as caught:
        load_world(world_folder)
    (problem,) = caught.value.problems
    assert problem.rule == rule
    assert problem.remedy == "save the table as CSV UTF-8"
    assert problem.file == "worlds/small/items.csv"


def test_the_first_byte_that_is_not_utf_8_is_located(world_folder: Path) -> None:
    (world_folder / "items.csv").write_bytes("item,kind\nwäfer,wafer\n".encode("cp1252"))
    with pytest.raises(InputError, match=r"items\.csv:2:2: "):
        load_world(world_folder)


def test_a_world_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such world"):
        load_world(tmp_path / "nothing")


def test_semicolons_marks_and_windows_line_ends_read_alike(world_folder: Path) -> None:
    plain = load_world(world_folder)
    for path in world_folder.glob("*.csv"):
        if '"' not in path.read_text(encoding="utf-8"):
            text = path.read_text(encoding="utf-8").replace(",", ";").replace("\n", "\r\n")
            path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert load_world(world_folder) == plain


def test_blank_lines_and_rows_of_delimiters_are_left_out(world_folder: Path) -> None:
    plain = load_world(world_folder)
    path = world_folder / "items.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("tray,tray", ",,,\n\ntray,tray") + ",,,\n", encoding="utf-8"
    )
    assert load_world(world_folder) == plain


def test_observations_are_read_beside_the_table(world_folder: Path) -> None:
    (world_folder / "times.csv").write_text("3\n5\n4\n", encoding="utf-8")
    path = world_folder / "lanes.csv"
    text = path.read_text(encoding="utf-8").replace("air,3", "air,empirical(times.csv)")
    path.write_text(text, encoding="utf-8")
    lane = load_world(world_folder).lanes[0]
    assert lane.transit_days.values == (3.0, 4.0, 5.0)
    assert lane.transit_days.mean == 4.0
