#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

/* FIPS 180-4 examples. */
static void sha256_of_the_standard_examples(void **state)
{
    (void)state;
    struct arena a = {0};
    assert_true(sv_eq(hash_sha256_hex(&a, SV("")),
                      SV("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
    assert_true(sv_eq(hash_sha256_hex(&a, SV_NONE),
                      SV("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")));
    assert_true(sv_eq(hash_sha256_hex(&a, SV("abc")),
                      SV("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sha256_of_the_standard_examples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
