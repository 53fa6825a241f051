/* dstack-audit: subcommands and options; the stages in order. */
#include <stdio.h>
#include <string.h>

#include "report/report.h"

#define VERSION "0.1.0"

int main(int argc, char **argv)
{
    if (argc < 3 || strcmp(argv[1], "scan") != 0) {
        fprintf(stderr, "usage: dstack-audit scan PATH [options]\n");
        return 2;
    }
    struct arena arena = {0};
    struct catalogue catalogue = {0};
    struct repo repo = {.arena = &arena};
    struct facts facts = {0};
    struct verdicts verdicts = {0};
    catalogue_load(&catalogue, &arena);
    if (!repo_read(&repo, argv[2], &(struct repo_options){0}))
        return 2;
    facts_collect(&facts, &repo, &catalogue);
    checks_run(&facts, &verdicts);
    struct result result = {&repo, &facts, &verdicts, &arena};
    struct buf out = {0};
    report_json(&result, &out);
    buf_write(&out, 1);
    buf_free(&out);
    catalogue_free(&catalogue);
    arena_free(&arena);
    return 0;
}
