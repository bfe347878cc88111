"""Legal time in Norway, public holidays and the charter's deadlines (PROTOCOL.md "Time and deadlines")."""

from __future__ import annotations

from datetime import date, timedelta

MS_MIN, MS_MAX = -2208988800000, 7258118399999  # 1900-01-01 to the end of 2199
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
EPOCH = date(1970, 1, 1)
YEAR_MIN, YEAR_MAX = 1910, 2190  # days that deadlines are counted from
UNIT_DAY, UNIT_WEEK, UNIT_WORKING_DAY = 1, 2, 3
KIND_CASE_REPORTED, KIND_PAPERS_SENT, KIND_MINUTES_SILENCE, KIND_MINUTES_READY, KIND_NOTICE = 1, 2, 3, 4, 5


def last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31 if month in (3, 10) else 30)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def utc_ms(day: date) -> int:
    """The first millisecond of the day in UTC."""
    return (day - EPOCH).days * DAY_MS


def offset_ms(ms: int) -> int:
    """UTC+2 from the last Sunday of March 01:00 UTC to the last of October (to 1995: September)."""
    year = (EPOCH + timedelta(days=ms // DAY_MS)).year
    start = utc_ms(last_sunday(year, 3)) + HOUR_MS
    end = utc_ms(last_sunday(year, 9 if year <= 1995 else 10)) + HOUR_MS
    return 2 * HOUR_MS if start <= ms < end else HOUR_MS


def oslo_day(ms: int) -> date:
    """The legal date of a moment; moments outside 1900-2199 count as the nearest within."""
    ms = min(max(ms, MS_MIN), MS_MAX)
    return EPOCH + timedelta(days=(ms + offset_ms(ms)) // DAY_MS)


def day_number(ms: int) -> int:
    """Days since 1970 of the moment's legal date."""
    return (oslo_day(ms) - EPOCH).days


def number(day: date) -> int:
    """YYYYMMDD."""
    return day.year * 10000 + day.month * 100 + day.day


def yyyymmdd(ms: int) -> int:
    return number(oslo_day(ms))


def from_number(value: int) -> date | None:
    """None: there is no such day."""
    try:
        return date(value // 10000, value // 100 % 100, value % 100)
    except ValueError:
        return None


def day_start_ms(day: date) -> int:
    """The first millisecond of a legal date."""
    for offset in (2 * HOUR_MS, HOUR_MS):
        ms = utc_ms(day) - offset
        if offset_ms(ms) == offset:
            return ms
    return utc_ms(day) - HOUR_MS


def easter(year: int) -> date:
    """Easter Sunday, Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    el = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * el) // 451
    month, day = divmod(h + el - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    if (day.month, day.day) in ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26)):
        return True
    return (day - easter(day.year)).days in (-3, -2, 0, 1, 39, 49, 50)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


def count_from(anchor: date, count: int, unit: int, forward: bool) -> date | None:
    """The count-th unit after (before) the anchor, which isn't counted itself. None: out of range."""
    if not YEAR_MIN <= anchor.year <= YEAR_MAX or count == 0:
        return None
    step = timedelta(days=1 if forward else -1)
    if unit == UNIT_DAY:
        return anchor + step * count if count <= 366 * 7 else None
    if unit == UNIT_WEEK:
        return anchor + step * (7 * count) if count <= 366 else None
    day, left, passed = anchor, count, 0
    while left:
        day, passed = day + step, passed + 1
        if passed > 366 * 7:
            return None
        left -= is_working_day(day)
    return day


def window_before(deadline, meeting: date) -> tuple[int, int]:
    """(from, to) YYYYMMDD, both permitted, 0 for no bound: at least `least`, at most `most` units before."""
    last = count_from(meeting, deadline.least, deadline.unit, False)
    first = count_from(meeting, deadline.most, deadline.unit, False)
    return (number(first) if first else 0, number(last) if last else 0)


def silence_ms(body, sent_ms: int) -> int:
    """The moment at which silence after a draft sent then has worked; 0: never."""
    words = next((d for d in body.deadlines if d.kind == KIND_MINUTES_SILENCE), None)
    if not body.minutes_silence or words is None:
        return 0
    last = count_from(oslo_day(sent_ms), words.least or words.most, words.unit, True)
    return 0 if last is None else max(day_start_ms(last + timedelta(days=1)), 0)
