/* Statements signed outside entries: a promise, a consent, a withdrawal. A signature holds for the
 * very thing that was signed, by that key, in that federation, and for no other kind. */
#include <stdlib.h>

#include "proto/wire/promise.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void some(sb_script *s, uint8_t *out, size_t len)
{
    sb_slice bytes = sb_script_bytes(s);
    memset(out, 0, len);
    memcpy(out, bytes.data, bytes.len < len ? bytes.len : len);
}

static void some_head(sb_script *s, sb_head *h)
{
    *h = (sb_head){.term = (uint32_t)sb_script_u64(s), .size = sb_script_u64(s)};
    some(s, h->root, 32);
}

typedef struct statements {
    uint8_t federation[32], action[32];
    sb_promise promise;
    sb_consent consent;
    char address[2 * SB_ADDRESS_BYTES_MAX];
} statements;

static void read_all(sb_script *s, statements *x)
{
    some(s, x->federation, 32);
    some(s, x->action, 32);
    x->promise = (sb_promise){.term = (uint32_t)sb_script_u64(s)};
    some(s, x->promise.log_pk, 32);
    some_head(s, &x->promise.seal);
    some_head(s, &x->promise.cosigned);
    sb_slice address = sb_script_bytes(s);
    memset(x->address, 0, sizeof x->address);
    memcpy(x->address, address.data, address.len);
    x->consent =
        (sb_consent){.term = x->promise.term, .address = sb_slice_of(x->address, address.len)};
    memcpy(x->consent.log_pk, x->promise.log_pk, 32);
    some(s, x->consent.curve_pk, 32);
}

/* Of size 0 there is no head, whatever else stands there. */
static bool same_head(const sb_head *a, const sb_head *b)
{
    if (a->size == 0 || b->size == 0)
        return a->size == b->size;
    return a->term == b->term && a->size == b->size && memcmp(a->root, b->root, 32) == 0;
}

static bool one(sb_slice input)
{
    static const uint8_t SEED[32] = {7};
    static sb_secret *key;
    if (key == NULL) {
        sb_fuzz_must(sb_sign_init(NULL) == SB_OK);
        key = sb_secret_from_seed(SEED);
    }
    sb_script s = sb_script_over(input);
    static statements a, b;
    uint8_t sig[3][64];
    const uint8_t *pk = sb_secret_pk(key);
    read_all(&s, &a);
    b = a;
    if (sb_script_u8(&s) % 2 == 0)
        read_all(&s, &b);
    bool has_address = a.consent.address.len > 0 && a.consent.address.len <= SB_ADDRESS_BYTES_MAX;
    sb_fuzz_must(sb_promise_sign(a.federation, &a.promise, key, sig[0], NULL) == SB_OK);
    bool signs = sb_consent_sign(a.federation, &a.consent, key, sig[1], NULL) == SB_OK;
    sb_fuzz_must(signs || !has_address);
    sb_fuzz_must(sb_withdraw_sign(a.federation, a.action, key, sig[2], NULL) == SB_OK);
    bool same_federation = memcmp(a.federation, b.federation, 32) == 0;
    bool same = same_federation && a.promise.term == b.promise.term &&
                memcmp(a.promise.log_pk, b.promise.log_pk, 32) == 0 &&
                same_head(&a.promise.seal, &b.promise.seal) &&
                same_head(&a.promise.cosigned, &b.promise.cosigned);
    sb_fuzz_must(sb_promise_verify(b.federation, &b.promise, pk, sig[0]) == same);
    sb_fuzz_must(sb_withdraw_verify(b.federation, b.action, pk, sig[2]) ==
                 (same_federation && memcmp(a.action, b.action, 32) == 0));
    sb_fuzz_must(!sb_withdraw_verify(a.federation, a.action, pk, sig[0]));
    sb_fuzz_must(!sb_promise_verify(a.federation, &a.promise, pk, sig[2]));
    if (signs) {
        sb_fuzz_must(sb_consent_verify(a.federation, &a.consent, pk, sig[1]));
        sb_fuzz_must(!sb_promise_verify(a.federation, &a.promise, pk, sig[1]));
        sb_fuzz_must(!sb_consent_verify(a.federation, &a.consent, pk, sig[0]));
    }
    int rank = sb_head_rank(&a.promise.seal, &b.promise.seal);
    sb_fuzz_must(rank == -sb_head_rank(&b.promise.seal, &a.promise.seal));
    return same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run(one, data, len, (sb_fuzz_bound){64 * 1024, 16});
}
