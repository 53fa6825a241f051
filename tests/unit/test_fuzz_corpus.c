#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>

#include "../fuzz/targets.h"

/* Runs from the project's folder, as tests/run.sh does. */
static size_t replay(const struct fuzz_target *t)
{
    static char bytes[1 << 20];
    char folder[128], path[512];
    size_t files = 0;
    snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", t->name);
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        FILE *f = fopen(path, "rb");
        assert_non_null(f);
        size_t n = fread(bytes, 1, sizeof bytes, f);
        fclose(f);
        fuzz_run(t, bytes, n);
        for (size_t cut = n; cut > 0; cut = cut * 7 / 8) /* truncated inputs are inputs too */
            fuzz_run(t, bytes, cut - 1);
        files++;
    }
    closedir(d);
    return files;
}

static void every_parser_survives_its_corpus(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fuzz_targets / sizeof *fuzz_targets; i++)
        assert_true(replay(&fuzz_targets[i]) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_parser_survives_its_corpus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
