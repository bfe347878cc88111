/* Proofs and tiles: a proof that verifies is the one that the tree gives, byte for byte; any other, or
 * for another size, index, leaf or root, doesn't. Paths of tiles; trees loaded from wrong tiles. */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/auditor/bundle.h"
#include "proto/merkle/proof.h"
#include "proto/merkle/tree.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LEAVES = 700, FULL = LEAVES / SB_TILE_WIDTH };

static sb_tree tree;
static sb_hash32 tiles[FULL][SB_TILE_WIDTH];
static sb_script *wrong; /* of the script, when tiles are to be wrong */

static void keep_tile(void *arg, uint32_t level, uint64_t index,
                      const sb_hash32 hashes[SB_TILE_WIDTH])
{
    (void)arg;
    sb_fuzz_must(level == 0 && index < FULL);
    memcpy(tiles[index], hashes, sizeof tiles[index]);
}

static bool read_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                      sb_hash32 *out)
{
    (void)arg;
    if (level != 0 || index >= FULL)
        return false;
    memcpy(out, &tiles[index][first], count * sizeof *out);
    if (wrong != NULL && sb_script_u8(wrong) % 4 == 0)
        out[0].b[0] ^= 1;
    return true;
}

static void leaf_hash(uint64_t index, uint8_t out[32])
{
    uint8_t leaf[2] = {(uint8_t)(index >> 8), (uint8_t)index};
    sb_leaf_hash(sb_slice_of(leaf, 2), out);
}

static bool read_leaf(void *arg, uint64_t index, sb_hash32 *out)
{
    (void)arg;
    leaf_hash(index, out->b);
    return index < LEAVES;
}

static const sb_tile_reader READER = {.read = read_tile};

/* A proof of the script's making: a right one with changes, or its own bytes. */
static void bend(sb_proof *proof, sb_script *s)
{
    for (uint8_t n = sb_script_u8(s) % 4; n > 0; n--) {
        uint8_t how = sb_script_u8(s);
        if (how < 64 && proof->count > 0)
            proof->hashes[sb_script_below(s, proof->count)].b[sb_script_u8(s) % 32] ^= 1;
        else if (how < 128 && proof->count > 0)
            proof->count--;
        else if (how < 192 && proof->count < SB_PROOF_HASHES_MAX)
            memset(&proof->hashes[proof->count++], sb_script_u8(s), sizeof proof->hashes[0]);
    }
}

static bool same(const sb_proof *a, const sb_proof *b)
{
    return a->count == b->count &&
           memcmp(a->hashes, b->hashes, a->count * sizeof a->hashes[0]) == 0;
}

static bool inclusion(sb_script *s)
{
    sb_proof right, proof;
    uint8_t root[32], leaf[32];
    uint64_t index = sb_script_u16(s) % LEAVES, size = 1 + sb_script_u16(s) % LEAVES;
    uint64_t said = sb_script_u8(s) < 192 ? index : sb_script_u64(s),
             said_size = sb_script_u8(s) < 192 ? size : sb_script_u64(s);
    if (index >= size || sb_tree_inclusion(&tree, index, size, READER, &right, NULL) != SB_OK ||
        sb_tree_root_at(&tree, size, READER, root, NULL) != SB_OK)
        return false;
    leaf_hash(index, leaf);
    sb_fuzz_must(sb_verify_inclusion(leaf, index, size, right.hashes, right.count, root));
    proof = right;
    bend(&proof, s);
    bool holds = sb_verify_inclusion(leaf, said, said_size, proof.hashes, proof.count, root);
    sb_fuzz_must(!holds || same(&proof, &right));
    sb_fuzz_must(!holds || (said < said_size &&
                            (said != index || said_size != size || same(&proof, &right))));
    if (said == index && said_size == size)
        sb_fuzz_must(holds == same(&proof, &right));
    return holds;
}

static bool consistency(sb_script *s)
{
    sb_proof right, proof;
    uint8_t root_m[32], root_n[32];
    uint64_t m = 1 + sb_script_u16(s) % LEAVES, n = 1 + sb_script_u16(s) % LEAVES;
    if (m > n || sb_tree_consistency(&tree, m, n, READER, &right, NULL) != SB_OK ||
        sb_tree_root_at(&tree, m, READER, root_m, NULL) != SB_OK ||
        sb_tree_root_at(&tree, n, READER, root_n, NULL) != SB_OK)
        return false;
    sb_fuzz_must(sb_verify_consistency(m, root_m, n, root_n, right.hashes, right.count));
    proof = right;
    bend(&proof, s);
    bool holds = sb_verify_consistency(m, root_m, n, root_n, proof.hashes, proof.count);
    sb_fuzz_must(holds == same(&proof, &right));
    root_m[sb_script_u8(s) % 32] ^= 1;
    sb_fuzz_must(!sb_verify_consistency(m, root_m, n, root_n, right.hashes, right.count));
    (void)sb_verify_consistency(sb_script_u64(s), root_m, sb_script_u64(s), root_n, proof.hashes,
                                proof.count);
    return holds;
}

/* Wrong tiles give an error or another root, never a crash. */
static bool load(sb_script *s)
{
    static sb_tree loaded;
    uint8_t root[32], wanted[32];
    uint64_t size = sb_script_u8(s) < 224 ? sb_script_u16(s) % (LEAVES + 1) : sb_script_u64(s);
    wrong = sb_script_u8(s) % 2 == 0 ? s : NULL;
    sb_err err = sb_tree_load(&loaded, size, READER, (sb_leaf_reader){.read = read_leaf}, NULL);
    bool was_wrong = wrong != NULL;
    wrong = NULL;
    if (err != SB_OK)
        return false;
    sb_tree_root(&loaded, root);
    if (!was_wrong && size <= LEAVES && sb_tree_root_at(&tree, size, READER, wanted, NULL) == SB_OK)
        sb_fuzz_must(memcmp(root, wanted, 32) == 0);
    return true;
}

static bool paths(sb_script *s)
{
    char path[SB_BUNDLE_PATH_BYTES_MAX];
    uint64_t index = sb_script_u64(s);
    uint32_t width = 1 + (uint32_t)sb_script_u8(s);
    sb_bundle_tile_path(sb_script_u8(s) % 2 == 0, (uint32_t)sb_script_below(s, SB_TREE_LEVELS),
                        index, width, path);
    sb_fuzz_must(strlen(path) < sizeof path && strncmp(path, "tile/", 5) == 0 &&
                 strstr(path, "..") == NULL);
    return true;
}

static bool one(sb_slice input)
{
    sb_script s = sb_script_over(input);
    bool accepted = false;
    for (uint64_t i = tree.size; i < LEAVES; i++) {
        uint8_t hash[32];
        leaf_hash(i, hash);
        sb_tree_append(&tree, hash, keep_tile, NULL);
    }
    while (sb_script_left(&s) > 0) {
        uint8_t op = sb_script_u8(&s) % 4;
        bool ok = op == 0   ? inclusion(&s)
                  : op == 1 ? consistency(&s)
                  : op == 2 ? load(&s)
                            : paths(&s);
        accepted = accepted || ok;
    }
    return accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){256 * 1024, 64}); /* they ask for nothing */
}
