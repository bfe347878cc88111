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
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import rules_oracle as oracle

LINES_PER_RULE = 20
SHOWN_MAX = 5
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


class Compare:
    def __init__(self, binary):
        self.binary, self.differences = binary, []
        self.cases = self.rules = self.refused = self.passed = self.comparisons = 0
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("SAMBAND")}
        self.home = tempfile.TemporaryDirectory(prefix="samband-oracle-")
        self.env["HOME"] = self.home.name  # needs no federation, and finds none

    def run(self, text, lines):
        done = subprocess.run([self.binary, "rules", "eval", "--rule", text, "--input", "-"],
                              input="".join(json.dumps(x) + "\n" for x in lines).encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env,
                              timeout=300)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def differ(self, what, text, obj, ours, theirs):
        self.differences.append({"what": what, "rule": text, "input": obj, "oracle": ours,
                                 "program": theirs})

    def batch(self, job):
        text, lines = job
        return text, lines, self.run(text, lines)

    def check(self, text, lines, result):
        """A rule: the answer to every line."""
        code, out, err = result
        answers = out.splitlines()
        self.rules += 1
        rule = oracle.parse(text)
        if code != 0 or len(answers) != len(lines):
            self.differ(f"exit {code}, {len(answers)} answers to {len(lines)} lines", text,
                        lines[:1], "accepted", err.strip()[:500])
            return
        for obj, answer in zip(lines, answers):
            self.cases += 1
            ours, theirs = oracle.evaluate_input(rule, obj), json.loads(answer)
            self.passed += ours["outcome"] == "pass"
            for what, mine, other in facts(rule, ours, theirs):
                if mine != other:
                    self.differ(what, text, obj, mine, other)
                    break
            self.comparisons += len(ours["comparisons"])

    def check_damaged(self, text, result):
        """Is it refused where the oracle refuses it?"""
        code, _, err = result
        try:
            oracle.parse(text)
            want = 0
        except oracle.RuleError as e:
            want, err = 2, f"{err.strip()} | oracle: {e}"
            self.refused += 1
        if code != want:
            self.differ("refusal", text, None, want, [code, err[:500]])


def facts(rule, ours, theirs):
    """What both say, as (name, oracle's, program's): every key that RULES.md § 8 documents."""
    yield "outcome", ours["outcome"], theirs.get("outcome")
    for key in ours:
        yield key, ours[key], theirs.get(key)
    yield "keys in their order", KEYS, list(theirs)


def random_jobs(rng, cases):
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


def pattern_jobs(seats_max):
    for n in range(1, seats_max + 1):
        seats = [{"id": f"s{i}", "partner": "ab"[i % 2], "filled": True} for i in range(n)]
        lines = list(oracle.all_patterns(seats))
        for text in PATTERN_RULES:
            yield text, lines


def damaged_jobs(rng, n):
    for _ in range(n):
        partners, _ = oracle.random_body(rng)
        yield oracle.damage(rng, oracle.show(oracle.random_rule(rng, partners))), []


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("binary")
    args.add_argument("--cases", type=int, default=4000)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--patterns", type=int, default=4, help="all votes of bodies of up to so many seats")
    args = args.parse_args()
    rng, started = random.Random(args.seed), time.monotonic()
    compare = Compare(os.path.abspath(args.binary))
    with ThreadPoolExecutor(2) as pool:
        jobs = list(random_jobs(rng, args.cases)) + list(pattern_jobs(args.patterns))
        for text, lines, result in pool.map(compare.batch, jobs):
            compare.check(text, lines, result)
        for text, _, result in pool.map(compare.batch, damaged_jobs(rng, args.cases // 20)):
            compare.check_damaged(text, result)
    print(f"seed {args.seed}: {compare.cases} cases ({compare.passed} pass) of {compare.rules} rules, "
          f"{compare.comparisons} comparisons, {compare.refused} texts refused, "
          f"{len(compare.differences)} differences, {time.monotonic() - started:.0f} s")
    for difference in compare.differences[:SHOWN_MAX]:
        print(json.dumps(difference, ensure_ascii=False))
    sys.exit(3 if compare.differences else 0)


if __name__ == "__main__":
    main()
