/* dstack-audit: the stages in order. */
#include <stdio.h>
#include <string.h>

#include "accept.h"
#include "outputs.h"
#include "progress.h"
#include "report/document.h"

/* One run: everything lives in its arena. */
struct audit {
    struct arena arena;
    const struct catalogue *catalogue;
    struct repo repo;
    struct facts facts;
    struct verdicts verdicts;
    struct result result;
};

/* `version`: which of the app-compose files the user gave. */
static bool audit_read_version(struct audit *a, const struct options *o, size_t version)
{
    a->repo.arena = &a->arena;
    struct repo_options from = {.app_compose = o->n_app_composes == 0 ? SV_NONE : sv_from(o->app_composes[version]),
                                .target_name = sv_from(o->target_name)};
    progress_begin("reading files", o->quiet);
    bool read = repo_read(&a->repo, o->target, &from);
    progress_end();
    return read;
}

static bool audit_read(struct audit *a, const struct options *o)
{
    return audit_read_version(a, o, 0);
}

static bool audit_judge(struct audit *a, const struct options *o)
{
    progress_begin("collecting facts", o->quiet);
    facts_collect(&a->facts, &a->repo, a->catalogue);
    progress_stage("judging");
    checks_run(&a->facts, &a->verdicts);
    progress_end();
    a->result = (struct result){.repo = &a->repo, .facts = &a->facts, .verdicts = &a->verdicts, .arena = &a->arena,
                                .drop_accepted = o->drop_accepted, .prefix = o->path_prefix == NULL ? SV_NONE : sv_from(o->path_prefix)};
    report_prepare(&a->result);
    if (o->accept_file != NULL && !accept_findings(o, &a->verdicts, &a->arena))
        return false;
    if (o->baseline == NULL)
        return true;
    if (lies_in_target(o, o->baseline)) {
        fprintf(stderr, "dstack-audit: %s: the baseline must lie outside the audited tree: it decides what counts as known\n", o->baseline);
        return false;
    }
    struct cJSON *before = document_read(o->baseline);
    if (before == NULL)
        return false;
    document_compare(before, &a->verdicts, &a->result);
    document_free(before);
    return true;
}

static bool is_auditable(const struct repo *r)
{
    for (size_t i = 0; i < r->files.n; i++)
        if (r->files.at[i]->kind != SOURCE_OTHER && r->files.at[i]->kind != SOURCE_DOC)
            return true;
    return false;
}

/* With a baseline only what is new counts: the rest was known before. */
static bool reaches(const struct verdicts *v, enum severity least)
{
    for (size_t i = 0; i < v->findings.n; i++) {
        const struct finding *f = v->findings.at[i];
        if (f->severity >= least && f->suppressed.p == NULL && !sv_eq(f->baseline, SV("unchanged")))
            return true;
    }
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
    return o->fails && reaches(&a->verdicts, o->fail_on) ? EXIT_FAIL_ON : EXIT_DONE;
}

/* Every authorised app-compose of one app: each judged alone, then compared in the order given. */
static int scan_versions(struct audit *all, const struct options *o)
{
    if (o->output_dir == NULL && strcmp(o->format, "text") != 0 && strcmp(o->format, "json") != 0) {
        fprintf(stderr, "dstack-audit: several --app-compose files are compared as text or json, or written by --output-dir\n");
        return EXIT_USAGE;
    }
    struct version versions[APP_COMPOSES];
    int code = EXIT_DONE;
    for (size_t i = 0; i < o->n_app_composes; i++) {
        if (!audit_read_version(&all[i], o, i) || !audit_judge(&all[i], o))
            return EXIT_USAGE;
        versions[i] = (struct version){&all[i].result, sv_from(o->app_composes[i])};
        int one = exit_code(&all[i], o);
        code = one > code ? one : code;
    }
    int failed = outputs_versions(versions, o->n_app_composes, o);
    return failed != 0 ? failed : code;
}

