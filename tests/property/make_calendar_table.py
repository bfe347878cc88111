#!/usr/bin/env python3
"""Makes tests/property/calendar_table.inc, 1990-2100, sharing nothing with proto/calendar.

Weekdays come from Python's datetime, summer time from the tz database (zoneinfo scanned hour by
hour), Easter from Knuth (The Art of Computer Programming 1.3.2, exercise 14), not from the
algorithm that proto/calendar uses. Run: python3 make_calendar_table.py > calendar_table.inc
--same-as FILE: exit 0 when the file is what would be made.
"""
import datetime
import sys
import zoneinfo

try:
    OSLO = zoneinfo.ZoneInfo("Europe/Oslo")
except zoneinfo.ZoneInfoNotFoundError:
    print("skipped: no tz database on this machine")
    sys.exit(77)
UTC = datetime.timezone.utc


def easter(year):
    golden = year % 19 + 1
    century = year // 100 + 1
    leaps_dropped = 3 * century // 4 - 12
    moon = (8 * century + 5) // 25 - 5
    sunday = 5 * year // 4 - leaps_dropped - 10
    epact = (11 * golden + 20 + moon - leaps_dropped) % 30
    if (epact == 25 and golden > 11) or epact == 24:
        epact += 1
    day = 44 - epact
    if day < 21:
        day += 30
    day += 7 - (sunday + day) % 7
    return datetime.date(year, 3, 1) + datetime.timedelta(days=day - 1)


def holidays(year):
    """Letters in the order of the enum sb_holiday."""
    e = easter(year)
    moved = {"F": -3, "G": -2, "H": 0, "I": 1, "J": 39, "K": 49, "L": 50}
    out = {e + datetime.timedelta(days=n): letter for letter, n in moved.items()}
    for letter, month, day in (("A", 1, 1), ("B", 5, 1), ("C", 5, 17), ("D", 12, 25), ("E", 12, 26)):
        out[datetime.date(year, month, day)] = letter
    return out


def days(year):
    """One character a day: a letter, s and S for other Saturdays and Sundays, '.' a working day."""
    named, text = holidays(year), ""
    day = datetime.date(year, 1, 1)
    while day.year == year:
        text += named.get(day) or ("s" if day.weekday() == 5 else "S" if day.weekday() == 6 else ".")
        day += datetime.timedelta(days=1)
    return text


def changes(year):
    """The seconds at which Oslo's offset changes within the year."""
    hour = datetime.datetime(year, 1, 1, tzinfo=UTC)
    before, out = hour.astimezone(OSLO).utcoffset(), []
    while hour.year == year:
        offset = hour.astimezone(OSLO).utcoffset()
        if offset != before:
            out.append(int(hour.timestamp()))
        before = offset
        hour += datetime.timedelta(hours=1)
    assert len(out) == 2
    return out


def table():
    yield "/* Made by make_calendar_table.py: year, begin and end of summer time (s), the days. */"
    for year in range(1990, 2101):
        begin, end = changes(year)
        yield f'{{{year}, {begin}, {end}, "{days(year)}"}},'


def same_as(path):
    """Is the file what is made today, by this machine's tz database too?"""
    with open(path) as f:
        kept = f.read().splitlines()
    for number, (made, line) in enumerate(zip(table(), kept), 1):
        if made != line:
            sys.exit(f"{path}:{number}: made now:\n{made}")
    if len(kept) != 112:
        sys.exit(f"{path}: {len(kept)} lines, not 112")


if len(sys.argv) == 3 and sys.argv[1] == "--same-as":
    same_as(sys.argv[2])
else:
    print("\n".join(table()))
