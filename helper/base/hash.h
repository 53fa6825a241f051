/* SHA-256 through libcrypto: this and evidence/ are the only users of <openssl/...>. */
#ifndef HASH_H
#define HASH_H

#include "base/sv.h"

enum { SHA256_BYTES = 32 };

void hash_sha256(sv bytes, unsigned char out[SHA256_BYTES]);
/* 64 lower-case hex digits. */
sv hash_sha256_hex(struct arena *a, sv bytes);

#endif
