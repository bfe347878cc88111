#!/usr/bin/env python3
"""The formats of the second verifier: worked examples of PROTOCOL.md, vectors made by others, edge cases.

Vectors stand in ../shared/vectors beside the checkout; without them those checks are skipped, with a word.
"""

import base64
import json
import random
import re
import sys
import unittest
from hashlib import sha256, sha512
from pathlib import Path
from types import SimpleNamespace

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from cryptography.exceptions import InvalidSignature  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey  # noqa: E402
from verifier import charters, ed25519, heads, merkle, note, policy, schema, wire  # noqa: E402
from verifier.refused import Refused  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT.parent / "shared/vectors"
PROTOCOL = (ROOT / "proto/PROTOCOL.md").read_text(encoding="utf-8")
GOLDEN = ROOT / "tests/unit/golden/entries.hex"


def key(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def pk_of(secret: Ed25519PrivateKey) -> bytes:
    return secret.public_key().public_bytes_raw()


def library_accepts(pk: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(pk).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Ed25519Test(unittest.TestCase):
    @unittest.skipUnless((VECTORS / "ed25519").is_dir(), "no ../shared/vectors/ed25519")
    def test_cctv(self):
        vectors = json.loads((VECTORS / "ed25519/cctv-ed25519vectors.json").read_text())
        accepted = library_only = 0
        for v in vectors:
            what = bytes.fromhex(v["key"]), v["msg"].encode(), bytes.fromhex(v["sig"])
            verdict = ed25519.verify(*what)
            accepted += verdict
            library_only += library_accepts(*what) and not verdict
            if verdict:
                self.assertFalse({"low_order_A", "non_canonical_A", "non_canonical_R"} & set(v["flags"] or []))
            if {"low_order_component_A", "non_canonical_A"} & set(v["flags"] or []):
                self.assertFalse(ed25519.is_valid_key(what[0]))
        self.assertEqual((accepted, len(vectors) - accepted), (43, 871))
        self.assertGreater(library_only, 100)  # else this test proves nothing about the library's habits

    def test_small_order(self):
        """The constants are the y of all points of small order, and of nothing else."""
        ys = set()
        for y in range(2, 40):
            x = ed25519._recover_x(y, 0)
            if x is None:
                continue
            torsion = ed25519._multiply(ed25519.L, (x, y, 1, x * y % ed25519.P))
            ys.add(torsion[1] * pow(torsion[2], -1, ed25519.P) % ed25519.P)
        self.assertLessEqual(ys, ed25519.SMALL_ORDER_YS)
        self.assertEqual(len(ys), 5)
        for y in ed25519.SMALL_ORDER_YS:
            for sign in (0, 1):
                pk = (y | sign << 255).to_bytes(32, "little")
                self.assertTrue(ed25519.has_small_order(pk))
                self.assertFalse(ed25519.is_valid_key(pk))

    def test_ordinary(self):
        secret, message = key(7), b"hei"
        pk, signature = pk_of(secret), secret.sign(message)
        self.assertTrue(ed25519.verify(pk, message, signature))
        self.assertTrue(ed25519.is_valid_key(pk))
        self.assertFalse(ed25519.verify(pk, message + b"!", signature))
        s = int.from_bytes(signature[32:], "little") + ed25519.L
        self.assertFalse(ed25519.verify(pk, message, signature[:32] + s.to_bytes(32, "little")))
        self.assertFalse(ed25519.verify(pk, message, signature[:-1]))
        for bit in range(0, 512, 37):
            flipped = bytearray(signature)
            flipped[bit // 8] ^= 1 << bit % 8
            self.assertFalse(ed25519.verify(pk, message, bytes(flipped)))
        domain = secret.sign(b"samband/entry/v1\x00" + message)
        self.assertTrue(ed25519.verify_domain(pk, ed25519.ENTRY, message, domain))
        self.assertFalse(ed25519.verify_domain(pk, ed25519.STATEMENT, message, domain))

    def test_mixed_order_key(self):
        """A key with a part of small order signs validly by the equation, and mustn't be enrolled."""
        y = ed25519._y_of(pk_of(key(9)))
        x = ed25519._recover_x(y, pk_of(key(9))[31] >> 7)
        order_2 = (0, ed25519.P - 1, 1, 0)
        p = ed25519._add((x, y, 1, x * y % ed25519.P), order_2)
        inverse = pow(p[2], -1, ed25519.P)
        x, y = p[0] * inverse % ed25519.P, p[1] * inverse % ed25519.P
        self.assertFalse(ed25519.is_valid_key((y | (x & 1) << 255).to_bytes(32, "little")))


class MerkleTest(unittest.TestCase):
    LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]

    def test_example(self):
        hashes = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in self.LEAVES]
        root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        self.assertIn(root, PROTOCOL)
        self.assertEqual(merkle.root_of(hashes).hex(), root)
        self.assertIn(merkle.EMPTY_ROOT.hex(), PROTOCOL)

    def test_tree_is_the_definition(self):
        tree, tiles, hashes = merkle.Tree(), merkle.Tiles(), []
        stored = {}
        for i in range(600):
            self.assertEqual(tree.root(), merkle.root_of(hashes))
            hashes.append(merkle.leaf_hash(i.to_bytes(2, "big")))
            tree.append(hashes[-1])
            for level, index, tile in tiles.append(hashes[-1]):
                stored[level, index] = tile
        self.assertEqual(sorted(stored), [(0, 0), (0, 1)])
        self.assertEqual([(level, index, width) for level, index, width, _ in tiles.partial()], [(0, 2, 88), (1, 0, 2)])
        self.assertEqual(tiles.partial()[1][3][:32], merkle.root_of(hashes[:256]))

    def test_paths(self):
        self.assertEqual(merkle.tile_path("entries", 1234067), "tile/entries/x001/x234/067")
        self.assertEqual(merkle.tile_path("0", 0, 112), "tile/0/000.p/112")

    def test_proofs(self):
        def path(index, hashes):
            if len(hashes) == 1:
                return []
            k = 1 << (len(hashes) - 1).bit_length() - 1
            if index < k:
                return path(index, hashes[:k]) + [merkle.root_of(hashes[k:])]
            return path(index - k, hashes[k:]) + [merkle.root_of(hashes[:k])]

        hashes = [merkle.leaf_hash(bytes([i])) for i in range(40)]
        for size in range(1, 40):
            root = merkle.root_of(hashes[:size])
            for index in range(size):
                proof = path(index, hashes[:size])
                self.assertTrue(merkle.verify_inclusion(hashes[index], index, size, proof, root))
                self.assertFalse(merkle.verify_inclusion(hashes[index], index, size, proof + [root], root))
                self.assertFalse(merkle.verify_inclusion(hashes[index], index + 1, size, proof, root))
                if proof:
                    self.assertFalse(merkle.verify_inclusion(hashes[index], index, size, proof[:-1], root))

    @unittest.skipUnless((VECTORS / "merkle").is_dir(), "no ../shared/vectors/merkle")
    def test_vectors(self):
        def value(text):
            return base64.b64decode(text) if text else b""

        def root(text):  # some vectors have a word for a root; what they say holds for any root
            return value(text) if len(value(text)) == 32 else merkle.leaf_hash(text.encode())

        count = 0
        for path in sorted((VECTORS / "merkle/testdata").rglob("*.json")):
            v = json.loads(path.read_text())
            proof = [value(h) for h in v["proof"] or []]
            if "leafIdx" in v:
                leaf = value(v["leafHash"])
                good = merkle.verify_inclusion(leaf, v["leafIdx"], v["treeSize"], proof, root(v["root"]))
            else:
                good = merkle.verify_consistency(v["size1"], v["size2"], root(v["root1"]), root(v["root2"]), proof)
            self.assertEqual(good, not v["wantErr"], path)
            count += 1
        self.assertGreater(count, 150)


class NoteTest(unittest.TestCase):
    def setUp(self):
        part = PROTOCOL[PROTOCOL.index("Worked example, computed with OpenSSL: log seed"):]
        self.text = re.search(r"```\n(.*?)```", part, re.DOTALL)[1]
        self.origin = "samband/troms-og-ofoten/0123456789abcdef/1"
        self.log, self.witness = pk_of(key(1)), pk_of(key(2))

    def refuse(self, data):
        with self.assertRaises(Refused):
            note.parse_checkpoint(data if isinstance(data, bytes) else data.encode())

    def test_worked_example(self):
        parsed, head = note.verify_checkpoint(self.text.encode(), self.origin, self.log)
        self.assertEqual((head.size, head.root), (5, merkle.leaf_hash(b"the root")))
        self.assertEqual(head.body().decode(), parsed.text)
        self.assertEqual(note.verify_cosignature_line(head, parsed.lines[1], self.witness), 1642672800)
        self.assertIsNone(note.verify_cosignature_line(head, parsed.lines[1], self.log))
        other = note.Head(head.origin, 6, head.root)
        self.assertIsNone(note.verify_cosignature_line(other, parsed.lines[1], self.witness))

    def test_every_bit(self):
        """No bit of a checkpoint with one log line can change unnoticed."""
        text = self.text.encode()
        text = text[:text.rindex("\u2014".encode())]
        for bit in range(8 * len(text)):
            flipped = bytearray(text)
            flipped[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(Refused, msg=bit):
                note.verify_checkpoint(bytes(flipped), self.origin, self.log)

    def test_spelling(self):
        self.refuse(self.text.replace("+74Y=", "+74Z="))  # unused bits of the root
        self.refuse(self.text.replace("\n5\n", "\n05\n"))
        self.refuse(self.text.replace("\n5\n", "\n9223372036854775808\n"))
        self.refuse(self.text.replace("\n5\n", "\n0\n"))
        self.refuse(self.text.replace("\n5\n", "\n5\nmore\n"))
        self.refuse(self.text.replace("\n5\n", "\n5\r\n"))
        self.refuse(self.text[:-1])
        self.refuse(self.text + "\n")
        self.refuse(self.text.replace("\u2014", "-"))
        self.refuse(self.text.replace("unn.example", "unn+example"))
        self.refuse(self.text.replace("unn.example", "unn\u00a0example"))
        self.refuse(self.text[:self.text.index("\n\n") + 2])
        self.refuse(self.text.encode() + b"\xff\n")

    def test_tlog_proof(self):
        leaf, other = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
        root = base64.b64encode(merkle.node_hash(leaf, other)).decode()
        body = f"{self.origin}\n2\n{root}\n"
        line = base64.b64encode(note.key_id(self.origin, 1, self.log) + key(1).sign(body.encode())).decode()
        text = (f"c2sp.org/tlog-proof@v1\nindex 0\n{base64.b64encode(other).decode()}\n\n"
                f"{body}\n\u2014 {self.origin} {line}\n")
        note.verify_proof(text.encode(), leaf, self.origin, self.log)
        for bad in (text.replace("index 0", "index 1"), text.replace("index 0", "index 00"),
                    text.replace("@v1\n", "@v1\nextra \n"), text.replace("@v1", "@v2")):
            with self.assertRaises(Refused):
                note.verify_proof(bad.encode(), leaf, self.origin, self.log)
        with_extra = text.replace("@v1\n", "@v1\nextra aGVp\n")
        self.assertEqual(note.verify_proof(with_extra.encode(), leaf, self.origin, self.log)[0].extra, b"hei")


class HeadsTest(unittest.TestCase):
    ORIGIN = "samband/troms-og-ofoten/0123456789abcdef/1"

    def context(self, count, policies):
        pks = [pk_of(key(i + 10)) for i in range(count)]
        signers = {pk: f"o{i}" for i, pk in enumerate(pks)}
        return heads.Context(5, bytes(32), self.ORIGIN, pk_of(key(1)), {}, signers, policies)

    def cosigners(self, head, which):
        found = []
        for i in which:
            message = b"cosignature/v1\ntime 7\n" + head.body()
            found.append(heads.Cosigner(pk_of(key(i + 10)), f"o{i}", 7, key(i + 10).sign(message)))
        return found

    def test_notes(self):
        """One spelling, whatever the number of cosignatures; anything else is refused."""
        head = note.Head(self.ORIGIN, 5, bytes(32))
        context = self.context(40, [])
        log_signature = key(1).sign(head.body())
        for count, files in ((0, 1), (1, 1), (15, 1), (16, 2), (30, 2), (31, 3)):
            cosigners = self.cosigners(head, range(count))
            notes = heads.notes_of(head, context.log_pk, log_signature, cosigners)
            self.assertEqual([len(note.parse_note(n).lines) for n in notes][:-1], [16] * (files - 1))
            self.assertEqual(len(notes), files)
            self.assertEqual(heads.verify_checkpoint(notes, "checkpoint", context), {c.pk for c in cosigners})
        one = notes[0].decode()
        lines = one.splitlines(keepends=True)
        swapped = "".join(lines[:5] + [lines[6], lines[5]] + lines[7:])
        twice = "".join(lines[:6] + [lines[5]] + lines[6:-1])
        name = lines[5].split()[1]
        other = one.replace(name + " ", name + "0 ")
        for bad in (swapped, twice, other, "".join(lines[:-1])):
            with self.assertRaises(Refused):
                heads.verify_checkpoint([bad.encode(), *notes[1:]], "checkpoint", context)
        with self.assertRaises(Refused):
            heads.verify_checkpoint([notes[1], notes[0], notes[2]], "checkpoint", context)

    def test_stranger(self):
        """A valid cosignature by a key that isn't in force isn't let through."""
        head = note.Head(self.ORIGIN, 5, bytes(32))
        notes = heads.notes_of(head, pk_of(key(1)), key(1).sign(head.body()), self.cosigners(head, range(3)))
        heads.verify_checkpoint(notes, "checkpoint", self.context(3, []))
        with self.assertRaises(Refused):
            heads.verify_checkpoint(notes, "checkpoint", self.context(2, []))

    def test_policies(self):
        names = tuple(f"o{i}" for i in range(7))
        two_thirds = policy.Policy(names, 2, 3)
        self.assertEqual((two_thirds.least(), two_thirds.may_lie()), (5, 2))
        self.assertFalse(two_thirds.is_satisfied(set(names[:4])))
        self.assertTrue(two_thirds.is_satisfied(set(names[:5])))
        self.assertFalse(two_thirds.is_satisfied(set(names[:4]) | {"stranger"}))
        groups = (policy.Group("a", 2, names[:3]), policy.Group("b", 3, names[3:]), policy.Group("all", 2, ("a", "b")))
        tree = policy.Policy(names, groups=groups)
        self.assertEqual((tree.least(), tree.may_lie()), (5, 2))
        self.assertTrue(tree.is_satisfied({"o0", "o2", "o3", "o4", "o6"}))
        self.assertFalse(tree.is_satisfied({"o0", "o1", "o2", "o3", "o4"}))
        self.assertFalse(tree.is_satisfied({"a", "b"}))  # an organisation of that name isn't a group
        context = self.context(7, [two_thirds, tree])
        keys = [pk_of(key(i + 10)) for i in range(7)]
        self.assertTrue(context.is_certified({keys[i] for i in (0, 2, 3, 4, 6)}))
        self.assertFalse(context.is_certified({keys[i] for i in (0, 1, 2, 3, 4)}))  # the old alone
        self.assertFalse(self.context(7, []).is_certified(set(keys)))
        text = heads.policy_text(context, tree).decode().splitlines()
        self.assertEqual([line.split()[0] for line in text], ["log"] + ["witness"] * 7 + ["group"] * 3 + ["quorum"])
        self.assertEqual(text[-4:], ["group a 2 o0 o1 o2", "group b 3 o3 o4 o5 o6", "group all 2 a b", "quorum all"])


class PolicyTest(unittest.TestCase):
    """least and may_lie against every set of organisations, for random trees in which each stands once."""

    def tree(self, rnd, count):
        names = [f"o{i}" for i in range(count)]
        loose, groups = list(names), []
        rnd.shuffle(loose)
        while len(loose) > 1 or not groups:
            size = rnd.randrange(1, len(loose) + 1)
            members, loose = loose[:size], loose[size:]
            groups.append(policy.Group(f"g{len(groups)}", rnd.randrange(1, size + 1), tuple(members)))
            loose.append(groups[-1].name)
        return policy.Policy(tuple(names), groups=tuple(groups))

    def test_counted(self):
        rnd = random.Random(4)
        for _ in range(150):
            count = rnd.randrange(1, 6)
            tree = self.tree(rnd, count)
            sets = [{f"o{i}" for i in range(count) if bits >> i & 1} for bits in range(1 << count)]
            quorums = [s for s in sets if tree.is_satisfied(s)]
            self.assertEqual(tree.least(), min(map(len, quorums)), tree)
            self.assertEqual(tree.may_lie(), min(len(a & b) for a in quorums for b in quorums) - 1, tree)


class CharterTest(unittest.TestCase):
    def test_silence(self):
        pk = key(1).public_key().public_bytes_raw()
        one = SimpleNamespace(id="reserve", log_pk=pk, curve_pk=pk)
        cases = (([], 0, False, None), ([one], 180, False, None), ([one], 1, True, None),
                 ([one], 179, False, "LEDGER_CHARTER_SILENCE_SHORT"), ([one], 0, True, "LEDGER_CHARTER_SILENCE"),
                 ([], 180, False, "LEDGER_CHARTER_SILENCE"))
        for standbys, silence_s, rehearsal, wanted in cases:
            c = SimpleNamespace(standbys=standbys, silence_s=silence_s, rehearsal=rehearsal)
            if wanted is None:
                charters.check_standbys(c)
            else:
                with self.assertRaises(Refused) as refused:
                    charters.check_standbys(c)
                self.assertEqual(refused.exception.name, wanted)


class SchemaTest(unittest.TestCase):
    def refuse(self, name, data, why):
        with self.assertRaises(Refused) as caught:
            schema.decode(name, data)
        self.assertEqual(caught.exception.name, f"PAYLOAD_{why}")

    def test_every_field_has_a_rule(self):
        for name, one in schema.classes.items():
            for f in one.fields:
                self.assertIsNot(f.rule, schema.UNKNOWN, f"{name}.{f.name}: tests/oracle/fields.py --write")

    def test_claim(self):
        claim = schema.new("Claim", claimed_at_ms=1642672800000, source=schema.E.SOURCE_LETTER)
        data = schema.encode(claim)
        self.assertEqual(schema.decode("Claim", data), claim)
        self.refuse("Claim", data + b"\x18\x01", "UNKNOWN_FIELD")
        self.refuse("Claim", data[:-2], "MISSING")
        self.refuse("Claim", data[:-1] + b"\x09", "ENUM")
        self.refuse("Claim", data[:-1] + b"\x82\x00", "NOT_CANONICAL")
        self.refuse("Claim", data[-2:] + data[:-2], "NOT_CANONICAL")
        self.refuse("Claim", data + data[-2:], "NOT_CANONICAL")
        self.refuse("Claim", data[:-1], "MALFORMED")
        self.refuse("Claim", b"\x09" + bytes(8), "MALFORMED")  # fixed64
        self.refuse("Claim", b"\x08" + b"\xff" * 10, "MALFORMED")
        self.refuse("Claim", b"\x08" + b"\xff" * 9 + b"\x02", "NOT_CANONICAL")

    def test_text(self):
        def report(title):
            return b"\x0a\x03ssu\x12" + schema.varint(len(title)) + title + b"\x18\x04"

        self.assertEqual(schema.decode("CaseReport", report("Møte \U0001f600".encode())).title, "Møte \U0001f600")
        self.refuse("CaseReport", report(b""), "MISSING")
        self.refuse("CaseReport", report(b"a" * 1001), "LENGTH")
        for bad in (b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80", b"\xff"):
            self.refuse("CaseReport", report(bad), "UTF8")
        for bad in ("\0", "\n", "\x7f", "\x85", "\u061c", "\u200e", "\u2028", "\u202e", "\u2066", "\ufdd0", "\ufeff",
                    "\ufffe", "\U0001ffff", "\U0010fffe"):
            self.refuse("CaseReport", report(bad.encode()), "CODE_POINT")
        for bad in ("SSU", "s_u", "søu", "a\n"):
            data = b"\x0a" + schema.varint(len(bad.encode())) + bad.encode() + b"\x12\x01x\x18\x04"
            self.refuse("CaseReport", data, "CODE_POINT")
        prose = schema.new("WordingPropose", case_id=bytes(32), clauses=["to\nlinjer"])
        self.assertEqual(schema.decode("WordingPropose", schema.encode(prose)), prose)

    def test_oneof(self):
        amend = schema.new("ClauseAmend", case_id=bytes(32), base_sha256=bytes(32), number=1, strike=True)
        data = schema.encode(amend)
        read = schema.decode("ClauseAmend", data)
        self.assertEqual((read.change, read.strike, read.text), ("strike", True, None))
        self.refuse("ClauseAmend", data[:-2], "MISSING")
        self.refuse("ClauseAmend", data[:-1] + b"\x00", "MISSING")
        self.refuse("ClauseAmend", data[:-2] + b"\x22\x01x" + data[-2:], "NOT_CANONICAL")
        self.refuse("ClauseAmend", data[:-1] + b"\x02", "NOT_CANONICAL")

    def test_counts_and_blobs(self):
        blob = schema.new("BlobRef", sha256=bytes(32), size=32)
        message = schema.new("PapersSent", meeting_id=bytes(32), case_ids=[bytes(32)], papers=[blob] * 64)
        self.assertEqual(len(schema.blobs(schema.decode_payload("PapersSent", schema.encode(message)))), 64)
        report = schema.new("CaseReport", body="ssu", title="x", kind=4, from_=blob, attachments=[blob] * 64)
        schema.decode("CaseReport", schema.encode(report))
        with self.assertRaises(Refused):
            schema.decode_payload("CaseReport", schema.encode(report))
        self.refuse("PapersSent", schema.encode(schema.new("PapersSent", meeting_id=bytes(32))), "COUNT")
        self.refuse("BlobRef", schema.encode(schema.new("BlobRef", sha256=bytes(32), size=31)), "RANGE")
        self.refuse("BlobRef", schema.encode(schema.new("BlobRef", sha256=bytes(31), size=32)), "LENGTH")


class EntryTest(unittest.TestCase):
    def golden(self):
        return [bytes.fromhex(line.split()[-1]) for line in GOLDEN.read_text().splitlines()
                if line and not line.startswith("#")]

    def test_golden(self):
        seen = set()
        for data in self.golden():
            entry = wire.open_entry(data)
            seen.add(entry.type_name)
            self.assertEqual(schema.encode(entry.message), entry.payload)
            self.assertEqual(schema.copy(entry.message), entry.message)
            self.assertEqual(entry.entry_id, sha256(data[:-64]).digest())
        self.assertEqual(seen, set(wire.TYPES.values()))

    def test_no_bit_is_loose(self):
        """Every bit of an entry is held by its form or its signature."""
        data = min(self.golden(), key=len)
        for bit in range(8 * len(data)):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(Refused, msg=bit):
                wire.open_entry(bytes(flipped))

    def test_library_accepts_another_r(self):
        """Who holds a key can sign with R = the neutral point: valid by the equation, and refused by our rule."""
        data = min(self.golden(), key=len)
        secret = key(0x5B)
        unsigned = data[:34] + pk_of(secret) + data[66:-64]
        scalar = bytearray(sha512(bytes([0x5B]) * 32).digest()[:32])
        scalar[0] &= 248
        scalar[31] = scalar[31] & 127 | 64
        message, r = ed25519.ENTRY + b"\0" + unsigned, b"\x01" + bytes(31)
        k = int.from_bytes(sha512(r + pk_of(secret) + message).digest(), "little")
        s = k * int.from_bytes(scalar, "little") % ed25519.L
        signature = r + s.to_bytes(32, "little")
        self.assertTrue(library_accepts(pk_of(secret), message, signature))
        wire.open_entry(unsigned + secret.sign(message))
        with self.assertRaises(Refused) as caught:
            wire.open_entry(unsigned + signature)
        self.assertEqual(caught.exception.name, "SIGNATURE")

    def test_framing(self):
        data = min(self.golden(), key=len)
        for bad, why in ((data[:100], "TRUNCATED"), (data + b"\0", "LENGTH"), (data[:-1], "TRUNCATED"),
                         (b"\x02" + data[1:], "VERSION"), (b"\x01\x63" + data[2:], "TYPE"),
                         (data + bytes(70_000), "TOO_LARGE")):
            with self.assertRaises(Refused) as caught:
                wire.open_entry(bad)
            self.assertEqual(caught.exception.name, f"ENTRY_{why}")


if __name__ == "__main__":
    if not VECTORS.is_dir():
        print(f"hoppet over / skipped: {VECTORS} is not there", file=sys.stderr)
    unittest.main()
