"""Tests of tests/bench/records.py: python3 tests/bench/test_records.py prints `ok: sentence` lines."""
import json
import os
import sys
import tempfile

import records
from records import figure


def a_figure_survives_its_line():
    found = figure("step.32.ours", 2.5, unit="us", better="lower", bar=3.0, spread=0.1)
    return records.parse(json.dumps(found)) == found


def talk_is_no_figure():
    return records.parse("warming up") is None


def a_damaged_figure_is_refused():
    lines = ['{"name": "x"}', '{"name"', json.dumps({**figure("x", 1.0), "better": "bigger"})]
    refused = 0
    for line in lines:
        try:
            records.parse(line)
        except ValueError:
            refused += 1
    return refused == len(lines)


def bars_are_limits_on_the_right_side():
    low, high = figure("x", 1.0, better="lower", bar=1.0), figure("x", 1.0, better="higher", bar=1.0)
    return [records.holds({**each, "value": value}) for each in (low, high) for value in (0.9, 1.0, 1.1)] == [
        True, True, False, False, True, True]


def a_figure_without_a_bar_promises_nothing():
    return records.holds(figure("x", 1.0, better="lower")) is None and records.holds(figure("x", 1.0, bar=2.0)) is None


def a_figure_that_could_not_be_measured_breaks_its_promise():
    return records.holds(figure("x", None, better="lower", bar=1.0)) is False


def slower_is_more_time_and_less_speed():
    time, speed = figure("x", 1.0, better="lower"), figure("x", 1.0, better="higher")
    return [records.got_slower(each, {**each, "value": value}) for each in (time, speed) for value in (0.8, 1.2)] == [
        False, True, True, False]


def a_change_within_the_spreads_is_no_news():
    old = figure("x", 1.0, better="lower", spread=0.1)
    return [records.got_slower(old, {**old, "value": value}) for value in (1.19, 1.21)] == [False, True]


def what_costs_less_than_nothing_gets_no_slower():
    old = figure("x", -0.5, better="lower")
    return [records.got_slower(old, {**old, "value": value}) for value in (-0.6, -0.1, 0.1)] == [False, False, True] \
        and records.news({"x": old}, [{**old, "value": 0.1}]) == ["slower: x was -0.5, is 0.1"]


def what_has_no_direction_never_gets_slower():
    return not any(records.got_slower(figure("x", old), figure("x", 10 - old)) for old in (1.0, 9.0))


def each_figure_is_compared_with_the_latest_of_its_name():
    with tempfile.TemporaryDirectory() as folder:
        for name, date, figures in (("x", "2", [figure("a", 2.0)]), ("w", "1", [figure("a", 1.0), figure("b", 1.0)]),
                                    ("y", "0", [figure("a", 0.0)]), ("v", "1.5", [figure("a", 1.5)])):
            with open(os.path.join(folder, f"record-{name}.json"), "w", encoding="utf-8") as file:
                json.dump({"date": date, "figures": figures}, file)
        last = records.last_figures(records.load([folder]))
    return {name: found["value"] for name, found in last.items()} == {"a": 2.0, "b": 1.0}


def a_record_survives_its_text():
    record = {"date": "1", "versions": {"gcc": "12"}, "figures": [figure("a", 1.0), figure("b", None)], "load": 0.5}
    text = records.dump(record)
    return json.loads(text) == record and text.count("\n") < 12


def news_name_what_got_slower_and_by_how_much():
    before = {"a": figure("a", 1.0, better="lower"), "b": figure("b", 4.0, better="higher")}
    lines = records.news(before, [figure("a", 1.5, better="lower"), figure("b", 4.1, better="higher"),
                                  figure("c", 1.0, better="lower")])
    return lines == ["slower: a was 1, is 1.5 (50.0 % worse)"]


def a_figure_is_a_sentence():
    kept, missed = (figure("a.b", value, "us", "lower", 2.0, 0.25) for value in (1.5, 2.5))
    return (records.sentence(kept).split() == "a.b 1.5 +- 0.25 us at most 2 holds".split()
            and records.sentence(missed).split()[-1] == "MISSED")


def main():
    tests = [value for name, value in globals().items() if callable(value) and name[0].islower()
             and value.__module__ == "__main__" and name != "main"]
    bad = 0
    for test in tests:
        is_good = test()
        bad += not is_good
        print(f"{'ok' if is_good else 'not ok'}: {test.__name__.replace('_', ' ')}")
    return 1 if bad else 0


sys.exit(main())
