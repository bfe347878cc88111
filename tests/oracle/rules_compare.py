#!/usr/bin/env python3
"""Do the oracle and `samband rules eval` give the same answers?

    rules_compare.py BINARY [--cases N] [--seed S] [--patterns SEATS]

One process per rule, many bodies as its input lines. Prints the first differences with the case
as JSON. Exit 0: none; 3: some; 1: BINARY couldn't be run.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import rules_oracle as oracle

LINES_PER_RULE = 20
DAMAGED_EVERY = 20  # cases; a damaged text and a short soup of tokens
SHOWN_MAX = 5
WINDOW = 8  # rules in flight
SECONDS_MAX = 120  # of one process
KEYS = ["outcome", "failure", "rule", "held", "discussed", "stopped_by_objection", "comparisons",
        "scopes", "counts", "objections", "ballots_not_counted", "objections_not_counted"]
PATTERN_RULES = (
    "quorum each partner in (a, b): present >= 1/2 of seats",
    "each partner in (a, b): for > 1/2 of cast",
    "for >= 2/3 of present",
    "against = 0 and for >= 1 else no_consensus",
    "at least 1 partners: for > 1/2 of cast",
    "at least 2 partners: for >= 1 or for >= 3/4 of eligible",
    "each partner: (present >= 1/2 of seats and against = 0)",
    "for > 1/1 of against",
    "abstain < 1/3 of voted or each partner in (b): for = 1/2 of eligible",
    "(for > 1/2 of filled or against <= 1) and each partner: cast >= 2/3 of present",
)
PLACE = re.compile(r"linje (\d+), tegn (\d+)")


class Compare:
    """Asks both, one job after the other. `differences` has what they disagree about."""

    def __init__(self, binary, threads=2, seconds=SECONDS_MAX):
        self.binary, self.threads, self.seconds = os.path.abspath(binary), threads, seconds
        self.differences = []
        self.cases = self.rules = self.refused = self.passed = self.comparisons = 0
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("SAMBAND")}
        self.home = tempfile.TemporaryDirectory(prefix="samband-oracle-")
        self.env["HOME"] = self.home.name  # needs no federation, and finds none

    def ask(self, job):
        text, lines = job
        try:
            done = subprocess.run(
                [self.binary, "rules", "eval", "--rule", text, "--input", "-"],
                input="".join(json.dumps(x) + "\n" for x in lines).encode(),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env, timeout=self.seconds)
        except subprocess.TimeoutExpired:
            return job, (None, "", "no answer in time")
        return job, (done.returncode, done.stdout.decode(errors="replace"),
                     done.stderr.decode(errors="replace"))

    def run(self, jobs, until_first=False):
        """Compare all; with until_first no further than the first difference."""
        with ThreadPoolExecutor(self.threads) as pool:
            waiting = []
            for job in jobs:
                waiting.append(pool.submit(self.ask, job))
                if len(waiting) == WINDOW:
                    self.judge(*waiting.pop(0).result())
                if until_first and self.differences:
                    waiting = []
                    break
            for one in waiting:
                self.judge(*one.result())

    def differ(self, what, text, obj, ours, theirs):
        self.differences.append({"what": what, "rule": text, "input": obj, "oracle": ours,
                                 "program": theirs, "after": [self.cases, self.refused]})

    def judge(self, job, result):
        text, lines = job
        code, out, err = result
        try:
            rule = oracle.parse(text)
        except oracle.RuleError as error:
            self.refused += 1
            want = (2, None if error.at is None else error.place(text))
            place = PLACE.search(err)
            got = (code, place and (int(place[1]), int(place[2])))
            if got != want:
                self.differ("refusal", text, None, f"{want}: {error}", f"{got}: {err[:500]}")
            return
        answers = out.splitlines()
        self.rules += 1
        ours = [evaluated(rule, obj) for obj in lines]
        want = int(None in ours)
        if code != want or len(answers) != len(lines):
            self.differ(f"exit {code}, {len(answers)} answers to {len(lines)} lines", text,
                        lines[:1], f"exit {want}", err.strip()[:500])
            return
        for obj, ours, answer in zip(lines, ours, answers):
            self.cases += 1
            theirs = json.loads(answer)
            if ours is None:
                if "error" not in theirs:
                    self.differ("bad input", text, obj, "refused", theirs)
                continue
            self.passed += ours["outcome"] == "pass"
            self.comparisons += len(ours["comparisons"])
            for what, mine, other in facts(ours, theirs):
                if mine != other:
                    self.differ(what, text, obj, mine, other)
                    break


def evaluated(rule, obj):
    """None: not an input."""
    try:
        return oracle.evaluate_input(rule, obj)
    except oracle.InputError:
        return None


def facts(ours, theirs):
    """What both say, as (name, oracle's, program's): every key that RULES.md § 8 documents."""
    for key in ours:
        yield key, ours[key], theirs.get(key)
    yield "keys in their order", KEYS, list(theirs)


# --- jobs: (text, lines) ---

def random_jobs(rng, cases):
    """Rules on random bodies, and between them texts that mostly are no rules."""
    damaged = 0
    while cases > 0:
        partners, seats = oracle.random_body(rng)
        text = oracle.scribble(rng, oracle.random_rule(rng, partners))
        lines = []
        for _ in range(min(LINES_PER_RULE, cases)):
            if rng.random() < 0.5:  # another body, which may lack partners that the rule names
                seats = oracle.random_body(rng)[1]
            lines.append(oracle.random_case(rng, seats))
        cases -= len(lines)
        yield text, lines
        damaged += len(lines)
        while damaged >= DAMAGED_EVERY:
            damaged -= DAMAGED_EVERY
            partners, seats = oracle.random_body(rng)
            rule = oracle.random_rule(rng, partners)
            yield oracle.damage(rng, oracle.show(rule, rng.random() < 0.3)), [oracle.random_case(rng, seats)]


def pattern_jobs(seats_max):
    for n in range(1, seats_max + 1):
        seats = [{"id": f"s{i}", "partner": "ab"[i % 2], "filled": True} for i in range(n)]
        lines = list(oracle.all_patterns(seats))
        for text in PATTERN_RULES:
            yield text, lines


def all_jobs(seed, cases, patterns):
    rng = random.Random(seed)
    yield from random_jobs(rng, cases)
    yield from pattern_jobs(patterns)
    yield from oracle.edge_cases()


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("binary")
    args.add_argument("--cases", type=int, default=4000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--patterns", type=int, default=4, help="all votes of bodies of up to so many seats")
    args = args.parse_args()
    started = time.monotonic()
    if not os.access(args.binary, os.X_OK):
        sys.exit(f"rules_compare.py: {args.binary} can't be run")
    compare = Compare(args.binary)
    compare.run(all_jobs(args.seed, args.cases, args.patterns))
    print(f"seed {args.seed}: {compare.cases} cases ({compare.passed} pass) of {compare.rules} rules, "
          f"{compare.comparisons} comparisons, {compare.refused} texts refused, "
          f"{len(compare.differences)} differences, {time.monotonic() - started:.0f} s")
    for difference in compare.differences[:SHOWN_MAX]:
        print(json.dumps(difference, ensure_ascii=False)[:4000])
    sys.exit(3 if compare.differences else 0)


if __name__ == "__main__":
    main()
