#!/usr/bin/env python3
"""Parts of the second fold against facts that it doesn't come from: the calendar against the table of
tests/property (the tz database, another computus), rows and digest against the examples of PROTOCOL.md."""
import datetime
import pathlib
import re
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from verifier import calendar_no as cal  # noqa: E402
from verifier import discussed, rows, rules, terms  # noqa: E402

TABLE = HERE.parent / "property" / "calendar_table.inc"
PROTOCOL = HERE.parents[1] / "proto" / "PROTOCOL.md"


class Calendar(unittest.TestCase):
    def years(self):
        for line in TABLE.read_text().splitlines():
            match = re.fullmatch(r'\{(\d+), (\d+), (\d+), "(.*)"\},', line)
            if match:
                yield int(match[1]), int(match[2]) * 1000, int(match[3]) * 1000, match[4]

    def test_working_days(self):
        years = 0
        for year, _, _, days in self.years():
            years += 1
            for at, letter in enumerate(days):
                day = datetime.date(year, 1, 1) + datetime.timedelta(days=at)
                self.assertEqual(cal.is_working_day(day), letter == ".", day)
        self.assertGreater(years, 100)

    def test_summer_time(self):
        for year, begin, end, _ in self.years():
            for ms, hours in ((begin - 1, 1), (begin, 2), (end - 1, 2), (end, 1)):
                self.assertEqual(cal.offset_ms(ms), hours * cal.HOUR_MS, year)

    def test_days(self):
        for year in (1995, 2022, 2096):
            for at in range(366):
                day = datetime.date(year, 1, 1) + datetime.timedelta(days=at)
                start = cal.day_start_ms(day)
                self.assertEqual((cal.oslo_day(start), cal.oslo_day(start - 1)), (day, day - datetime.timedelta(days=1)))
                self.assertEqual(cal.from_number(cal.number(day)), day)
        self.assertIsNone(cal.from_number(20220229))

    def test_counting(self):
        thursday = datetime.date(2022, 4, 7)  # Easter on the 17th
        count = lambda n, unit, forward=True: cal.count_from(thursday, n, unit, forward)
        self.assertEqual(count(4, cal.UNIT_WORKING_DAY), datetime.date(2022, 4, 13))
        self.assertEqual(count(5, cal.UNIT_WORKING_DAY), datetime.date(2022, 4, 19))
        self.assertEqual(count(3, cal.UNIT_WEEK, False), datetime.date(2022, 3, 17))
        self.assertIsNone(count(0, cal.UNIT_DAY))
        self.assertIsNone(cal.count_from(datetime.date(2191, 1, 1), 1, cal.UNIT_DAY, True))


class Rows(unittest.TestCase):
    def test_list_is_that_of_the_protocol(self):
        said = {}
        for line in PROTOCOL.read_text().splitlines():
            match = re.fullmatch(r"\| (0x[0-9a-f]{2}) \| (\w+) \| (.*) \| (.*) \|", line)
            if match:
                fields = lambda text: [] if text == "–" else [tuple(f.split()) for f in text.split(", ")]
                said[int(match[1], 16)] = (match[2], fields(match[3]), fields(match[4]))
        ours = {t.number: (t.name, [(f, k) for k, f in t.keys], [(f, k) for k, f in t.values])
                for t in rows.TABLES.values()}
        self.assertEqual(said, ours)

    def test_effects(self):
        store = rows.Store()
        store.put(rows.R.counter(kind=3, last=1))
        store.begin()
        store.put(rows.R.counter(kind=3, last=2))
        store.put(rows.R.counter(kind=3, last=1))  # as it was: no effect
        store.put(rows.R.seal(index=1, size=5))
        store.put(rows.R.seal(index=2, size=6))
        store.delete("seal", 1)
        key = b"\x09" + bytes([255] * 7) + b"\xfd"  # the highest index comes first
        value = bytes(7) + b"\x06" + bytes(32)
        self.assertEqual(store.effects(), b"\x01\x00\x09" + key + (40).to_bytes(4, "big") + value)
        store.undo()
        self.assertEqual([row.last for row in store.each("counter")], [1])
        self.assertIsNone(store.first("seal"))


class Rest(unittest.TestCase):
    def test_scope_over_nobody(self):
        total = dict.fromkeys(("seats", "filled", "present", "eligible", "for", "against", "abstain"), 0)
        for text, passed in (("pass at least 0 partners: for >= 0", False), ("pass for >= 0", True),
                             ("pass each partner: for >= 0", False), ("", True)):
            self.assertEqual(rules.judge_counts(text, total, []).passed, passed, text)
        judged = rules.judge_counts("pass for > 1/0 of cast", total, []).json()["comparisons"][0]
        self.assertEqual((judged["need"], judged["needed"]), ("impossible", 0))

    def test_witness_keys(self):
        """A key counts for heads that contain its leaf and not the leaf that ends it."""
        db, old, new = rows.Store(), b"o" * 32, b"n" * 32
        for no, (pk, since, until) in enumerate(((old, 3, 9), (new, 9, 0)), 1):
            db.put(rows.R.key(no=no, pk=pk, kind=2, status=1, org=5))
            db.put(rows.R.key_by_pk(pk=pk, no=no))
            db.put(rows.R.witness(org=5, since=since, pk=pk, until=until))
        counts = [[size for size in range(20) if terms.witness_at(db, pk, size) == 5] for pk in (old, new)]
        self.assertEqual(counts, [list(range(4, 10)), list(range(10, 20))])
        self.assertEqual(terms.witnesses_at(db, 9), {old: 5})

    def test_clauses_side_by_side(self):
        self.assertEqual(discussed.align(["a", "b", "c"], ["a", "x", "c"]),
                         [(1, "a", "a"), (2, "b", "x"), (3, "c", "c")])
        self.assertEqual(discussed.align(["a", "b"], ["b", "c"]), [(0, "a", None), (1, "b", "b"), (2, None, "c")])

    def test_who_may_lie(self):
        """Of all pairs of sets that satisfy a policy."""
        trees = [[(3, [0, 1, 2, 3])], [(5, [0, 1, 2, 3, 4, 5, 6])], [(2, [0, 1, 2]), (3, [3, 4, 5, terms.GROUP])]]
        for groups in trees:
            sets = [{o for o in range(7) if n >> o & 1} for n in range(128)]
            good = [s for s in sets if terms.is_satisfied(groups, s)]
            least = min(len(a & b) for a in good for b in good)
            self.assertEqual(terms.may_lie(groups), max(0, least - 1), groups)
            self.assertEqual(terms.unpack(terms.pack(groups)), groups)


if __name__ == "__main__":
    unittest.main()
