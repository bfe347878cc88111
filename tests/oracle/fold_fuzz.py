#!/usr/bin/env python3
"""The fold twice, on histories that never were.

    fold_fuzz.py DRIVER SOURCE… [--seed N] [--walks N] [--some N] [--mutants N] [--charters N] [--names]

A SOURCE is a bundle, a C test of the ledger or a trace of one (replay.py). Its entries are taken one by one, with a
genesis of their own (so that the log's and the witnesses' secrets are known), and between them entries that nobody
sent: another signer, another id, seat, date or number, a field more or less, an entry of another place. Each is
asked of the C ledger (fold_driver) and of verifier/: whether it is refused, by what name; some that are accepted are
taken, so that the history goes its own way, and then the digests must be equal. The log's own entries (STATE, RESULT,
TICK, SEAL, HANDOVER) are made as they fall due, and somehow not right. `--charters` founds federations on charters with
something changed. Exit 3 at the first difference in what is accepted or in a digest. `--names` also counts refusals
whose names differ, `--never` lists the ledger's refusals that nothing met, `--answers TYPE` counts the answers to a type.
"""
import argparse
import collections
import hashlib
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import replay  # noqa: E402
from verifier import common, ed25519, fold, merkle, note, promise, schema, terms, wire  # noqa: E402
from verifier.refused import Refused  # noqa: E402

TYPES = {name: number for number, name in wire.TYPES.items()}
SYSTEM = {"STATE", "RESULT", "TICK", "SEAL", "HANDOVER"}
EMPTY_ROOT = fold.EMPTY_ROOT
ROOT = pathlib.Path(__file__).resolve().parents[2]
DAY_MS = 86_400_000


class Keys:
    """Secrets that the walks know, by public key."""

    def __init__(self):
        self.secrets = {}

    def make(self, name):
        secret = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        pk = secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.secrets[pk] = secret
        return pk

    def sign(self, pk, message):
        """64 zero bytes where the secret isn't known."""
        return self.secrets[pk].sign(message) if pk in self.secrets else bytes(64)


KEYS = Keys()

# signatures of entries aren't what is compared here
verify_domain = ed25519.verify_domain
ed25519.verify_domain = lambda pk, domain, *rest: domain == ed25519.ENTRY or verify_domain(pk, domain, *rest)


def leaves_of(bundle):
    """The leaves of a bundle, as bytes."""
    root = pathlib.Path(bundle) / "tile" / "entries"
    place = lambda path: int("".join(g.lstrip("x") for g in str(path.relative_to(root)).split(".p/")[0].split("/")))
    out = []
    for path in sorted((p for p in root.rglob("*") if p.is_file()), key=place):
        data, at = path.read_bytes(), 0
        while at < len(data):
            size = struct.unpack_from(">H", data, at)[0]
            out.append(data[at + 2:at + 2 + size])
            at += 2 + size
    return out


def histories_of(source):
    """(name, leaves) of a bundle; or of each federation in a trace of tests/lib/fed_trace.c, or of a C test that
    makes one."""
    path = pathlib.Path(source)
    if path.is_dir():
        return [(path.name, leaves_of(path))]
    if os.access(path, os.X_OK):
        with tempfile.TemporaryDirectory() as folder:
            return [(f"{path.name}-{name}", leaves) for trace in replay.trace_of(source, folder)
                    for name, leaves in histories_of(trace)]
    every, of = [], {}
    for op, who, leaf, name, *_ in replay.records(path):
        if op == replay.NEW:
            of[who] = []
            every.append(of[who])
        elif op == replay.TAKE and not name:
            of[who].append(leaf)
    return [(f"{path.stem}-{number}", leaves) for number, leaves in enumerate(every) if len(leaves) > 20]


class Differ(Exception):
    """The two disagree."""


