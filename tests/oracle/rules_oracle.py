"""The rule language a second time, written from proto/RULES.md alone.

Nothing here was taken from the C program, so that the two can disagree. Parser, printer,
evaluator, the offline input of `samband rules eval`, and seeded generators of rules and bodies.
Python's whole numbers have no limit, so overflow in the program shows as a difference.
"""

import itertools
import json
import random
from collections import namedtuple

# --- words (RULES.md, "Both languages") ---

COUNTS = {
    "seats": "plasser", "filled": "besatt", "eligible": "stemmeberettiget",
    "present": "representert", "voted": "stemt", "cast": "avgitt", "for": "for",
    "against": "mot", "abstain": "avstår",
}
KINDS = {"quorum": "beslutningsdyktig", "pass": "vedtak"}
OUTCOMES = {"fallen": "ikke_vedtatt", "no_consensus": "ikke_konsensus"}
WORDS = {"each": "hver", "partner": "partner", "partners": "partnere", "in": "i", "of": "av",
         "and": "og", "or": "eller", "else": "ellers"}
AT_LEAST = (("at", "least"), ("minst",))
DISCUSSED = (("after", "discussion", "in", "an", "earlier", "meeting"),
             ("etter", "drøfting", "i", "et", "tidligere", "møte"))

OPS = (">=", ">", "=", "<", "<=")
TEXT_BYTES_MAX = 2000
NODES_MAX = 256  # comparisons, scopes and chains together
NAMES_MAX = 256
DEPTH_MAX = 32
ID_BYTES_MAX = 64
NUMBER_MAX = 1_000_000_000
SEATS_MAX = 10_000
PARTNERS_MAX = 16

Cmp = namedtuple("Cmp", "a op n q b")  # `a op n` has b None and q 1; else n/q of b
Bool = namedtuple("Bool", "word parts")  # word: "and" | "or"; parts: two or more
Scope = namedtuple("Scope", "ids k part")  # ids: tuple or None (all); k: int or None (each)
Rule = namedtuple("Rule", "kind body discussed otherwise")
Token = namedtuple("Token", "what text at")  # what: word | sign | strange | end; at: byte offset


class RuleError(Exception):
    """at: the byte where the text stopped being a rule; None where a limit on the whole is passed."""

    def __init__(self, at, found, expected):
        super().__init__(f"byte {at}: {found!r} where {expected} was expected")
        self.at, self.found, self.expected = at, found, expected

    def place(self, text):
        """Line and column, from 1, in characters."""
        before = text.encode()[:self.at].decode()
        return before.count("\n") + 1, len(before) - before.rfind("\n")


class InputError(Exception):
    def __init__(self, path, expected):
        super().__init__(f"{path}: {expected}")
        self.path, self.expected = path, expected


# --- parser ---

def is_word_char(c):
    # "every character outside ASCII counts as a letter"
    return ord(c) > 127 or (c.isalnum() or c in "_-")


def tokens(text):
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise RuleError(None, "", f"at most {TEXT_BYTES_MAX} bytes")
    out, i = [], 0
    at = lambda: len(text[:i].encode())
    while i < len(text):
        c = text[i]
        if c in " \t\r\n":
            i += 1
        elif is_word_char(c):
            j = i
            while j < len(text) and is_word_char(text[j]):
                j += 1
            out.append(Token("word", text[i:j], at()))
            i = j
        else:
            sign = text[i:i + 2] if text[i:i + 2] in (">=", "<=") else c
            known = sign in (">=", "<=", ">", "<", "=", "/", ":", ",", "(", ")")
            out.append(Token("sign" if known else "strange", sign, at()))
            i += len(sign)
    out.append(Token("end", "", at()))
    return out


