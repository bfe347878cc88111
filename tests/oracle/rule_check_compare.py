#!/usr/bin/env python3
"""The checker of RULES.md § 7, level error, in C and in verifier/rule_check.py: the same first error or none.

    rule_check_compare.py CHECK_DRIVER [--cases N] [--seed N]

Rules of the oracle's generator in bodies of up to a few hundred seats; and bodies around the sizes at which § 7 stops
searching, with rules that can never hold, so that it shows which of the two has stopped. Exit 3 at a difference.
"""
import argparse
import collections
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from verifier import rule_check  # noqa: E402

rules = rule_check.rules

# never holds, and what it makes the search count
NEVER = ["for > 1/1 of present and against >= 0", "present < 0 and filled >= 0", "for < 0 and against >= 0 and abstain >= 0",
         "voted < 0 and abstain >= 0 and present >= 0", "each partner: (for < 0 and against >= 0)",
         "each partner: for > 1/1 of cast or cast < 0 and for >= 0 and present >= 0",
         "at least 2 partners: (for < 0 and filled >= 0 and present >= 0)",
         "for < 0 and each partner: (for >= 0 and abstain >= 0)"]


SIZES = (10, 60, 115, 227, 230, 359, 600, 1413, 1414, 16383, 16384)


def cases(rng, count):
    """(partners with their voting seats, free seats, rule)"""
    for _ in range(count):
        names = ["a", "b", "c"][:rng.randint(1, 3)]
        most = rng.choice([2, 4, 8])
        seats = {name: rng.randint(0, most) for name in names}
        yield seats, rng.choice([0, 0, rng.randint(0, most)]), rules.show(rules.random_rule(rng, names))
    for text in NEVER:
        for size in rng.sample(SIZES, 1):
            yield {"a": size, "b": 1}, rng.randint(0, 2), rules.show(rules.parse(text))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    driver = subprocess.Popen([args.driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    seen, faults = collections.Counter(), 0
    for seats, free, text in cases(rng, args.cases):
        line = " ".join([str(free)] + [f"{name} {n}" for name, n in seats.items()])
        driver.stdin.write(f"{line}\t{text}\n")
        driver.stdin.flush()
        theirs = driver.stdout.readline().strip().removeprefix("SB_E_").replace("-", "")
        rule = rules.parse(text)
        ours = rule_check.structure(rule.body, seats) or rule_check.never(rule.body, seats, free)
        seen[theirs or "none"] += 1
        # which of several errors comes first is nobody's business
        if bool(theirs) != bool(ours) or "NEVER" in theirs + ours and theirs != ours:
            print(f"{line}\t{text}\n  C {theirs or 'no error'}, here {ours or 'no error'}")
            faults += 1
    driver.stdin.close()
    driver.wait()
    print(", ".join(f"{name} {n}" for name, n in seen.most_common()) + f"; {faults} differences")
    return 3 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
