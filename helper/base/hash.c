#include "base/hash.h"

#include <openssl/sha.h>

void hash_sha256(sv bytes, unsigned char out[SHA256_BYTES])
{
    SHA256((const unsigned char *)(bytes.p == NULL ? "" : bytes.p), bytes.n, out);
}

sv hash_sha256_hex(struct arena *a, sv bytes)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char raw[SHA256_BYTES];
    hash_sha256(bytes, raw);
    char *p = arena_array(a, char, 2 * SHA256_BYTES + 1);
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        p[2 * i] = digits[raw[i] >> 4];
        p[2 * i + 1] = digits[raw[i] & 15];
    }
    return (sv){p, 2 * SHA256_BYTES};
}