class Parser:
    def __init__(self, text):
        self.tokens, self.i = tokens(text), 0
        self.nodes = self.names = self.depth = 0

    def peek(self):
        return self.tokens[self.i]

    def fail(self, expected):
        raise RuleError(self.peek().at, self.peek().text, expected)

    def sees(self, *words):
        """Are the next tokens exactly these words or signs?"""
        got = [t.text for t in self.tokens[self.i:self.i + len(words)]]
        return got == list(words) and self.peek().what != "end"

    def take(self, *words):
        if self.sees(*words):
            self.i += len(words)
            return True
        return False

    def take_word(self, english):
        return self.take(english) or self.take(WORDS[english])

    def must(self, ok, expected):
        if not ok:
            self.fail(expected)

    def choose(self, table):
        for english, norsk in table.items():
            if self.take(english) or self.take(norsk):
                return english
        return None

    def count_node(self):
        self.nodes += 1
        self.must(self.nodes <= NODES_MAX, "a smaller rule")

    def rule(self):
        kind = self.choose(KINDS) or "pass"
        body = self.or_list(False)
        comma = self.take(",")
        discussed = self.discussed()
        self.must(discussed or not comma, "after discussion in an earlier meeting")
        otherwise = None
        if self.take_word("else"):
            otherwise = self.choose(OUTCOMES)
            self.must(otherwise, "fallen or no_consensus")
        self.must(self.peek().what == "end", "the end")
        return Rule(kind, body, discussed, otherwise)

    def discussed(self):
        """The languages may be mixed word by word."""
        if not any(self.sees(phrase[0]) for phrase in DISCUSSED):
            return False
        for words in zip(*DISCUSSED):
            self.must(any(self.take(word) for word in words), words[0])
        return True

    def or_list(self, scoped):
        return self.chain("or", self.and_list, scoped)

    def and_list(self, scoped):
        return self.chain("and", self.unit, scoped)

    def chain(self, word, part, scoped):
        parts = [part(scoped)]
        while self.sees(word) or self.sees(WORDS[word]):
            if len(parts) == 1:
                self.count_node()
            self.take_word(word)
            parts.append(part(scoped))
        return joined(word, parts)

    def unit(self, scoped):
        if not self.sees_scope():
            return self.group(scoped) if self.sees("(") else self.comparison()
        if scoped:
            self.fail("no scope inside a scope")
        self.count_node()
        ids = k = None
        if self.take_word("each"):
            self.must(self.take_word("partner"), "partner")
            if self.take_word("in"):
                ids = self.ids()
        else:
            self.must(self.take("minst") or self.take("at") and self.take("least"), "least")
            k = self.number()
            self.must(self.take_word("partners"), "partners")
        self.must(self.take(":"), ":")
        if self.sees_scope():
            self.fail("no scope inside a scope")
        part = self.group(True) if self.sees("(") else self.comparison()
        return Scope(ids, k, part)

    def sees_scope(self):
        return any(self.sees(word) for word in ("each", WORDS["each"], "at", "minst"))

    def group(self, scoped):
        self.depth += 1
        self.must(self.depth <= DEPTH_MAX, "fewer parentheses")
        self.must(self.take("("), "(")
        body = self.or_list(scoped)
        self.must(self.take(")"), ")")
        self.depth -= 1
        return body

    def ids(self):
        self.must(self.take("("), "(")
        out = [self.id()]
        while self.take(","):
            out.append(self.id())
        self.must(self.take(")"), ")")
        return tuple(out)

    def id(self):
        t = self.peek()
        self.must(t.what == "word" and is_id(t.text), "a partner's id")
        self.names += 1
        self.must(self.names <= NAMES_MAX, f"at most {NAMES_MAX} names")
        self.i += 1
        return t.text

    def number(self):
        t = self.peek()
        good = t.what == "word" and all(c in "0123456789" for c in t.text)
        self.must(good and int(t.text) <= NUMBER_MAX, "a number")
        self.i += 1
        return int(t.text)

    def comparison(self):
        self.count_node()
        a = self.choose(COUNTS)
        self.must(a, "a scope, a count or (")
        op = self.peek().text
        self.must(op in OPS, "a comparison sign")
        self.i += 1
        n = self.number()
        if not self.take("/"):
            return Cmp(a, op, n, 1, None)
        q = self.number()
        self.must(self.take_word("of"), "of")
        b = self.choose(COUNTS)
        self.must(b, "a count")
        return Cmp(a, op, n, q, b)


