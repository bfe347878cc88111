/* SHA-256 by the processor's own instructions, where it has them: the linker puts these in the place of
 * libsodium's (--wrap), whose are written in C. The state is libsodium's, so that either can go on with
 * what the other began; without such instructions libsodium's are called. simulate compares both. */
#include "tests/sim/world_hash.h"

#include <sodium.h>
#include <string.h>

int __real_crypto_hash_sha256_update(crypto_hash_sha256_state *state, const unsigned char *in,
                                     unsigned long long len);
int __real_crypto_hash_sha256_final(crypto_hash_sha256_state *state, unsigned char *out);
int __wrap_crypto_hash_sha256_update(crypto_hash_sha256_state *state, const unsigned char *in,
                                     unsigned long long len);
int __wrap_crypto_hash_sha256_final(crypto_hash_sha256_state *state, unsigned char *out);

#if defined(__x86_64__)
#include <immintrin.h>

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

__attribute__((target("sha,sse4.1"))) static void blocks(uint32_t state[8], const uint8_t *in,
                                                         size_t count)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i abcd = _mm_loadu_si128((const void *)state);
    __m128i efgh = _mm_loadu_si128((const void *)(state + 4));
    __m128i cdab = _mm_shuffle_epi32(abcd, 0xB1), hgfe = _mm_shuffle_epi32(efgh, 0x1B);
    __m128i s0 = _mm_alignr_epi8(cdab, hgfe, 8), s1 = _mm_blend_epi16(hgfe, cdab, 0xF0);
    for (; count > 0; count--, in += 64) {
        __m128i before0 = s0, before1 = s1, m[4];
        for (int i = 0; i < 4; i++)
            m[i] = _mm_shuffle_epi8(_mm_loadu_si128((const void *)(in + 16 * i)), swap);
        for (int i = 0; i < 16; i++) {
            __m128i w = m[i & 3];
            if (i >= 4) {
                __m128i seven = _mm_alignr_epi8(m[(i + 3) & 3], m[(i + 2) & 3], 4);
                w = _mm_sha256msg1_epu32(w, m[(i + 1) & 3]);
                w = _mm_sha256msg2_epu32(_mm_add_epi32(w, seven), m[(i + 3) & 3]);
                m[i & 3] = w;
            }
            __m128i k = _mm_add_epi32(w, _mm_loadu_si128((const void *)(K + 4 * i)));
            s1 = _mm_sha256rnds2_epu32(s1, s0, k);
            s0 = _mm_sha256rnds2_epu32(s0, s1, _mm_shuffle_epi32(k, 0x0E));
        }
        s0 = _mm_add_epi32(s0, before0);
        s1 = _mm_add_epi32(s1, before1);
    }
    __m128i feba = _mm_shuffle_epi32(s0, 0x1B), dchg = _mm_shuffle_epi32(s1, 0xB1);
    _mm_storeu_si128((void *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

static bool has_instructions(void)
{
    static int known;
    if (known == 0) {
        __builtin_cpu_init();
        unsigned a, b, c, d;
        __asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(7), "c"(0));
        known = (b >> 29 & 1) != 0 && __builtin_cpu_supports("sse4.1") ? 1 : 2;
    }
    return known == 1;
}
#else
static bool has_instructions(void)
{
    return false;
}
static void blocks(uint32_t state[8], const uint8_t *in, size_t count)
{
    (void)state, (void)in, (void)count;
}
#endif

int __wrap_crypto_hash_sha256_update(crypto_hash_sha256_state *state, const unsigned char *in,
                                     unsigned long long len)
{
    if (!has_instructions())
        return __real_crypto_hash_sha256_update(state, in, len);
    size_t held = (size_t)(state->count >> 3 & 63);
    state->count += len << 3;
    if (held + len < 64) {
        memcpy(state->buf + held, in, (size_t)len);
        return 0;
    }
    if (held > 0) {
        memcpy(state->buf + held, in, 64 - held);
        blocks(state->state, state->buf, 1);
        in += 64 - held;
        len -= 64 - held;
    }
    blocks(state->state, in, (size_t)len / 64);
    memcpy(state->buf, in + (len & ~63ull), (size_t)len & 63);
    return 0;
}

int __wrap_crypto_hash_sha256_final(crypto_hash_sha256_state *state, unsigned char *out)
{
    if (!has_instructions())
        return __real_crypto_hash_sha256_final(state, out);
    size_t held = (size_t)(state->count >> 3 & 63);
    state->buf[held++] = 0x80;
    if (held > 56) {
        memset(state->buf + held, 0, 64 - held);
        blocks(state->state, state->buf, 1);
        held = 0;
    }
    memset(state->buf + held, 0, 56 - held);
    for (int i = 0; i < 8; i++)
        state->buf[56 + i] = (uint8_t)(state->count >> (56 - 8 * i));
    blocks(state->state, state->buf, 1);
    for (int i = 0; i < 32; i++)
        out[i] = (uint8_t)(state->state[i / 4] >> (24 - 8 * (i % 4)));
    return 0;
}

bool sw_hash_holds(void)
{
    unsigned char bytes[300], ours[32], theirs[32];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + 1);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        crypto_hash_sha256_state a;
        crypto_hash_sha256_init(&a);
        __wrap_crypto_hash_sha256_update(&a, bytes, len / 3);
        __wrap_crypto_hash_sha256_update(&a, bytes + len / 3, len - len / 3);
        __wrap_crypto_hash_sha256_final(&a, ours);
        crypto_hash_sha256(theirs, bytes, len); /* libsodium's own: nobody wraps that */
        if (memcmp(ours, theirs, 32) != 0)
            return false;
    }
    return true;
}
