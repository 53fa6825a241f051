/* dstack-audit: the stages in order. */
#include <stdio.h>
#include <string.h>

#include "outputs.h"

/* One run: everything lives in its arena. */
struct audit {
    struct arena arena;
    struct catalogue catalogue;
    struct repo repo;
    struct facts facts;
    struct verdicts verdicts;
    struct result result;
};

static bool audit_read(struct audit *a, const struct options *o)
{
    a->repo.arena = &a->arena;
    struct repo_options from = {.app_compose = o->n_app_composes == 0 ? SV_NONE : sv_from(o->app_composes[0]),
                                .target_name = sv_from(o->target_name)};
    return repo_read(&a->repo, o->target, &from);
}

static void audit_judge(struct audit *a)
{
    facts_collect(&a->facts, &a->repo, &a->catalogue);
    checks_run(&a->facts, &a->verdicts);
    a->result = (struct result){.repo = &a->repo, .facts = &a->facts, .verdicts = &a->verdicts, .arena = &a->arena};
    report_prepare(&a->result);
}

static bool is_auditable(const struct repo *r)
{
    for (size_t i = 0; i < r->files.n; i++)
        if (r->files.at[i]->kind != SOURCE_OTHER && r->files.at[i]->kind != SOURCE_DOC)
            return true;
    return false;
}

static int exit_code(const struct audit *a, const struct options *o)
{
    if (!is_auditable(&a->repo)) {
        fprintf(stderr, "dstack-audit: nothing to audit: no compose file, app-compose.json, Dockerfile or code found\n");
        return EXIT_NOTHING;
    }
    if (o->strict && is_incomplete(&a->result)) {
        fprintf(stderr, "dstack-audit: incomplete: see coverage for what was left unexamined\n");
        return EXIT_INCOMPLETE;
    }
    for (size_t i = 0; o->fails && i < a->verdicts.findings.n; i++)
        if (a->verdicts.findings.at[i]->severity >= o->fail_on && a->verdicts.findings.at[i]->suppressed.p == NULL)
            return EXIT_FAIL_ON;
    return EXIT_DONE;
}

static int command_scan(struct audit *a, const struct options *o)
{
    if (!audit_read(a, o))
        return EXIT_USAGE;
    audit_judge(a);
    int failed = outputs_write(&a->result, o);
    return failed != 0 ? failed : exit_code(a, o);
}

static int command_files(struct audit *a, const struct options *o)
{
    if (!audit_read(a, o))
        return EXIT_USAGE;
    struct buf out = {0};
    for (size_t i = 0; i < a->repo.files.n; i++) {
        const struct source *s = a->repo.files.at[i];
        buf_printf(&out, "%s %s %s %s%s\n", source_kind_name(s->kind), lang_name(s->lang), scope_name(s->scope),
                   text_escape(&a->arena, s->path).p, s->vendored ? " (vendored)" : "");
    }
    for (size_t i = 0; i < a->repo.skipped.n; i++)
        buf_printf(&out, "skipped %s %s\n", text_escape(&a->arena, a->repo.skipped.at[i]->reason).p,
                   text_escape(&a->arena, a->repo.skipped.at[i]->path).p);
    return output_print(&out);
}

static int command_rules(struct audit *a, const struct options *o)
{
    struct buf out = {0};
    bool markdown = strcmp(o->format, "markdown") == 0;
    report_rules(&a->catalogue, markdown ? RULES_MARKDOWN : strcmp(o->format, "json") == 0 ? RULES_JSON : RULES_TEXT, &out);
    return output_print(&out);
}

static int command_explain(struct audit *a, const struct options *o)
{
    struct buf out = {0};
    if (report_explain(&a->catalogue, sv_from(o->target), &out))
        return output_print(&out);
    fprintf(stderr, "dstack-audit: no rule has the id: %s\nSee 'dstack-audit rules'.\n", o->target);
    return EXIT_USAGE;
}

static int command_patterns(struct audit *a, const struct options *o)
{
    (void)o;
    struct buf out = {0};
    report_search_patterns(&a->catalogue, &out);
    return output_print(&out);
}

static const struct subcommand {
    const char *name;
    const char *takes; /* what the first argument is; "PATH" may be left out; NULL: none needed */
    int (*run)(struct audit *a, const struct options *o);
} commands[] = {
    {"scan", "PATH", command_scan},
    {"files", "PATH", command_files},
    {"rules", NULL, command_rules},
    {"explain", "the id of a rule", command_explain},
    {"patterns", NULL, command_patterns},
};

static int run(struct audit *a, struct options *o)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, o->command) != 0)
            continue;
        if (o->target == NULL && commands[i].takes != NULL && strcmp(commands[i].takes, "PATH") == 0)
            o->target = ".";
        if (commands[i].takes != NULL && o->target == NULL) {
            fprintf(stderr, "dstack-audit: %s needs %s\n", o->command, commands[i].takes);
            return EXIT_USAGE;
        }
        catalogue_load(&a->catalogue, &a->arena);
        return commands[i].run(a, o);
    }
    fprintf(stderr, "dstack-audit: unknown command: %s\nTry 'dstack-audit --help'.\n", o->command);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int code = options_read(&options, argc, argv);
    if (code >= 0)
        return code;
    struct audit audit = {0};
    code = run(&audit, &options);
    catalogue_free(&audit.catalogue);
    arena_free(&audit.arena);
    return code;
}
