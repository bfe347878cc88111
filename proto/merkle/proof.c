#include "proto/merkle/proof.h"

/* RFC 9162 §2.1.3.2, its steps in its order. */
bool sb_verify_inclusion(const uint8_t leaf_hash[32], uint64_t index, uint64_t size,
                         const sb_hash32 *path, size_t path_count, const uint8_t root[32])
{
    if (index >= size)
        return false;
    uint64_t fn = index, sn = size - 1;
    uint8_t r[32];
    memcpy(r, leaf_hash, 32);
    for (size_t i = 0; i < path_count; i++) {
        if (sn == 0)
            return false; /* longer than the tree is high */
        if ((fn & 1) == 1 || fn == sn) {
            sb_node_hash(path[i].b, r, r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sb_node_hash(r, path[i].b, r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(r, root, 32) == 0;
}

static bool is_power_of_two(uint64_t v)
{
    return v != 0 && (v & (v - 1)) == 0;
}

static bool same_size_same_root(uint64_t size, const uint8_t a[32], const uint8_t b[32])
{
    uint8_t empty[32];
    sb_empty_root(empty);
    if (size == 0 && memcmp(a, empty, 32) != 0)
        return false;
    return memcmp(a, b, 32) == 0;
}

/* RFC 9162 §2.1.4.2. */
bool sb_verify_consistency(uint64_t m, const uint8_t root_m[32], uint64_t n,
                           const uint8_t root_n[32], const sb_hash32 *path, size_t path_count)
{
    if (m == n)
        return path_count == 0 && same_size_same_root(m, root_m, root_n);
    /* From size 0 any path fits any root, and an empty path proves nothing. */
    if (m == 0 || m > n || path_count == 0)
        return false;

    /* A complete tree of m leaves is itself the first node of the path. */
    bool is_prepended = is_power_of_two(m);
    const uint8_t *first = is_prepended ? root_m : path[0].b;
    uint64_t fn = m - 1, sn = n - 1;
    while ((fn & 1) == 1) {
        fn >>= 1;
        sn >>= 1;
    }
    uint8_t fr[32], sr[32];
    memcpy(fr, first, 32);
    memcpy(sr, first, 32);
    for (size_t i = is_prepended ? 0 : 1; i < path_count; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) == 1 || fn == sn) {
            sb_node_hash(path[i].b, fr, fr);
            sb_node_hash(path[i].b, sr, sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sb_node_hash(sr, path[i].b, sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && memcmp(fr, root_m, 32) == 0 && memcmp(sr, root_n, 32) == 0;
}
