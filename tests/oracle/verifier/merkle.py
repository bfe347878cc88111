"""RFC 6962 tree, tiles and proofs: PROTOCOL.md "Tree, tiles and proofs"."""

from hashlib import sha256

from .refused import Refused

TILE_WIDTH = 256
EMPTY_ROOT = sha256(b"").digest()
SIZE_MAX = 2**63 - 1
INCLUSION_MAX = 63
CONSISTENCY_MAX = 64


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """Grows leaf by leaf; knows its root. `full` are the roots of the perfect subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self.full: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its leaf hash."""
        count = self.size
        while count & 1:
            leaf = node_hash(self.full.pop(), leaf)
            count >>= 1
        self.full.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        if not self.full:
            return EMPTY_ROOT
        root = self.full[-1]
        for subtree in reversed(self.full[:-1]):
            root = node_hash(subtree, root)
        return root

    def copy(self) -> "Tree":
        other = Tree()
        other.size, other.full = self.size, list(self.full)
        return other


class Tiles:
    """The tiles that leaf hashes give. `append` returns the tiles that became full: (level, index, hashes)."""

    def __init__(self) -> None:
        self.edge: list[list[bytes]] = [[]]
        self.full: list[int] = [0]

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        done = []
        level, value = 0, leaf
        while True:
            if level == len(self.edge):
                self.edge.append([])
                self.full.append(0)
            self.edge[level].append(value)
            if len(self.edge[level]) < TILE_WIDTH:
                return done
            hashes = self.edge[level]
            done.append((level, self.full[level], b"".join(hashes)))
            value = perfect_root(hashes)
            self.edge[level] = []
            self.full[level] += 1
            level += 1

    def partial(self) -> list[tuple[int, int, int, bytes]]:
        """(level, index, width, hashes) of each level's growing tile."""
        return [(level, self.full[level], len(hashes), b"".join(hashes))
                for level, hashes in enumerate(self.edge) if hashes]


def perfect_root(hashes: list[bytes]) -> bytes:
    """Of 2^k hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def root_of(hashes: list[bytes]) -> bytes:
    """The root over leaf hashes, from the definition: for tests and small trees."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else EMPTY_ROOT
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def tile_path(kind: str, index: int, width: int = TILE_WIDTH) -> str:
    """`kind` is "entries" or a level: tile/0/x001/x234/067.p/12."""
    groups = f"{index % 1000:03d}"
    index //= 1000
    while index > 0:
        groups = f"x{index % 1000:03d}/{groups}"
        index //= 1000
    path = f"tile/{kind}/{groups}"
    return path if width == TILE_WIDTH else f"{path}.p/{width}"


# ---- proofs ----


def _are_hashes(values: list[bytes]) -> bool:
    return all(len(v) == 32 for v in values)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162 2.1.3.2: is the leaf with this leaf hash at `index` in the tree of `size`?"""
    if not 0 <= index < size <= SIZE_MAX or len(proof) > INCLUSION_MAX or not _are_hashes([leaf, root, *proof]):
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn & 1 == 0 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    return sn == 0 and r == root


def verify_consistency(size1: int, size2: int, root1: bytes, root2: bytes, proof: list[bytes]) -> bool:
    """RFC 9162 2.1.4.2. From size 0 nothing can be proven but 0 to 0 with the empty root."""
    if not 0 <= size1 <= size2 <= SIZE_MAX or len(proof) > CONSISTENCY_MAX or not _are_hashes([root1, root2, *proof]):
        return False
    if size1 == size2:
        return not proof and root1 == root2 and (size1 > 0 or root1 == EMPTY_ROOT)
    if size1 == 0 or not proof:
        return False
    if size1 & (size1 - 1) == 0:
        proof = [root1] + proof
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn & 1 == 0 and fn != 0:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(sr, c)
        fn >>= 1
        sn >>= 1
    return sn == 0 and fr == root1 and sr == root2


def check_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    if not verify_inclusion(leaf, index, size, proof, root):
        raise Refused("MERKLE_PROOF", index, size)
