#!/usr/bin/env python3
"""The worked examples of PROTOCOL.md, by the second verifier alone: every signature, hash and proof in that section
is computed or verified anew from what stands there, and each single byte of what is signed counts."""

import base64
import re
import sys
import unittest
from hashlib import sha256
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey  # noqa: E402
from verifier import decision, ed25519, fold, heads, merkle, note, policy, promise, rows, schema, wire  # noqa: E402
from verifier.refused import Refused  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = (ROOT / "proto/PROTOCOL.md").read_text(encoding="utf-8")
SECTION = PROTOCOL[PROTOCOL.index("<!-- examples:begin -->"):PROTOCOL.index("<!-- examples:end -->")]
ENTRY = ("version", "type", "federation_id", "signer_pk", "signer_seq", "anchor_size", "anchor_root", "len", "payload")


def parse() -> tuple[list[tuple[str, list[bytes]]], dict[str, bytes]]:
    """(name, its lines) of all hex blocks in order; the texts by name."""
    lines, texts = [], {}
    for kind, name, body in re.findall(r"^```(hex|text) ?(\S*)\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE):
        if kind == "text":
            texts[name] = body.encode()
            continue
        for line in body.splitlines():
            name, value = re.fullmatch(r"(\S*) +([0-9a-f]+)", line).groups()
            if name:
                lines.append((name, []))
            lines[-1][1].append(bytes.fromhex(value))
    return lines, texts


class Read(dict):
    """Remembers what was asked of it."""

    def __init__(self, values: dict) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> bytes:
        self.read.add(name)
        return super().__getitem__(name)


LINES, TEXTS = parse()
HEX, TEXTS = Read({name: b"".join(parts) for name, parts in LINES}), Read(TEXTS)


def hashes(name: str) -> list[bytes]:
    return [HEX[name][at:at + 32] for at in range(0, len(HEX[name]), 32)]


def leaf_of(name: str) -> bytes:
    return b"".join(HEX[f"{name}.{part}"] for part in ("time_ms", *ENTRY, "signature"))


def parse_evidence(data: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    header, rest = data.split(b"\n", 1)
    sections = []
    while rest:
        words, rest = rest.split(b"\n", 1)
        name, length = words.decode().split(" ")
        sections.append((name, rest[:int(length)]))
        if rest[int(length):int(length) + 1] != b"\n" or str(int(length)) != length:
            raise ValueError(name)
        rest = rest[int(length) + 1:]
    return header.decode(), sections


class Examples(unittest.TestCase):
    def setUp(self):
        self.federation = HEX["genesis.id"]
        self.origin = f"samband/nord/{self.federation[:8].hex()}/1"
        _, self.head = note.parse_checkpoint(TEXTS["checkpoint"])

    def test_keys(self):
        for seed, name in ((1, "log"), (2, "witness"), (3, "authority"), (4, "recovery"), (7, "log.2"), (9, "log.3")):
            secret = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
            self.assertEqual(secret.public_key().public_bytes_raw(), HEX[name])
        for seed, name in ((5, "curve"), (6, "broker.curve"), (8, "curve.2")):
            secret = X25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
            self.assertEqual(secret.public_key().public_bytes_raw(), HEX[name])

    def test_plain_key_file(self):
        """Which stands with its format."""
        public, secret = re.search(r"```\nsamband-key/1\nrole: witness\npublic: ([0-9a-f]{64})\nkdf: none\n"
                                   r"secret: ([0-9a-f]{64})\n```", PROTOCOL).groups()
        self.assertEqual(bytes.fromhex(secret), bytes(range(32)))
        made = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key()
        self.assertEqual(made.public_bytes_raw().hex(), public)

    def test_leaves_and_digest(self):
        """Opened, hashed and folded: the effects of both steps, byte for byte."""
        ledger, digest = fold.Ledger(), bytes(32)
        for index, name in enumerate(("genesis", "state")):
            data = leaf_of(name)
            unsigned = b"".join(HEX[f"{name}.{part}"] for part in ENTRY)
            self.assertTrue(ed25519.verify(HEX[f"{name}.signer_pk"], b"samband/entry/v1\0" + unsigned,
                                           HEX[f"{name}.signature"]))
            self.assertEqual(sha256(unsigned).digest(), HEX[f"{name}.id"])
            leaf = wire.open_leaf(index, data)
            self.assertEqual(leaf.leaf_hash, HEX[f"{name}.leaf_hash"])
            ledger.step(leaf)
            effects = b"".join(b"".join(parts) for n, parts in LINES if n.startswith(f"effect.{index}."))
            digest = sha256(b"samband/digest/v1\0" + digest + index.to_bytes(8, "big") + leaf.leaf_hash
                            + len(effects).to_bytes(4, "big") + effects).digest()
            self.assertEqual((ledger.digest, digest), (HEX[f"digest.{index}"],) * 2)
        self.assertEqual(wire.open_leaf(1, leaf_of("state")).message.digest, HEX["digest.0"])
        self.assertEqual(ledger.tree.root(), HEX["root"])
        self.assertEqual(ledger.origin, self.origin)

    def test_rows(self):
        effects = [parts for n, parts in LINES if n.startswith("effect.0.")]
        for name in ("org", "witness"):
            table = rows.TABLES[name]
            key = HEX[f"row.{name}"] + b"".join(HEX[f"row.{name}.{f}"] for _, f in table.keys)
            value = b"".join(HEX[f"row.{name}.{f}"] for _, f in table.values)
            row = b"\x01" + len(key).to_bytes(2, "big") + key + len(value).to_bytes(4, "big") + value
            self.assertIn(row, [b"".join(parts) for parts in effects])

    def test_trees(self):
        leaves = [HEX[f"leaf_hash.{i}"] for i in range(8)]
        for size in (3, 4, 5, 8):
            self.assertEqual(merkle.root_of(leaves[:size]), HEX[f"root.{size}"])
        proofs = [n for n, _ in LINES if re.match(r"(inclusion|consistency)\.", n)]
        self.assertEqual(len(proofs), 6)
        for name in proofs:
            kind, a, b = name.split(".")
            a, b, proof = int(a), int(b), hashes(name)
            for at in range(-1, len(proof)):
                bent = [bytes(32) if i == at else h for i, h in enumerate(proof)]
                if kind == "inclusion":
                    holds = merkle.verify_inclusion(leaves[a], a, b, bent, HEX[f"root.{b}"])
                else:
                    holds = merkle.verify_consistency(a, b, HEX[f"root.{a}"], HEX[f"root.{b}"], bent)
                self.assertEqual(holds, at < 0, name)

    def test_paths(self):
        lines = TEXTS["paths"].decode().splitlines()
        self.assertGreater(len(lines), 4)
        for line in lines:
            kind, index, width, path = line.split()
            self.assertEqual(merkle.tile_path(kind, int(index), int(width)), path)

    def test_checkpoint(self):
        parsed, head = note.verify_checkpoint(TEXTS["checkpoint"], self.origin, HEX["log"])
        self.assertEqual((head.size, head.root), (2, HEX["root"]))
        self.assertTrue(ed25519.verify(HEX["log"], head.body(), HEX["log.signature"]))
        self.assertEqual(note.key_id(self.origin, 1, HEX["log"]), HEX["log.key_id"])
        name = f"{self.origin}/unn"
        self.assertEqual(note.key_id(name, 4, HEX["witness"]), HEX["witness.key_id"])
        self.assertEqual(note.verify_cosignature_line(head, parsed.lines[1], HEX["witness"]), 1642672860)
        self.assertEqual(HEX["cosignature.message"], b"cosignature/v1\ntime 1642672860\n" + head.body())
        self.assertTrue(ed25519.verify(HEX["witness"], HEX["cosignature.message"], HEX["cosignature"][8:]))
        cosigner = heads.Cosigner(HEX["witness"], "unn", 1642672860, HEX["cosignature"][8:])
        self.assertEqual(heads.notes_of(head, HEX["log"], HEX["log.signature"], [cosigner]), [TEXTS["checkpoint"]])
        context = heads.Context(2, head.root, self.origin, HEX["log"], {HEX["witness"]: 0}, {HEX["witness"]: "unn"},
                                [policy.Policy(("unn",), 2, 3)])
        self.assertEqual(heads.policy_text(context, context.policies[0]), TEXTS["policy"])
        self.assertTrue(context.is_certified(heads.verify_checkpoint([TEXTS["checkpoint"]], "checkpoint", context)))

    def test_seal(self):
        seal = schema.decode_payload("Seal", HEX["seal.payload"])
        self.assertEqual((seal.size, seal.root, seal.log_signature), (2, HEX["root"], HEX["log.signature"]))
        [by] = seal.cosignatures
        self.assertTrue(note.verify_cosignature(self.origin, seal.size, seal.root, by.witness_pk, by.time_s, by.signature))

    def test_add_checkpoint(self):
        old, proof, rest = TEXTS["add-checkpoint"].split(b"\n", 2)
        self.assertEqual((old, rest[:1]), (b"old 1", b"\n"))
        _, head = note.verify_checkpoint(rest[1:], self.origin, HEX["log"])
        self.assertTrue(merkle.verify_consistency(1, head.size, HEX["genesis.leaf_hash"], head.root,
                                                  [base64.b64decode(proof, validate=True)]))

    def test_statements(self):
        sealed = (1, 2, HEX["root"])
        for name, who, made in (
                ("promise", "witness", promise.promise(2, HEX["log.2"], sealed, sealed)),
                ("consent", "authority", promise.consent(2, HEX["log.2"], HEX["curve.2"], b"tcp://broker.example:5710")),
                ("withdraw", "authority", promise.withdraw(b"\xaa" * 32))):
            self.assertEqual(HEX[name], made)
            self.assertTrue(promise.verify(self.federation, HEX[who], made, HEX[f"{name}.signature"]))
            self.assertFalse(promise.verify(bytes(32), HEX[who], made, HEX[f"{name}.signature"]))

    def test_handover(self):
        m = schema.decode_payload("Handover", HEX["handover.payload"])
        self.assertEqual((m.term, m.log_pk, m.continues_size, m.continues_root), (2, HEX["log.2"], 2, HEX["root"]))
        [head], [promised], [by] = m.heads, m.promises, m.cosignatures
        self.assertEqual((head.term, head.size, head.root, promised.seal, promised.cosigned), (1, 2, HEX["root"], 1, 1))
        named = (head.term, head.size, head.root)
        self.assertTrue(promise.verify(self.federation, promised.witness_pk,
                                       promise.promise(m.term, m.log_pk, named, named), promised.signature))
        self.assertTrue(note.verify_cosignature(self.origin, 2, head.root, by.witness_pk, by.time_s, by.signature))

    def test_evidence(self):
        header, sections = parse_evidence(HEX["evidence"])
        self.assertEqual(header, "samband-evidence/1 conflicting-promises")
        self.assertEqual([name for name, _ in sections], ["federation", "witness", "promise", "other-promise"])
        federation, witness, one, other = (data for _, data in sections)
        self.assertEqual((federation, witness), (self.federation, HEX["witness"]))
        self.assertLess(one, other)
        for statement in (one, other):
            self.assertTrue(promise.verify(federation, witness, statement[:-64], statement[-64:]))
        self.assertEqual(one[:5], other[:5])  # of one term
        self.assertEqual((one[5:37], other[5:37]), (HEX["log.2"], HEX["log.3"]))

    def test_decision(self):
        parsed = decision.parse_policy(TEXTS["policy"])
        verdict = decision.verify(TEXTS["decision"], parsed)
        self.assertEqual((verdict["size"], verdict["result_index"], verdict["seal_index"], verdict["final_size"],
                          verdict["confirmed"]), (3, 1, 2, 2, 1))
        extra = decision.parse_extra(note.parse_proof(TEXTS["decision"]).extra)
        self.assertEqual((extra.result, extra.seal), (HEX["decision.result"], HEX["decision.seal"]))
        lines = [leaf_of("genesis"), HEX["decision.result"], HEX["decision.seal"]]
        self.assertEqual(merkle.root_of([merkle.leaf_hash(leaf) for leaf in lines]).hex(), verdict["root"])
        with self.assertRaises(Refused):
            decision.verify(TEXTS["decision"].replace(b"index 1\n", b"index 0\n"), parsed)

    def test_hashes(self):
        self.assertEqual(sha256(HEX["blob"]).digest(), HEX["blob.sha256"])
        clauses = [HEX["clause.1"], HEX["clause.2"]]
        bare = b"samband/wording/v1\0" + b"\xcc" * 32 + (2).to_bytes(4, "big")
        bare += b"".join(len(c).to_bytes(4, "big") + c for c in clauses)
        self.assertEqual(sha256(bare).digest(), HEX["wording"])
        self.assertEqual(sha256(bare + (1).to_bytes(4, "big") + b"\xaa" * 32).digest(), HEX["wording.attached"])

    def test_zz_nothing_is_left_out(self):
        """The tests before this one (by name) have looked at all that stands in the section."""
        names = [name for name, _ in LINES if not name.startswith("effect.")]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(set(names) - HEX.read, set())
        self.assertEqual(set(TEXTS) - TEXTS.read, set())


if __name__ == "__main__":
    unittest.main()