static int command_scan(struct audit *a, const struct options *o)
{
    if (o->report.only.p != NULL && catalogue_find(a->catalogue, o->report.only) == NULL) {
        fprintf(stderr, "dstack-audit: no rule has the id: %.*s\nSee 'dstack-audit rules'.\n", SV_ARG(o->report.only));
        return EXIT_USAGE;
    }
    if (o->n_app_composes > 1) {
        struct audit *all = arena_array(&a->arena, struct audit, o->n_app_composes);
        for (size_t i = 0; i < o->n_app_composes; i++)
            all[i].catalogue = a->catalogue;
        int code = scan_versions(all, o);
        for (size_t i = 0; i < o->n_app_composes; i++)
            arena_free(&all[i].arena);
        return code;
    }
    if (!audit_read(a, o))
        return EXIT_USAGE;
    if (!audit_judge(a, o))
        return EXIT_USAGE;
    int failed = outputs_write(&a->result, o);
    return failed != 0 ? failed : exit_code(a, o);
}

static int command_facts(struct audit *a, const struct options *o)
{
    if (!audit_read(a, o) || !audit_judge(a, o))
        return EXIT_USAGE;
    struct buf out = {0};
    report_facts(&a->result, &out);
    return output_print(&out);
}

static int command_surface(struct audit *a, const struct options *o)
{
    if (!audit_read(a, o) || !audit_judge(a, o))
        return EXIT_USAGE;
    struct buf out = {0};
    report_surface(&a->result, &out);
    return output_print(&out);
}

static int command_show(struct audit *a, const struct options *o)
{
    if (o->findings == NULL || (o->target == NULL && !o->report.leads)) {
        fprintf(stderr, "dstack-audit: show needs --findings FILE and the id of a finding, or --leads\n");
        return EXIT_USAGE;
    }
    struct cJSON *document = document_read(o->findings);
    if (document == NULL)
        return EXIT_USAGE;
    struct buf out = {0};
    bool found = true;
    if (o->report.leads)
        document_show_leads(&a->arena, document, &out);
    else
        found = document_show(&a->arena, document, sv_from(o->target), &out);
    document_free(document);
    if (!found)
        fprintf(stderr, "dstack-audit: %s holds no finding %s\n", o->findings, o->target);
    return found ? output_print(&out) : EXIT_USAGE;
}

static int command_merge(struct audit *a, const struct options *o)
{
    (void)a;
    struct cJSON *documents[1 + ARGUMENTS];
    size_t n = 0;
    for (size_t i = 0; i <= o->n_more; i++) {
        documents[n] = document_read(i == 0 ? o->target : o->more[i - 1]);
        if (documents[n] == NULL) {
            while (n-- > 0)
                document_free(documents[n]);
            return EXIT_USAGE;
        }
        n++;
    }
    struct buf out = {0};
    documents_merge(documents, n, &out);
    return output_print(&out);
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
    report_rules(a->catalogue, markdown ? RULES_MARKDOWN : strcmp(o->format, "json") == 0 ? RULES_JSON : RULES_TEXT, &out);
    return output_print(&out);
}

static int command_explain(struct audit *a, const struct options *o)
{
    struct buf out = {0};
    if (report_explain(a->catalogue, sv_from(o->target), &out))
        return output_print(&out);
    fprintf(stderr, "dstack-audit: no rule has the id: %s\nSee 'dstack-audit rules'.\n", o->target);
    return EXIT_USAGE;
}

static int command_patterns(struct audit *a, const struct options *o)
{
    (void)o;
    struct buf out = {0};
    report_search_patterns(a->catalogue, &out);
    return output_print(&out);
}

static int command_covers(struct audit *a, const struct options *o)
{
    (void)o;
    struct buf out = {0};
    report_covers(a->catalogue, &out);
    return output_print(&out);
}

static const struct subcommand {
    const char *name;
    const char *takes; /* what the first argument is; "PATH" may be left out; NULL: none needed */
    int (*run)(struct audit *a, const struct options *o);
} commands[] = {
    {"scan", "PATH", command_scan},
    {"facts", "PATH", command_facts},
    {"surface", "PATH", command_surface},
    {"show", NULL, command_show},
    {"merge", "findings documents", command_merge},
    {"files", "PATH", command_files},
    {"rules", NULL, command_rules},
    {"explain", "the id of a rule", command_explain},
    {"patterns", NULL, command_patterns},
    {"covers", NULL, command_covers},
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
    struct arena rules = {0};
    struct catalogue catalogue = {0};
    catalogue_load(&catalogue, &rules);
    struct audit audit = {.catalogue = &catalogue};
    code = run(&audit, &options);
    arena_free(&audit.arena);
    catalogue_free(&catalogue);
    arena_free(&rules);
    return code;
}