def joined(word, parts):
    """`a and (b and c)` is `a and b and c`: nested lists of the same word are one."""
    if len(parts) == 1:
        return parts[0]
    flat = []
    for part in parts:
        same = isinstance(part, Bool) and part.word == word
        flat.extend(part.parts if same else [part])
    return Bool(word, tuple(flat))


def parse(text):
    """The rule of a text. Raises RuleError."""
    rule = Parser(text).rule()
    for norsk in (False, True):
        if len(show(rule, norsk).encode()) > TEXT_BYTES_MAX:
            raise RuleError(None, "", f"a canonical text of at most {TEXT_BYTES_MAX} bytes")
    return rule


# --- printer ---

def show(rule, norsk=False):
    """The canonical text."""
    out = word_of(KINDS, rule.kind, norsk) + " " + show_part(rule.body, norsk)
    if rule.discussed:
        out += ", " + " ".join(DISCUSSED[norsk])
    if rule.otherwise:
        out += f" {word_of(WORDS, 'else', norsk)} {word_of(OUTCOMES, rule.otherwise, norsk)}"
    return out


def word_of(table, english, norsk):
    return table[english] if norsk else english


def show_part(part, norsk):
    w = lambda english: word_of(WORDS, english, norsk)
    if isinstance(part, Cmp):
        out = f"{word_of(COUNTS, part.a, norsk)} {part.op} {part.n}"
        if part.b:
            out += f"/{part.q} {w('of')} {word_of(COUNTS, part.b, norsk)}"
        return out
    if isinstance(part, Bool):
        shown = (f"({show_part(p, norsk)})" if part.word == "and" and isinstance(p, Bool)
                 else show_part(p, norsk) for p in part.parts)
        return f" {w(part.word)} ".join(shown)
    if part.k is not None:
        head = f"{' '.join(AT_LEAST[norsk])} {part.k} {w('partners')}"
    else:
        head = f"{w('each')} {w('partner')}"
        if part.ids is not None:
            head += f" {w('in')} ({', '.join(part.ids)})"
    inner = show_part(part.part, norsk)
    return f"{head}: ({inner})" if isinstance(part.part, Bool) else f"{head}: {inner}"


# --- the body at the close ---

Seat = namedtuple("Seat", "id partner filled state ballot objects")


def read_input(obj):
    """The seats of the offline input. Raises InputError with the JSON path."""
    if not isinstance(obj, dict):
        raise InputError("$", "an object")
    for key in obj:
        if key not in ("seats", "attendance", "ballots", "objections", "discussed"):
            raise InputError(f"$.{key}", "no such member")
    seats = obj.get("seats")
    if not isinstance(seats, list):
        raise InputError("$.seats", "an array of seats")
    if len(seats) > SEATS_MAX:
        raise InputError("$.seats", f"at most {SEATS_MAX} seats")
    known = set()
    for i, seat in enumerate(seats):
        if not isinstance(seat, dict) or not isinstance(seat.get("id"), str) or not seat["id"]:
            raise InputError(f"$.seats[{i}]", "an object with an id")
        for key in seat:
            if key not in ("id", "partner", "filled"):
                raise InputError(f"$.seats[{i}].{key}", "no such member")
        if not isinstance(seat.get("filled", True), bool):
            raise InputError(f"$.seats[{i}].filled", "true or false")
        if seat.get("partner") is not None and not is_id(seat["partner"]):
            raise InputError(f"$.seats[{i}].partner", "a partner's id, or null")
        if seat["id"] in known:
            raise InputError(f"$.seats[{i}].id", "an id of its own")
        known.add(seat["id"])
    if len({s.get("partner") for s in seats} - {None}) > PARTNERS_MAX:
        raise InputError("$.seats", f"at most {PARTNERS_MAX} partners")
    attendance = read_map(obj, "attendance", known,
                          ("primary", "deputy", "absent", "disqualified"))
    ballots = read_map(obj, "ballots", known, ("for", "against", "abstain"))
    objections = obj.get("objections", [])
    if not isinstance(objections, list) or any(o not in known for o in objections):
        raise InputError("$.objections", "an array of seats")
    if len(set(objections)) < len(objections):
        raise InputError("$.objections", "each seat once")
    if not isinstance(obj.get("discussed", True), bool):
        raise InputError("$.discussed", "true or false")
    return [Seat(s["id"], s.get("partner"), s.get("filled", True),
                 attendance.get(s["id"], "absent"), ballots.get(s["id"]), s["id"] in objections)
            for s in seats]


