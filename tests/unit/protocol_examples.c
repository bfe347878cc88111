#include "tests/unit/protocol_examples.h"

#include "proto/base/hash.h"
#include "proto/merkle/proof.h"
#include "proto/wire/entry.h"
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

enum { NAME_WIDTH = 24, LINE_BYTES = 64 };

void put_hex(sb_buf *out, const char *name, sb_slice bytes)
{
    char hex[2 * LINE_BYTES + 1];
    for (size_t at = 0; at < bytes.len; at += LINE_BYTES) {
        size_t left = bytes.len - at;
        sb_hex(sb_slice_of(bytes.data + at, left < LINE_BYTES ? left : LINE_BYTES), hex);
        sb_buf_printf(out, "%-*s%s\n", NAME_WIDTH, at == 0 ? name : "", hex);
    }
}

void put_hash(sb_buf *out, const char *name, const uint8_t hash[32])
{
    put_hex(out, name, sb_slice_of(hash, 32));
}

void put_proof(sb_buf *out, const char *name, const sb_proof *proof)
{
    for (uint32_t i = 0; i < proof->count; i++)
        put_hash(out, i == 0 ? name : "", proof->hashes[i].b);
}

static uint64_t varint(sb_slice bytes, size_t *at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        assert_true(*at < bytes.len && shift < 64);
        uint8_t byte = bytes.data[(*at)++];
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

void put_payload(sb_buf *out, const char *name, sb_slice payload)
{
    for (size_t at = 0, next = 0; at < payload.len; at = next) {
        uint64_t tag = varint(payload, &next), value = varint(payload, &next);
        if ((tag & 7) == 2)
            next += value;
        assert_true(next <= payload.len);
        put_hex(out, at == 0 ? name : "", sb_slice_of(payload.data + at, next - at));
    }
}

void put_text(sb_buf *out, const char *name, sb_slice text)
{
    sb_buf_printf(out, "```text %s\n", name);
    sb_buf_add(out, text);
    sb_buf_str(out, "```\n");
}

void add_u(sb_buf *out, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        sb_buf_add(out, sb_slice_of((uint8_t[]){(uint8_t)(value >> 8 * i)}, 1));
}

/* ---- trees ---- */

static void put_inclusion(sb_buf *out, const sb_tree *t, uint64_t index, uint64_t size)
{
    sb_proof proof;
    sb_hash32 root, leaf;
    char name[40];
    assert_int_equal(sb_tree_inclusion(t, index, size, (sb_tile_reader){0}, &proof, NULL), SB_OK);
    assert_int_equal(sb_tree_root_at(t, size, (sb_tile_reader){0}, root.b, NULL), SB_OK);
    assert_int_equal(sb_tree_read(t, 0, 0, (uint32_t)index, 1, (sb_tile_reader){0}, &leaf, NULL),
                     SB_OK);
    assert_true(sb_verify_inclusion(leaf.b, index, size, proof.hashes, proof.count, root.b));
    snprintf(name, sizeof name, "inclusion.%u.%u", (unsigned)index, (unsigned)size);
    put_proof(out, name, &proof);
}

static void put_consistency(sb_buf *out, const sb_tree *t, uint64_t from, uint64_t to)
{
    sb_proof proof;
    sb_hash32 old, root;
    char name[40];
    assert_int_equal(sb_tree_consistency(t, from, to, (sb_tile_reader){0}, &proof, NULL), SB_OK);
    assert_int_equal(sb_tree_root_at(t, from, (sb_tile_reader){0}, old.b, NULL), SB_OK);
    assert_int_equal(sb_tree_root_at(t, to, (sb_tile_reader){0}, root.b, NULL), SB_OK);
    assert_true(sb_verify_consistency(from, old.b, to, root.b, proof.hashes, proof.count));
    snprintf(name, sizeof name, "consistency.%u.%u", (unsigned)from, (unsigned)to);
    put_proof(out, name, &proof);
}

/* The leaves that Certificate Transparency's own tests have. */
void put_trees(sb_buf *out)
{
    static const char *const leaves[8] = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
    sb_tree t;
    char name[40];
    sb_tree_init(&t);
    sb_buf_str(out, "**Proofs** in the tree of the eight leaves that stand under *Tree*: "
                    "`inclusion.<index>.<size>`, `consistency.<from>.<to>`, a hash a line.\n"
                    "```hex\n");
    for (size_t i = 0; i < 8; i++) {
        uint8_t bytes[16], hash[32];
        size_t len = strlen(leaves[i]) / 2;
        assert_true(sb_unhex(sb_slice_str(leaves[i]), bytes, len));
        sb_leaf_hash(sb_slice_of(bytes, len), hash);
        sb_tree_append(&t, hash, NULL, NULL);
        snprintf(name, sizeof name, "leaf_hash.%zu", i);
        put_hash(out, name, hash);
    }
    for (uint64_t size = 3; size <= 8; size += size == 5 ? 3 : 1) {
        uint8_t root[32];
        assert_int_equal(sb_tree_root_at(&t, size, (sb_tile_reader){0}, root, NULL), SB_OK);
        snprintf(name, sizeof name, "root.%u", (unsigned)size);
        put_hash(out, name, root);
    }
    put_inclusion(out, &t, 2, 5);
    put_inclusion(out, &t, 4, 5);
    put_inclusion(out, &t, 5, 8);
    put_consistency(out, &t, 3, 5);
    put_consistency(out, &t, 4, 8);
    put_consistency(out, &t, 5, 8);
    sb_buf_str(out, "```\n\n");
}

void put_paths(sb_buf *out)
{
    static const struct {
        bool is_entries;
        uint32_t level, width;
        uint64_t index;
    } tiles[] = {{false, 0, 256, 0}, {false, 0, 256, 1234067}, {false, 0, 112, 273},
                 {false, 1, 17, 1},  {true, 0, 256, 1234067},  {true, 0, 112, 273}};
    sb_buf_str(out, "**Paths** of tiles: level or `entries`, index, width.\n```text paths\n");
    for (size_t i = 0; i < sizeof tiles / sizeof tiles[0]; i++) {
        char path[SB_TILE_PATH_BYTES], level[16];
        sb_tile_path(tiles[i].is_entries, tiles[i].level, tiles[i].index, tiles[i].width, path);
        snprintf(level, sizeof level, "%u", (unsigned)tiles[i].level);
        sb_buf_printf(out, "%s %u %u tile/%s\n", tiles[i].is_entries ? "entries" : level,
                      (unsigned)tiles[i].index, (unsigned)tiles[i].width, path);
    }
    sb_buf_str(out, "```\n\n");
}

void put_hashes(sb_buf *out)
{
    static const char *const clauses[] = {"Avtalen vedtas.", "Den gjelder fra i dag."};
    uint8_t random[32], hash[32], id[32], attached[1][32];
    sb_buf blob;
    sb_buf_init(&blob);
    for (int i = 0; i < 32; i++)
        random[i] = (uint8_t)i;
    sb_buf_add(&blob, sb_slice_of(random, 32));
    sb_buf_str(&blob, "Referatets første merknad");
    sb_hash(sb_buf_slice(&blob), hash);
    memset(id, 0xcc, 32);
    memset(attached[0], 0xaa, 32);
    sb_buf_str(out,
               "**A blob** and its name (prose), and the **wording hash** of two clauses of the "
               "case 32 × `cc`, without anything attached and with the action 32 × `aa`.\n"
               "```hex\n");
    put_hex(out, "blob", sb_buf_slice(&blob));
    put_hash(out, "blob.sha256", hash);
    put_hex(out, "clause.1", sb_slice_str(clauses[0]));
    put_hex(out, "clause.2", sb_slice_str(clauses[1]));
    sb_wording_hash(id, clauses, 2, NULL, 0, hash);
    put_hash(out, "wording", hash);
    sb_wording_hash(id, clauses, 2, (const uint8_t(*)[32])attached, 1, hash);
    put_hash(out, "wording.attached", hash);
    sb_buf_str(out, "```\n\n");
    sb_buf_deinit(&blob);
}
