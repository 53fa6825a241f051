/* Replays the inputs of the fuzzers, so that what they once found stays found without clang. */
#define LLVMFuzzerTestOneInput fuzz_yaml
#include "../fuzz/fuzz_yaml.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_json
int fuzz_json(const uint8_t *data, size_t size);
#include "../fuzz/fuzz_json.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_dockerfile
int fuzz_dockerfile(const uint8_t *data, size_t size);
#include "../fuzz/fuzz_dockerfile.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_shell
int fuzz_shell(const uint8_t *data, size_t size);
#include "../fuzz/fuzz_shell.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_code
int fuzz_code(const uint8_t *data, size_t size);
#include "../fuzz/fuzz_code.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_interp
int fuzz_interp(const uint8_t *data, size_t size);
#include "../fuzz/fuzz_interp.c"
#undef LLVMFuzzerTestOneInput

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tree_test.h"

static void replay_file(const char *path, int (*target)(const uint8_t *, size_t))
{
    enum { MOST = 1 << 20 };
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uint8_t *bytes = malloc(MOST);
    assert_non_null(bytes);
    size_t n = fread(bytes, 1, MOST, f);
    fclose(f);
    assert_int_equal(target(bytes, n), 0);
    for (size_t cut = 0; cut < n && n < 2000; cut++) /* and every beginning of it */
        assert_int_equal(target(bytes, cut), 0);
    free(bytes);
}

static void replay(const char *name, int (*target)(const uint8_t *, size_t))
{
    char path[600];
    snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t files = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", name, entry->d_name);
        replay_file(path, target);
        files++;
    }
    closedir(dir);
    assert_true(files >= 3);
}

static void yaml(void **state)
{
    (void)state;
    replay("yaml", fuzz_yaml);
}

static void json(void **state)
{
    (void)state;
    replay("json", fuzz_json);
}

static void dockerfile(void **state)
{
    (void)state;
    replay("dockerfile", fuzz_dockerfile);
}

static void shell(void **state)
{
    (void)state;
    replay("shell", fuzz_shell);
}

static void code(void **state)
{
    (void)state;
    replay("code", fuzz_code);
}

static void interp(void **state)
{
    (void)state;
    replay("interp", fuzz_interp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml),
        cmocka_unit_test(json),
        cmocka_unit_test(dockerfile),
        cmocka_unit_test(shell),
        cmocka_unit_test(code),
        cmocka_unit_test(interp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