def read_map(obj, name, known, values):
    got = obj.get(name, {})
    if not isinstance(got, dict):
        raise InputError(f"$.{name}", "an object")
    for seat, value in got.items():
        if seat not in known:
            raise InputError(f"$.{name}.{seat}", "a seat of the body")
        if not isinstance(value, str) or value not in values:
            raise InputError(f"$.{name}.{seat}", " or ".join(values))
    return got


def is_id(text):
    return isinstance(text, str) and 0 < len(text.encode()) <= ID_BYTES_MAX and all(
        c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in text)


def is_present(seat):
    """A vacant seat is not represented; a disqualified seat has no deputy here."""
    return seat.filled and seat.state in ("primary", "deputy")


def tally(seats):
    """Every count of RULES.md § 2 over these seats."""
    present = [s for s in seats if is_present(s)]
    n = {"seats": len(seats), "filled": sum(1 for s in seats if s.filled),
         "present": len(present), "eligible": len(present)}
    for vote in ("for", "against", "abstain"):
        n[vote] = sum(1 for s in present if s.ballot == vote)
    n["cast"] = n["for"] + n["against"]
    n["voted"] = n["cast"] + n["abstain"]
    return n


# --- evaluation ---

def relation(op, left, right):
    if op == ">=":
        return left >= right
    if op == ">":
        return left > right
    if op == "=":
        return left == right
    if op == "<":
        return left < right
    return left <= right