class Both:
    """The two ledgers, asked the same."""

    def __init__(self, driver):
        self.ledger = fold.Ledger()
        self.process = subprocess.Popen([driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.names = collections.Counter()
        self.asked = collections.Counter()

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def python(self, what, data):
        ledger = self.ledger
        try:
            leaf = wire.open_leaf(ledger.size, data)
            if what == "s":
                ledger.step(leaf)
                return f"OK {ledger.digest.hex()}"
            ledger.db.begin()
            try:
                ledger.check(leaf)
            finally:
                ledger.db.undo()
            return "OK"
        except Refused as refusal:
            return f"SB_E_{refusal.name}"

    def ask(self, what, data, type_name):
        self.process.stdin.write(what.encode() + struct.pack(">I", len(data)) + data)
        self.process.stdin.flush()
        c = self.process.stdout.readline().decode().strip()
        py = self.python(what, data)
        self.asked[type_name, c.split()[0] if c else "gone"] += 1
        if c != py:
            if not c or c.startswith("OK") or py.startswith("OK"):
                raise Differ(f"leaf {self.ledger.size} {type_name}: C {c!r}, Python {py!r}: "
                             f"{wire.open_entry(data[8:]).message!r}")
            self.names[type_name, c, py] += 1
        return c


class Walk:
    """One history, from one bundle's entries."""

    def __init__(self, driver, leaves, seed):
        self.both = Both(driver)
        self.ledger = self.both.ledger
        self.rng = random.Random(seed)
        every = [wire.open_leaf(i, data) for i, data in enumerate(leaves)]
        self.source = [leaf for leaf in every if leaf.type_name not in SYSTEM]
        self.seals = [leaf.index for leaf in every if leaf.type_name == "SEAL"]
        self.ids = {}  # entry ids of the source, and keys of its organisations: what they are here
        self.known = []  # ids that name something here
        self.pks = []
        self.words = set()
        self.late = 0  # ms by which this history is behind the bundle's
        self.now = 0
        self.since_state = 0
        self.log_pk = KEYS.make("log 1")
        self.hashes = []  # of the leaves
        self.handovers = 0.05

    # ---- making leaves ----

    def leaf(self, type_name, message, signer, seq, anchor=(0, EMPTY_ROOT), federation=None):
        federation = self.ledger.federation_id if federation is None else federation
        payload = schema.encode(message)
        return (struct.pack(">Q", self.now) + bytes([1, TYPES[type_name]]) + federation + signer
                + struct.pack(">QQ", seq, anchor[0]) + anchor[1] + struct.pack(">I", len(payload)) + payload + bytes(64))

    def take(self, type_name, data):
        """A step of both; the new entry's id when it was accepted."""
        self.answer = self.both.ask("s", data, type_name)
        if not self.answer.startswith("OK"):
            return None
        self.since_state += 1
        self.hashes.append(merkle.leaf_hash(data))
        entry = wire.open_entry(data[8:])
        self.known.append(entry.entry_id)
        return entry.entry_id

    def system(self, type_name, message):
        return self.take(type_name, self.leaf(type_name, message, self.log_pk, self.ledger.size))

    def due(self):
        """The RESULTs that must come now."""
        db = self.ledger.db
        while db.first("pending_result") is not None:
            row = db.get("result", db.first("pending_result").question)
            if self.rng.random() < 0.1:  # one that isn't it
                wrong = schema.decode("Result", row.payload)
                wrong.objections += 1
                self.both.ask("c", self.leaf("RESULT", wrong, self.log_pk, self.ledger.size), "RESULT")
            assert self.system("RESULT", schema.decode("Result", row.payload))

    def tick(self):
        due = self.ledger.db.first("deadline")
        if due is not None and due.due_ms < self.now and self.rng.random() < 0.5:
            assert self.system("TICK", schema.new("Tick", due_ms=due.due_ms))

    def system_mutant(self):
        """What the log never says: (type, bytes)."""
        rng, db, ledger = self.rng, self.ledger.db, self.ledger
        name = rng.choice(("STATE", "RESULT", "TICK", "SEAL"))
        signer = self.log_pk if rng.random() < 0.9 or not self.pks else rng.choice(self.pks)
        seq = ledger.size if rng.random() < 0.9 else rng.choice((0, 1, ledger.size + 1))
        if name == "STATE":
            m = schema.new("State", digest=ledger.digest if rng.random() < 0.7 else bytes([1]) * 32)
        elif name == "TICK":
            dues = [row.due_ms for row in db.each("deadline")] + [self.now]
            m = schema.new("Tick", due_ms=rng.choice(dues))
        elif name == "RESULT":
            rows = list(db.each("result"))
            if not rows:
                return None
            m = schema.decode("Result", rng.choice(rows).payload)
        else:
            heads = list(db.each("root"))
            if not heads:
                return None
            head = rng.choice(heads)
            root = head.root if rng.random() < 0.9 else bytes(32)
            size = head.size + (rng.random() < 0.1)
            text = note.Head(ledger.origin, size, root).body()
            pks = sorted(ledger.witnesses())
            if rng.random() < 0.2:
                pks = [rng.choice(self.pks)] * rng.randint(1, 2)
            m = schema.new("Seal", size=size, root=root,
                           log_signature=KEYS.sign(self.log_pk, text) if rng.random() < 0.8 else bytes(64),
                           cosignatures=[self.cosignature(head, pk) for pk in pks])
        anchor = (0, EMPTY_ROOT) if rng.random() < 0.95 else self.anchor()
        return name, self.leaf(name, m, signer, seq, anchor)

    def state(self):
        if self.ledger.last_type != "STATE":
            assert self.system("STATE", schema.new("State", digest=self.ledger.digest))
        self.since_state = 0

    def seal(self, good=False):
        """A head that can be sealed; else now and then an old one, too few, or in the wrong order."""
        self.state()
        last = self.ledger.last_seal()
        sealed = last[1] if last else 0
        heads = [row for row in self.ledger.db.each("root") if row.size > sealed and row.last_other > sealed]
        if not heads:
            return
        head = heads[-1] if good else self.rng.choice(heads[-3:])
        pks = sorted(self.ledger.witnesses())
        if not good and self.rng.random() < 0.2:
            pks = self.rng.sample(pks, self.rng.randint(1, len(pks)))
            pks = pks if self.rng.random() < 0.3 else sorted(pks)
        text = note.Head(self.ledger.origin, head.size, head.root).body()
        self.system("SEAL", schema.new(
            "Seal", size=head.size, root=head.root, log_signature=KEYS.sign(self.log_pk, text),
            cosignatures=[self.cosignature(head, pk) for pk in pks]))

    def cosignature(self, head, pk, term=None):
        """By a witness key over the head of a STATE."""
        f = self.ledger.federation
        origin = f"samband/{f.slug}/{f.id.hex()[:16]}/{term or f.term}"
        time_s = self.rng.randint(1, 9)
        text = f"cosignature/v1\ntime {time_s}\n".encode() + note.Head(origin, head.size, head.root).body()
        return schema.new("Cosignature", witness_pk=pk, time_s=time_s, signature=KEYS.sign(pk, text))

    # ---- a new term ----

    def handover(self):
        """(message, the new log key): of what the log holds, good or somehow not."""
        rng, db, ledger = self.rng, self.ledger.db, self.ledger
        if self.ledger.last_seal() is None:
            return None
        m = schema.new("Handover", term=ledger.term + rng.choice((1, 1, 1, 2, 0)), continues_size=ledger.size,
                       continues_root=ledger.tree.root())
        m.log_pk = KEYS.make(f"log {m.term} {ledger.size}") if rng.random() < 0.95 else rng.choice(self.pks)
        seals = list(db.each("seal"))
        sealed = [self.head(row.size, row.root) for row in (seals[:1] if rng.random() < 0.9 else seals[:3])]
        kept = [self.head(ledger.size, m.continues_root)]
        if rng.random() < 0.3:  # a longer head that somebody cosigned, and that is lost
            longer = self.hashes + [bytes([rng.randrange(256)]) * 32 for _ in range(rng.randint(1, 9))]
            kept.append(self.head(len(longer), merkle.root_of(longer)))
            kept[-1].proof = consistency(longer, ledger.size)
        heads = {(h.term, h.size, h.root): h for h in sealed + kept}
        m.heads = [heads[key] for key in sorted(heads)]
        place = lambda h: sorted(heads).index((h.term, h.size, h.root)) + 1
        witnesses = sorted(ledger.witnesses())
        m.cosignatures = [self.cosignature(sealed[0], pk, sealed[0].term) for pk in witnesses]
        few = witnesses if rng.random() < 0.7 else sorted(rng.sample(witnesses, rng.randint(1, len(witnesses))))
        m.promises = [schema.new("Promised", witness_pk=pk, seal=place(rng.choice(sealed)),
                                 cosigned=place(rng.choice(kept)) if rng.random() < 0.9 else 0) for pk in few]
        if rng.random() < 0.5:
            self.mutate_handover(m)
        named = {p.seal for p in m.promises} | {p.cosigned for p in m.promises}
        if rng.random() < 0.8:  # only heads that are named
            keep = [n for n in range(1, len(m.heads) + 1) if n in named]
            m.heads = [m.heads[n - 1] for n in keep]
            for p in m.promises:
                p.seal, p.cosigned = (keep.index(n) + 1 if n in keep else n for n in (p.seal, p.cosigned))
        for p in m.promises:
            text = b"" if max(p.seal, p.cosigned) > len(m.heads) else terms.statement(m, p)
            p.signature = KEYS.sign(p.witness_pk, b"samband/statement/v1\x00" + ledger.federation_id + text)
        return m

    def head(self, size, root):
        row = terms.term_row(self.ledger.db, size)
        return schema.new("Head", term=row.term, size=size, root=root)

    def mutate_handover(self, m):
        rng = self.rng
        what = rng.randrange(9)
        if what == 0 and m.promises:
            rng.choice(m.promises).seal = rng.randint(0, 3)
        elif what == 1 and m.promises:
            rng.choice(m.promises).cosigned = rng.randint(0, 3)
        elif what == 2:
            m.cosignatures = m.cosignatures[:rng.randint(1, len(m.cosignatures))]
        elif what == 3:
            rng.shuffle(m.promises)
        elif what == 4:
            m.continues_size += rng.choice((-1, 1))
        elif what == 5:
            rng.choice(m.heads).term += 1
        elif what == 6 and m.heads[-1].proof:
            m.heads[-1].proof.pop()
        elif what == 7:
            rng.choice(m.cosignatures).witness_pk = rng.choice(self.pks)
        elif what == 8:
            head = rng.choice(m.heads)
            head.root = bytes(32)

    def hand_over(self):
        """Asks it of both, and takes it when it holds."""
        if self.rng.random() < 0.9:
            self.state()
        m = self.handover()
        if m is None:
            return
        signer = m.log_pk if self.rng.random() < 0.95 else self.log_pk
        data = self.leaf("HANDOVER", m, signer, self.ledger.size)
        if self.both.ask("c", data, "HANDOVER") == "OK":
            assert self.take("HANDOVER", data)
            self.log_pk = m.log_pk

    # ---- the bundle's entries here ----

    def here(self, value):
        """A message with this history's ids."""
        if isinstance(value, bytes):
            return self.ids.get(value, value)
        if isinstance(value, list):
            return [self.here(item) for item in value]
        if isinstance(value, schema.Message):
            for f in value.fields:
                setattr(value, f.attribute, self.here(getattr(value, f.attribute)))
        return value

    def fit(self, name, m):
        """What depends on the state: the wording, the ballot that is replaced."""
        s = fold.Step(self.ledger, None, self.now)
        case = s.db.get("case", common.find_ref(s, getattr(m, "case_id", b"") or b"", common.REF_CASE))
        question = s.db.get("question", common.find_ref(s, getattr(m, "question_id", b"") or b"", common.REF_QUESTION))
        if name == "ClauseAmend" and case is not None:
            m.base_sha256 = case.wording
        for one in m.statements if name == "MembershipWithdraw" else ():
            text = self.ledger.federation_id + promise.withdraw(m.action_id)
            one.signature = KEYS.sign(one.pk, b"samband/statement/v1\x00" + text)
        if name == "QuestionOpen" and case is not None:
            m.wording_sha256 = case.wording
        if name in ("Objection", "Ballot") and question is not None:
            m.wording_sha256 = question.wording
        if name == "Ballot" and question is not None:
            seat = common.find_seat(s, m.seat)
            ballot = s.db.get("ballot", question.no, seat.no) if seat is not None else None
            m.replaces = ballot.id if ballot is not None else b""
        return m

    def message(self, leaf, fitting=True):
        m = self.here(schema.copy(leaf.message))
        for one in self.messages_in(m):
            if one.message_name == "GenesisOrganisation":  # one that is admitted: its secret is known, too
                one.witness_pk = KEYS.make(f"witness {one.id} {leaf.index}")
                one.authority_pk = KEYS.make(f"authority {one.id} {leaf.index}")
        return self.fit(m.message_name, m) if fitting else m

    def seq_of(self, pk):
        row = self.ledger.db.get("key_by_pk", pk)
        return self.ledger.db.find("key_seq", row.no).last_seq + 1 if row is not None else 1

    def anchor(self):
        heads = list(self.ledger.db.each("root"))
        if heads and self.rng.random() < 0.5:
            row = self.rng.choice(heads)
            return row.size, row.root if self.rng.random() < 0.9 else bytes(32)
        return (0, EMPTY_ROOT) if self.rng.random() < 0.9 else (self.rng.randint(0, 9), EMPTY_ROOT)

    # ---- mutants ----

    def gather(self, value):
        """Ids and texts to put in other places."""
        if isinstance(value, str):
            if value and len(value) <= 64:
                self.words.add(value)
        elif isinstance(value, list):
            for item in value:
                self.gather(item)
        elif isinstance(value, schema.Message):
            for f in value.fields:
                self.gather(getattr(value, f.attribute))

    def messages_in(self, m):
        out = [m]
        for f in m.fields:
            value = getattr(m, f.attribute)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, schema.Message):
                    out += self.messages_in(item)
        return out

    def mutate(self, m):
        """One field of the message or of one in it."""
        rng = self.rng
        every = self.messages_in(m)
        kind = rng.choice(sorted({one.message_name for one in every}))
        m = rng.choice([one for one in every if one.message_name == kind])
        if not m.fields:
            return
        f = rng.choice(m.fields)
        value = getattr(m, f.attribute)
        if f.is_repeated:
            self.mutate_list(f, value)
        elif value is None and f.oneof:
            self.switch(m, f)
        elif f.is_message:
            if value is not None and not f.oneof and rng.random() < 0.5:
                setattr(m, f.attribute, None)
            elif value is None:
                setattr(m, f.attribute, self.sample(f.type))
        else:
            setattr(m, f.attribute, self.scalar(f, value))

    def mutate_list(self, f, value):
        rng = self.rng
        if value and rng.random() < 0.4:
            value.pop(rng.randrange(len(value)))
        elif value and rng.random() < 0.5:
            value.insert(rng.randrange(len(value) + 1), rng.choice(value))
        elif value and rng.random() < 0.3:
            rng.shuffle(value)
        elif f.is_message:
            made = self.sample(f.type)
            value.extend([made] if made is not None else [])
        else:
            value.append(self.scalar(f, value[0] if value else ("" if f.is_text else b"")))

    def switch(self, m, f):
        """Another member of a oneof."""
        value = self.sample(f.type) if f.is_message else self.scalar(f, f.type == "bool")
        if value is None:
            return
        for other in m.fields:
            if other.oneof == f.oneof:
                setattr(m, other.attribute, None)
        setattr(m, f.attribute, value)
        setattr(m, f.oneof, f.name)

    def sample(self, name):
        """A message of this kind from anywhere in the bundle."""
        for leaf in self.rng.sample(self.source, len(self.source)):
            found = [m for m in self.messages_in(leaf.message) if m.message_name == name]
            if found:
                return self.here(schema.copy(self.rng.choice(found)))
        return None

    def scalar(self, f, value):
        rng = self.rng
        if f.type == "bool":
            return not value
        if f.is_text and f.rule.kind == "id" and rng.random() < 0.9:
            return rng.choice(sorted(word for word in self.words if schema.ID.fullmatch(word)) + [""])
        if f.is_text:
            return rng.choice([*sorted(self.words), ""]) if rng.random() < 0.9 else "9/21"
        if f.type == "bytes":
            pool = self.known + self.pks
            return rng.choice(pool) if rng.random() < 0.9 and pool else b""
        if f.allowed:
            return rng.choice([number for number in f.allowed if number])
        if isinstance(value, int) and value > 19000000 and value < 99991231:  # a date
            return rng.choice([value + 1, value - 1, value + 100, value - 100, value + 10000, 20220132, 0])
        return max(0, (value or 0) + rng.choice([1, -1, 2, 3_600_000, -3_600_000, 40 * DAY_MS]))

    def mutant(self, leaf):
        """(type, bytes) of an entry that nobody sent."""
        rng = self.rng
        if rng.random() < 0.5:
            leaf = rng.choice(self.source)
        m = self.message(leaf, rng.random() < 0.9)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            self.mutate(m)
        if rng.random() < 0.8:
            self.fit(m.message_name, m)
        signer = self.here(leaf.signer_pk) if rng.random() < 0.7 or not self.pks else rng.choice(self.pks)
        seq = self.seq_of(signer) if rng.random() < 0.97 else rng.choice([0, 1, 5])
        anchor = self.anchor() if rng.random() < 0.1 else (0, EMPTY_ROOT)
        if anchor == (0, EMPTY_ROOT):  # not below the key's last
            row = self.ledger.db.get("key_by_pk", signer)
            size = self.ledger.db.find("key_seq", row.no).last_anchor if row is not None else 0
            if size and rng.random() < 0.95:
                anchor = (size, self.ledger.db.get("root", size).root)
        federation = bytes(32) if rng.random() < 0.005 else None
        name = leaf.type_name
        if name in ("BALLOT", "BALLOT_RECORDED") and rng.random() < 0.2:
            name = "BALLOT_RECORDED" if name == "BALLOT" else "BALLOT"
        data = self.leaf(name, m, signer, seq, anchor, federation)
        return name, struct.pack(">Q", self.now - 1) + data[8:] if rng.random() < 0.01 else data

    # ---- the walk ----

    def genesis(self, leaf):
        m = schema.copy(leaf.message)
        m.log_pk = self.log_pk
        for o, old in zip(m.organisations, leaf.message.organisations):
            o.witness_pk, o.authority_pk = KEYS.make(f"witness {o.id}"), KEYS.make(f"authority {o.id}")
            self.ids[old.witness_pk], self.ids[old.authority_pk] = o.witness_pk, o.authority_pk
        self.now = leaf.time_ms
        signer = self.here(leaf.signer_pk)
        new = self.take("GENESIS", self.leaf("GENESIS", m, signer, leaf.signer_seq, federation=bytes(32)))
        assert new
        self.ids[leaf.entry_id] = new

    def original(self, leaf):
        m, signer = self.message(leaf), self.here(leaf.signer_pk)
        seq = self.seq_of(signer)
        row = self.ledger.db.get("key_by_pk", signer)
        size = self.ledger.db.find("key_seq", row.no).last_anchor if row is not None else 0
        anchor = (size, self.ledger.db.get("root", size).root) if size else (0, EMPTY_ROOT)
        new = self.take(leaf.type_name, self.leaf(leaf.type_name, m, signer, seq, anchor))
        if new:
            self.ids[leaf.entry_id] = new

    def run(self, mutants, takes):
        """`mutants` for each entry of the bundle, of which the share `takes` is taken when accepted."""
        for leaf in self.source:
            self.gather(leaf.message)
        self.genesis(self.source[0])
        for leaf in self.source[1:]:
            self.now = max(self.now, min(leaf.time_ms + self.late, (1 << 64) - 1))
            if leaf.type_name not in ("CHARTER_PART", "ACCEPT") and self.ledger.charter is not None:
                self.pks = [key.pk for key in self.ledger.db.each("key")]
                self.before(leaf, mutants, takes)
            if self.seals and self.seals[0] < leaf.index:
                self.seal(good=True)
                self.seals = [index for index in self.seals if index > leaf.index]
            self.original(leaf)
            self.due()
            if self.since_state > self.rng.randint(3, 15):
                self.seal() if self.rng.random() < 0.6 and self.ledger.charter is not None else self.state()
                self.due()

    def before(self, leaf, mutants, takes):
        if not self.words & {body.id for body in self.ledger.charter.bodies}:
            self.gather(self.ledger.charter.words)
        if self.rng.random() < takes * 0.1:
            self.late += self.rng.choice([1, DAY_MS, 10 * DAY_MS, 60 * DAY_MS])
        for _ in range(mutants):
            made = self.system_mutant() if self.rng.random() < 0.05 else self.mutant(leaf)
            if made is None:
                continue
            name, data = made
            if self.both.ask("c", data, name) == "OK" and self.rng.random() < takes:
                self.take(name, data)
                self.due()
        if self.rng.random() < self.handovers:
            self.hand_over()
        self.tick()


class Foundings(Walk):
    """Federations founded on charters that nobody wrote."""

    def charter(self):
        """The history's own, something in it changed."""
        data = b"".join(leaf.message.data for leaf in self.source if leaf.type_name == "CHARTER_PART")
        charter = schema.decode_charter(data)
        self.words = set()
        self.gather(charter)
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            self.mutate(charter)
        return charter

    def scalar(self, f, value):
        if f.name == "text" and self.rng.random() < 0.7:
            return self.rng.choice(("quorum present >= 1", "pass for >= 1", "for >= 1", "pass (for >= 1)", "pass for >",
                                    "pass each partner in (nobody): for >= 1", "pass for > 3/2 of cast", ""))
        if f.type in ("uint32", "uint64") and self.rng.random() < 0.5:
            return self.rng.choice((0, 1, 2, 3, 366, 367, 1000))
        return super().scalar(f, value)

    def sample(self, name):
        found = [m for m in self.messages_in(self.whole) if m.message_name == name]
        return schema.copy(self.rng.choice(found)) if found else None

    def found(self):
        """GENESIS and the parts, to the refusal or to the end."""
        self.whole = self.charter_of_source()
        charter = self.charter()
        data = schema.encode(charter)
        genesis = self.source[0]
        m = schema.copy(genesis.message)
        m.charter_sha256, m.charter_bytes = hashlib.sha256(data).digest(), len(data)
        m.charter_parts = -(-len(data) // 50_000)
        self.now = genesis.time_ms
        if not self.take("GENESIS", self.leaf("GENESIS", m, genesis.signer_pk, 1, federation=bytes(32))):
            return
        for n in range(m.charter_parts):
            part = schema.new("CharterPart", number=n + 1, data=data[n * 50_000:(n + 1) * 50_000])
            if not self.take("CHARTER_PART", self.leaf("CHARTER_PART", part, genesis.signer_pk, n + 2)):
                return
        assert self.ledger.phase == 2

    def charter_of_source(self):
        return schema.decode_charter(b"".join(leaf.message.data for leaf in self.source
                                              if leaf.type_name == "CHARTER_PART"))


def consistency(hashes, m):
    """RFC 6962 § 2.1.2: from the first m leaves to all."""
    def part(hashes, m, whole):
        n = len(hashes)
        if m == n:
            return [] if whole else [merkle.root_of(hashes)]
        k = 1 << (n - 1).bit_length() - 1
        if m <= k:
            return part(hashes[:k], m, whole) + [merkle.root_of(hashes[k:])]
        return part(hashes[k:], m - k, False) + [merkle.root_of(hashes[:k])]
    return part(hashes, m, True)


def some_of(histories, count, seed):
    """So many of them; 0: all."""
    return random.Random(seed).sample(histories, min(count or len(histories), len(histories)))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("driver")
    options.add_argument("sources", nargs="+")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--walks", type=int, default=1)
    options.add_argument("--some", type=int, default=0, help="so many of the histories in each round")
    options.add_argument("--charters", type=int, default=0, help="so many federations founded on damaged charters")
    options.add_argument("--mutants", type=int, default=5)
    options.add_argument("--names", action="store_true")
    options.add_argument("--never", action="store_true")
    options.add_argument("--answers", nargs="*", default=[], help="how often each answer to entries of these types")
    options.add_argument("--keep-going", action="store_true")
    given = options.parse_args()
    asked, names, bad, walks = collections.Counter(), collections.Counter(), 0, 0
    histories = [one for source in given.sources for one in histories_of(source)]
    chosen = [(f"{given.seed}-{n}-{name}", (0, 0.3, 1)[n % 3], leaves) for n in range(given.walks)
              for name, leaves in some_of(histories, given.some, f"{given.seed}-{n}")]
    chosen += [(f"{given.seed}-{n}-charter-{name}", None, leaves) for n in range(given.charters)
               for name, leaves in some_of(histories, 1, f"{given.seed}-{n}")]
    for seed, takes, leaves in chosen:
        walk = (Foundings if takes is None else Walk)(given.driver, leaves, seed)
        try:
            walk.found() if takes is None else walk.run(given.mutants, takes)
        except Differ as differ:
            bad += 1
            print(f"{seed}: {differ}", flush=True)
            if not given.keep_going:
                return 3
        finally:
            walk.both.close()
        asked += walk.both.asked
        names += walk.both.names
        walks += 1
    accepted = sum(count for (_, c), count in asked.items() if c == "OK")
    print(f"{walks} walks, {sum(asked.values())} asked, {accepted} accepted, {len({c for _, c in asked})} answers, "
          f"{sum(names.values())} refused by other names, {bad} walks differ")
    if given.never:
        known = re.findall(r"^SB_ERROR\(SB_E_(LEDGER_\w+)", (ROOT / "proto/base/errors.def").read_text(), re.M)
        seen = {c for _, c in asked}
        print("never: " + " ".join(name for name in known if f"SB_E_{name}" not in seen))
    if given.answers:
        for (name, c), count in sorted(asked.items()):
            if name in given.answers:
                print(f"{count:6} {name}: {c}")
    if given.names:
        for (name, c, py), count in names.most_common():
            print(f"{count:6} {name}: C {c}, Python {py}")
    return 3 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