def needed(op, n, q, b):
    """What a would have to be with b as it is; None when no number will do, or any will.

    b is the counted number, 1 where the comparison is `a op n`."""
    share = n * b
    if q == 0:
        return 0 if relation(op, 0, share) else None  # a doesn't matter
    if op == ">=":
        return -(-share // q)
    if op == ">":
        return share // q + 1
    if op == "=":
        return share // q if share % q == 0 else None
    largest = share // q if op == "<=" else -(-share // q) - 1
    return largest if largest >= 0 else None


def need(op, n, q, b):
    """The word and number of the answer's `need` and `needed`."""
    number = needed(op, n, q, b)
    if number is None:
        return "impossible", None
    if q == 0:
        return "at_least", number
    return {">=": "at_least", ">": "at_least", "=": "exactly"}.get(op, "at_most"), number


def holds(part, seats, partner, report):
    """Every comparison is evaluated and reported, in the text's order."""
    if isinstance(part, Cmp):
        n = tally(seats)
        a, b = n[part.a], 1 if part.b is None else n[part.b]
        held = relation(part.op, a * part.q, part.n * b)
        word, number = need(part.op, part.n, part.q, b)
        report["comparisons"].append({
            "partner": partner, "rule": show_part(part, False), "have": a,
            "of": part.n if part.b is None else b, "need": word, "needed": number, "held": held})
        return held
    if isinstance(part, Bool):
        each = [holds(p, seats, partner, report) for p in part.parts]
        return all(each) if part.word == "and" else any(each)
    ids = partners_of(seats) if part.ids is None else part.ids
    have = sum(holds(part.part, [s for s in seats if s.partner == x], x, report) for x in ids)
    must = len(ids) if part.k is None else part.k
    held = len(ids) > 0 and have >= must
    report["scopes"].append({"scope": "each" if part.k is None else "at_least",
                             "partners": len(ids), "have": have, "needed": must, "held": held})
    return held


def partners_of(seats):
    """In the order of each one's first seat."""
    return tuple(dict.fromkeys(s.partner for s in seats if s.partner is not None))


def not_counted(seats, asked):
    """Who gave something without being present, and why."""
    return [{"seat": s.id, "reason": "vacant" if not s.filled else
             "disqualified" if s.state == "disqualified" else "absent"}
            for s in seats if asked(s) and not is_present(s)]


def evaluate(rule, seats, discussed=None, any_ballot=None):
    """The answer of `samband rules eval` (RULES.md § 8). discussed: True, False or None (not said)."""
    report = {"rule": show(rule), "comparisons": [], "scopes": []}
    report["held"] = holds(rule.body, seats, None, report)
    report["discussed"] = ("not_required" if not rule.discussed else
                           {True: "yes", False: "no", None: "assumed"}[discussed])
    if any_ballot is None:
        any_ballot = any(s.ballot for s in seats)
    report["objections"] = [s.id for s in seats if s.objects and is_present(s)]
    report["stopped_by_objection"] = bool(report["objections"]) and not any_ballot
    passed = report["held"] and report["discussed"] != "no" and not report["stopped_by_objection"]
    report["outcome"] = "pass" if passed else "fail"
    fails = not passed and rule.kind == "pass"
    report["failure"] = (rule.otherwise or "fallen") if fails else None
    report["counts"] = [{"partner": x} | tally([s for s in seats if x in (None, s.partner)])
                        for x in (None,) + partners_of(seats)]
    report["ballots_not_counted"] = not_counted(seats, lambda s: s.ballot)
    report["objections_not_counted"] = not_counted(seats, lambda s: s.objects)
    return report


def evaluate_input(rule, obj):
    return evaluate(rule, read_input(obj), obj.get("discussed"))


# --- generators ---

PARTNERS = ("unn", "kommune", "fastlege", "bruker", "og", "i", "7", "a-b")
SHARES = ((1, 2), (2, 3), (3, 4), (1, 1), (1, 3), (2, 4), (0, 1), (3, 2), (2, 1), (5, 7), (9, 10))


def random_rule(rng, partners):
    kind = rng.choice(("pass", "pass", "quorum"))
    counts = list(COUNTS)
    body = random_part(rng, partners, counts, rng.choice((0, 0, 1, 1, 2, 3)), False)
    plain = kind == "pass"
    return Rule(kind, body, plain and rng.random() < 0.15,
                rng.choice((None, None, "fallen", "no_consensus")) if plain else None)


def random_part(rng, partners, counts, depth, scoped):
    roll = rng.random()
    if depth > 0 and roll < 0.55:
        parts = [random_part(rng, partners, counts, depth - 1, scoped)
                 for _ in range(rng.choice((2, 2, 3)))]
        return joined(rng.choice(("and", "or")), parts)
    if not scoped and roll < 0.85 and partners:
        part = random_part(rng, partners, counts, min(depth, 1), True)
        what = rng.randrange(3)
        if what == 0:
            return Scope(None, None, part)
        if what == 1:
            return Scope(None, rng.randrange(0, len(partners) + 2), part)
        return Scope(tuple(rng.sample(partners, rng.randint(1, len(partners)))), None, part)
    return random_comparison(rng, counts)


def random_comparison(rng, counts):
    a, op = rng.choice(counts), rng.choice(OPS)
    if rng.random() < 0.4:
        n = rng.choice((0, 0, 1, 1, 1, 2, 2, 3, 4, 6, NUMBER_MAX))
        return Cmp(a, op, n, 1, None)
    p, q = rng.choice(SHARES)
    if rng.random() < 0.1:
        p, q = rng.randint(0, 12), rng.randint(1, 12)
    elif rng.random() < 0.03:
        q = 0  # refused by the checker, not by the language
    elif rng.random() < 0.03:
        p, q = NUMBER_MAX - rng.randrange(2), NUMBER_MAX - rng.randrange(2)
    return Cmp(a, op, p, q, rng.choice(counts))


def scribble(rng, rule):
    """A text of the rule as people might write it: languages mixed, spaces and parentheses
    anywhere, the kind left out, zeros in front."""
    text = []
    norsk = lambda: rng.random() < 0.5
    w = lambda table, english: text.append(word_of(table, english, norsk()))
    number = lambda n: text.append("0" * rng.choice((0, 0, 0, 0, 2)) + str(n))

    def put(part, inner=False):
        loose = rng.random() < 0.15
        if loose or inner:
            text.append("(")
        if isinstance(part, Cmp):
            w(COUNTS, part.a)
            text.append(part.op)
            number(part.n)
            if part.b:
                text.append("/")
                number(part.q)
                w(WORDS, "of")
                w(COUNTS, part.b)
        elif isinstance(part, Bool):
            for i, p in enumerate(part.parts):
                if i:
                    w(WORDS, part.word)
                put(p, part.word == "and" and isinstance(p, Bool))
        else:
            if part.k is not None:
                text.extend(rng.choice(AT_LEAST))
                number(part.k)
                w(WORDS, "partners")
            else:
                w(WORDS, "each")
                w(WORDS, "partner")
                if part.ids is not None:
                    w(WORDS, "in")
                    text.extend(["("] + [t for x in part.ids for t in (",", x)][1:] + [")"])
            text.append(":")
            put(part.part, isinstance(part.part, Bool))
        if loose or inner:
            text.append(")")

    if rule.kind == "quorum" or rng.random() < 0.6:
        w(KINDS, rule.kind)
    put(rule.body)
    if rule.discussed:
        text.extend([","] * rng.randrange(2))
        text.extend(rng.choice(words) for words in zip(*DISCUSSED))
    if rule.otherwise:
        w(WORDS, "else")
        w(OUTCOMES, rule.otherwise)
    out = text[0]
    for before, after in zip(text, text[1:]):
        tight = not (is_word_char(before[-1]) and is_word_char(after[0]))
        out += ("" if tight and rng.random() < 0.5 else rng.choice((" ", " ", " ", "  ", "\t", "\n")))
        out += after
    return out


def damage(rng, text):
    """The text with one token dropped, doubled, swapped or strange: mostly no rule any more."""
    toks = [t.text for t in tokens(text)][:-1]
    i = rng.randrange(len(toks))
    what = rng.randrange(4)
    if what == 0:
        del toks[i]
    elif what == 1:
        toks.insert(i, toks[i])
    elif what == 2:
        j = rng.randrange(len(toks))
        toks[i], toks[j] = toks[j], toks[i]
    else:
        strange = ("1000000001", "For", "tall", "_", "x" * 65, "-", "≥", "!", "1/2", "each", "0",
                   "partners", "quorum", "==", ";", "and", "else", ",", "of seats",
                   "1X", "andX", "2x")
        toks[i] = rng.choice(strange)
    return " ".join(toks)


def random_body(rng, seats_max=12):
    """Partners (1–4 of them, sometimes seats of none) and the seats, as the input's "seats"."""
    partners = rng.sample(PARTNERS, rng.randint(1, 4))
    seats = []
    for i in range(rng.randint(1, seats_max)):
        seat = {"id": f"s{i}", "partner": rng.choice(partners), "filled": rng.random() < 0.9}
        if rng.random() < 0.06:
            seat["partner"] = None
        seats.append({k: v for k, v in seat.items() if v not in (None, True) or rng.random() < 0.7})
    return partners, seats


def random_case(rng, seats):
    """One line of input on these seats; crowds and empty rooms are as frequent as mixtures."""
    here = rng.choice((0.0, 0.3, 0.6, 0.8, 0.9, 1.0))
    votes = rng.choice((0.0, 0.5, 0.9, 1.0))
    lean = rng.choice(((1, 0, 0), (4, 1, 1), (1, 1, 0), (1, 1, 1), (1, 4, 1), (0, 1, 0), (0, 0, 1)))
    attendance, ballots = {}, {}
    for s in seats:
        if rng.random() < here:  # a vacant seat, too: nobody represents it all the same
            attendance[s["id"]] = rng.choice(("primary", "primary", "deputy"))
        elif rng.random() < 0.8:
            attendance[s["id"]] = rng.choice(("absent", "disqualified"))
        if rng.random() < votes:
            ballots[s["id"]] = rng.choices(("for", "against", "abstain"), lean)[0]
    objections = [s["id"] for s in seats if rng.random() < 0.15] if rng.random() < 0.3 else []
    case = {"seats": seats, "attendance": attendance, "ballots": ballots, "objections": objections}
    if rng.random() < 0.7:
        case["discussed"] = rng.random() < 0.7
    return {k: v for k, v in case.items() if v or k in ("seats", "discussed") or rng.random() < 0.5}


def all_patterns(seats):
    """Every attendance and ballot of a small body: 5 ways a seat, all seats filled."""
    ways = (("absent", None), ("primary", None), ("deputy", "for"), ("primary", "against"),
            ("primary", "abstain"))
    for combination in itertools.product(ways, repeat=len(seats)):
        yield {"seats": seats,
               "attendance": {s["id"]: w[0] for s, w in zip(seats, combination)},
               "ballots": {s["id"]: w[1] for s, w in zip(seats, combination) if w[1]},
               "objections": []}


def edge_cases():
    """(text, input lines) at the limits of RULES.md § 1 and § 8, and one beyond each."""
    few = {"seats": [{"id": "s0", "partner": "a"}, {"id": "s1", "partner": "b"}, {"id": "s2"}],
           "attendance": {"s0": "primary", "s1": "deputy", "s2": "primary"},
           "ballots": {"s0": "for", "s1": "against", "s2": "for"}}
    texts = []
    for over in (0, 1):
        names = NAMES_MAX + over
        texts += [
            "(" * (DEPTH_MAX + over) + "for >= 1" + ")" * (DEPTH_MAX + over),
            "each partner: " + "(" * (DEPTH_MAX + over) + "for >= 1" + ")" * (DEPTH_MAX + over),
            f"for <= {NUMBER_MAX + over}", f"for <= 1/{NUMBER_MAX + over} of cast",
            f"for <= {'0' * 20}{NUMBER_MAX + over}",
            f"at least {NUMBER_MAX + over} partners: for >= 1",
            f"each partner in ({'x' * (ID_BYTES_MAX + over)}): for >= 0",
            "for >= 1" + " " * (TEXT_BYTES_MAX - 8 + over),
            f"each partner in ({','.join(['a'] * names)}): for >= 0",
            f"each partner in ({','.join(['a'] * (names - 9))}): for >= 0 or "
            "each partner in (a,b,a,b,a,b,a,b,9): for >= 1",
            exact_print(TEXT_BYTES_MAX + over, False), exact_print(TEXT_BYTES_MAX + over, True),
            most_nodes(NODES_MAX + over)]
    texts += [f"for >= {'9' * n}" for n in (9, 10, 20, 21, 40)] + [
        "for >= 18446744073709551617", "for >= 4294967297", "minst 18446744073709551617 partnere: for > 0",
        "each partner in (for, og, partner, i, quorum): for >= 0",
        "for>=1and against=0", "for>=1 and(against=0)or(for=1)", "for\u00a0>= 1", "for >= ١", "for >= 1\u2028",
        "for >= 1\r\n and\tagainst\r= 0", "(\nfor >= 1\n\n and æøå = 2)", "ÆØÅ for", "for >= 1 — x", "",
        "avstår >= 1 og\navstår < 2, etter drøfting i et tidligere mote", "for >= 1A", "for >= 1 andX for = 2",
        " ", "pass", "quorum quorum for >= 1", "pass quorum for >= 1", "for >= -1", "for >= 1/ 2of cast",
        "for >= 1/2 of 2", "for => 1", "for >= 1,", "for >= 1, else fallen", "for >= 1 after else fallen",
        "for >= 1 else fallen after discussion in an earlier meeting", "each partner in (): for >= 0",
        "each partner in (a,): for >= 0", "each partner in (a b): for >= 0", "each partner in (A): for >= 0",
        "each partner in (a_b): for >= 0", "each partner in (-): for >= 0", "each partner: for >= 0 : for >= 1",
        "each: for >= 1", "at 2 partners: for >= 1", "at least partners: for >= 1",
        "at least 2 partner: for >= 1", "minst least 2 partners: for >= 1", "least 2 partners: for >= 1",
        "each partner: (for >= 1 and each partner: for >= 1)", "each partner: at least 1 partners: for >= 1",
        "(for >= 1", "for >= 1)", "()", "(and)", "for >= 1 and", "and for >= 1", "for >= 1 or or for >= 1",
        "for >= 1 og against = 0 eller stemt = 2 and avstår < 1 or mot > 9"]
    for text in texts:
        yield text, [few]
    yield "for >= 1 and abstain = 0", list(bad_lines(few))
    yield from large_cases()


def bad_lines(good):
    """Inputs that RULES.md § 8 doesn't allow, and some that it does."""
    yield good
    for change in ({"seats": None}, {"seats": {}}, {"seats": []}, {"seats": [[]]}, {"seats": [{}]}, {"more": 1},
                   {"attendance": []}, {"attendance": None}, {"attendance": {"s9": "primary"}},
                   {"attendance": {"s0": "here"}}, {"attendance": {"s0": None}}, {"attendance": {}},
                   {"ballots": {"s0": "yes"}}, {"ballots": {"s9": "for"}}, {"ballots": {"s0": 1}}, {"ballots": {}},
                   {"ballots": {"s0": "FOR"}}, {"objections": ["s0", "s0"]}, {"objections": ["s9"]},
                   {"objections": "s0"}, {"objections": []}, {"objections": [1]}, {"discussed": "yes"},
                   {"discussed": 1}, {"discussed": False}, {"discussed": None}):
        yield good | change
    seats = good["seats"]
    for more in ({"id": "s0"}, {"id": ""}, {"id": 7}, {"partner": "a"}, {"id": "s3", "filled": 1},
                 {"id": "s3", "partner": ""}, {"id": "s3", "partner": "A"}, {"id": "s3", "partner": "a_b"},
                 {"id": "s3", "partner": "æ"}, {"id": "s3", "partner": "x" * 65}, {"id": "s3", "partner": 7},
                 {"id": "s3", "name": "x"}, {"id": "s3", "partner": "x" * 64}, {"id": "s3", "partner": None},
                 {"id": "æ ø", "filled": False}, {"id": "s3", "filled": None}):
        yield good | {"seats": seats + [more]}
    yield []
    yield "x"
    yield good



def exact_print(size, norsk):
    """A rule whose canonical text in that language has so many bytes and is shorter in the other,
    written in the other."""
    count, word = ("for", "or") if norsk else ("against", "and")
    make = lambda digits: Rule("pass", Bool(word, tuple(
        Cmp(count, ">", 10 ** (n - 1), 1, None) for n in digits)), False, None)
    length = lambda digits: len(show(make(digits), norsk).encode())
    digits = [1, 1]
    while length(digits + [1]) <= size:
        digits.append(1)
    for i in range(size - length(digits)):
        digits[i % len(digits)] += 1
    assert length(digits) == size
    return show(make(digits), not norsk)


def nested(levels):
    """Two comparisons and two chains a level."""
    return f"for > 1 and (for > 1 or {nested(levels - 1)})" if levels else "for > 1"


def most_nodes(nodes):
    """So many comparisons and chains."""
    left = nodes - 1 - 2 * (4 * 31 + 1)
    return " or ".join([nested(31), nested(31)] + ["for > 1"] * left)


def large_cases():
    """The largest bodies with the largest numbers: products beyond 32 bits, sums at their limits."""
    votes = ("for", "against", "abstain")
    for seats in (SEATS_MAX, SEATS_MAX + 1):
        body = [{"id": f"s{i}", "partner": f"p{i % PARTNERS_MAX}"} for i in range(seats)]
        line = {"seats": body,
                "attendance": {f"s{i}": "deputy" for i in range(seats) if i % 9},
                "ballots": {f"s{i}": votes[i % 8 % 3] for i in range(seats) if i % 13}}
        yield (f"for >= {NUMBER_MAX}/{NUMBER_MAX} of for and for > {NUMBER_MAX - 1}/{NUMBER_MAX} of for and "
               f"(for < {NUMBER_MAX}/1 of seats or seats <= {NUMBER_MAX}) or "
               f"for = 1/{NUMBER_MAX} of seats"), [line]
        yield f"each partner: present > 555555555/{NUMBER_MAX} of seats", [line]
    for partners in (PARTNERS_MAX, PARTNERS_MAX + 1):
        body = [{"id": f"s{i}", "partner": f"p{i}"} for i in range(partners)] + [{"id": "free"}]
        yield f"at least {PARTNERS_MAX} partners: seats = 1", [{"seats": body}]
        yield "each partner in (p0, p15, p16): filled = 1", [{"seats": body}]
