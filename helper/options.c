/* The command line, the environment and the terminal: the only place that looks at them. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/version.h"

static const char help_text[] =
    "dstack-audit: what can the operator of a dstack app still change, and whom does it reach?\n"
    "\n"
    "usage: dstack-audit scan [PATH] [options]     audit a folder or one file\n"
    "       dstack-audit show ID --findings FILE   one finding of an earlier run; show --leads: all questions\n"
    "       dstack-audit merge FILE...             several findings documents as one\n"
    "       dstack-audit surface PATH              what the operator can set, a table for each deployment\n"
    "       dstack-audit facts PATH                what the repository states, as JSON\n"
    "       dstack-audit files PATH                what was read, and as what\n"
    "       dstack-audit rules                     all rules; --format text, json or markdown\n"
    "       dstack-audit explain RULE              one rule: why, fix, examples\n"
    "       dstack-audit patterns                  what to look for by hand, for ripgrep and grep\n"
    "       dstack-audit covers                    which rules decide which item of the published guidance\n"
    "\n"
    "Every file below PATH is read, hidden and ignored ones too; nothing is run, no link is followed,\n"
    "and no configuration or mark in the audited tree changes the result.\n"
    "\n"
    "  --format FORMAT       text, json, lines, sarif, markdown, github (text on a terminal, else json)\n"
    "  --output-dir DIR      write findings.json, report.md, findings.sarif there; print a summary of 8 KB\n"
    "  --draft               write the report to be completed into the current folder: DSTACK-AUDIT-REPORT.md;\n"
    "                        an earlier one becomes DSTACK-AUDIT-REPORT.before.md\n"
    "  --app-compose FILE    the app-compose.json that is deployed; may lie outside PATH; given several times,\n"
    "                        each authorised version is judged and compared with the one before\n"
    "  --baseline FILE       an earlier findings.json, outside PATH: marks new and unchanged, lists fixed;\n"
    "                        --fail-on then counts new findings only\n"
    "  --accept-file FILE    accepted findings with reason and expiry; must lie outside PATH\n"
    "  --drop-accepted       leave them out of SARIF instead of marking them: GitHub shows marked ones as open\n"
    "  --today YYYY-MM-DD    the day acceptances are measured against\n"
    "  --target-name NAME    shown in reports instead of PATH, e.g. where PATH was fetched from\n"
    "  --path-prefix FOLDER  what PATH is called in its repository: sarif and github name places from the root\n"
    "  --fail-on SEVERITY    exit 1 when a finding of this severity or above remains\n"
    "  --strict              exit 4 when anything was left unexamined\n"
    "  --severity SEVERITY   text views: leave out findings below\n"
    "  --only RULE           text views: this rule alone\n"
    "  --category CATEGORY   text views: this category alone\n"
    "  --leads               text views: list every open question\n"
    "  --color WHEN          auto, always, never (NO_COLOR is honoured)\n"
    "  --quiet               no messages on stderr but errors\n"
    "  --help, --version\n"
    "\n"
    "exit: 0 done, 1 --fail-on reached, 2 usage or environment, 3 nothing to audit, 4 incomplete with\n"
    "--strict, 70 internal error\n";

bool lies_in_target(const struct options *o, const char *path)
{
    char *root = realpath(o->target, NULL), *file = realpath(path, NULL);
    size_t n = root == NULL ? 0 : strlen(root);
    bool inside = root != NULL && file != NULL && strncmp(root, file, n) == 0 && (n == 1 || file[n] == '/' || file[n] == '\0');
    free(root);
    free(file);
    return inside;
}

bool is_date(sv s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((i == 4 || i == 7) ? s.p[i] != '-' : (s.p[i] < '0' || s.p[i] > '9'))
            return false;
    return s.n == 10;
}

static const char *const formats[] = {"text", "json", "lines", "sarif", "markdown", "github", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};

static bool is_one_of(const char *value, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(value, *list) == 0)
            return true;
    return false;
}

static int usage_error(const char *what, const char *which)
{
    fprintf(stderr, "dstack-audit: %s%s%s\nTry 'dstack-audit --help'.\n", what, which == NULL ? "" : ": ",
            which == NULL ? "" : which);
    return EXIT_USAGE;
}

enum option {
    OPT_FORMAT, OPT_APP_COMPOSE, OPT_FAIL_ON, OPT_STRICT, OPT_SEVERITY, OPT_ONLY, OPT_CATEGORY, OPT_COLOR, OPT_QUIET,
    OPT_PATH_PREFIX, OPT_DROP_ACCEPTED, OPT_FINDINGS, OPT_BASELINE, OPT_ACCEPT_FILE, OPT_TODAY, OPT_OUTPUT_DIR, OPT_DRAFT,
    OPT_LEADS, OPT_TARGET_NAME, OPT_HELP, OPT_VERSION,
};

static const struct {
    const char *name;
    enum option option;
    bool takes_value;
} options_known[] = {
    {"--format", OPT_FORMAT, true},     {"--app-compose", OPT_APP_COMPOSE, true},
    {"--fail-on", OPT_FAIL_ON, true},   {"--strict", OPT_STRICT, false},
    {"--severity", OPT_SEVERITY, true}, {"--only", OPT_ONLY, true},
    {"--category", OPT_CATEGORY, true}, {"--color", OPT_COLOR, true},
    {"--quiet", OPT_QUIET, false},      {"--leads", OPT_LEADS, false},
    {"--draft", OPT_DRAFT, false},      {"--drop-accepted", OPT_DROP_ACCEPTED, false},
    {"--path-prefix", OPT_PATH_PREFIX, true},
    {"--help", OPT_HELP, false},        {"-h", OPT_HELP, false},
    {"--version", OPT_VERSION, false},  {"--target-name", OPT_TARGET_NAME, true},  {"--output-dir", OPT_OUTPUT_DIR, true},
    {"--findings", OPT_FINDINGS, true}, {"--baseline", OPT_BASELINE, true},
    {"--accept-file", OPT_ACCEPT_FILE, true}, {"--today", OPT_TODAY, true},
};

static int set_option(struct options *o, enum option option, const char *value)
{
    switch (option) {
    case OPT_FORMAT:
        o->format = value;
        return is_one_of(value, formats) ? -1 : usage_error("unknown format", value);
    case OPT_APP_COMPOSE:
        if (o->n_app_composes == APP_COMPOSES)
            return usage_error("too many --app-compose files", NULL);
        o->app_composes[o->n_app_composes++] = value;
        return -1;
    case OPT_FAIL_ON:
        o->fails = true;
        return severity_from_name(sv_from(value), &o->fail_on) ? -1 : usage_error("unknown severity", value);
    case OPT_SEVERITY:
        return severity_from_name(sv_from(value), &o->report.least) ? -1 : usage_error("unknown severity", value);
    case OPT_ONLY: o->report.only = sv_from(value); return -1;
    case OPT_CATEGORY:
        o->report.category = sv_from(value);
        return category_from_name(o->report.category, &(enum category){CAT_COUNT}) ? -1 : usage_error("unknown category", value);
    case OPT_LEADS: o->report.leads = true; return -1;
    case OPT_COLOR:
        o->color = value;
        return is_one_of(value, colors) ? -1 : usage_error("--color takes auto, always or never, not", value);
    case OPT_FINDINGS: o->findings = value; return -1;
    case OPT_BASELINE: o->baseline = value; return -1;
    case OPT_ACCEPT_FILE: o->accept_file = value; return -1;
    case OPT_TODAY:
        o->today = value;
        return is_date(sv_from(value)) ? -1 : usage_error("--today takes YYYY-MM-DD, not", value);
    case OPT_OUTPUT_DIR: o->output_dir = value; return -1;
    case OPT_TARGET_NAME: o->target_name = value; return -1;
    case OPT_DRAFT: o->draft = true; return -1;
    case OPT_STRICT: o->strict = true; return -1;
    case OPT_PATH_PREFIX: o->path_prefix = value; return -1;
    case OPT_DROP_ACCEPTED: o->drop_accepted = true; return -1;
    case OPT_QUIET: o->quiet = true; return -1;
    case OPT_HELP: fputs(help_text, stdout); return EXIT_DONE;
    case OPT_VERSION: printf("dstack-audit %s\n", VERSION); return EXIT_DONE;
    }
    return -1;
}

/* "--name=value", "--name value"; *at is moved over a value that stands apart. */
static int read_option(struct options *o, int argc, char **argv, int *at)
{
    const char *arg = argv[*at], *equals = strchr(arg, '=');
    size_t n = equals == NULL ? strlen(arg) : (size_t)(equals - arg);
    for (size_t i = 0; i < sizeof options_known / sizeof *options_known; i++) {
        const char *name = options_known[i].name;
        if (strlen(name) != n || strncmp(arg, name, n) != 0)
            continue;
        if (!options_known[i].takes_value)
            return equals == NULL ? set_option(o, options_known[i].option, NULL)
                                  : usage_error("option takes no value", name);
        if (equals != NULL)
            return set_option(o, options_known[i].option, equals + 1);
        if (*at + 1 >= argc)
            return usage_error("option needs a value", name);
        return set_option(o, options_known[i].option, argv[++*at]);
    }
    return usage_error("unknown option", arg);
}

static void look_at_terminal(struct options *o)
{
    bool terminal = isatty(STDOUT_FILENO) != 0;
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    bool plain = term == NULL || strcmp(term, "dumb") == 0;
    bool wish = o->color == NULL || strcmp(o->color, "auto") == 0;
    o->report.color = wish ? terminal && !plain && (no_color == NULL || *no_color == '\0')
                           : strcmp(o->color, "always") == 0;
    o->report.hyperlinks = terminal && o->report.color && !plain;
    struct winsize size = {0};
    if (terminal)
        o->report.width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 ? size.ws_col : 80;
    if (o->format == NULL)
        o->format = terminal ? "text" : "json";
}

int options_read(struct options *o, int argc, char **argv)
{
    bool only_words = false;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (!only_words && strcmp(arg, "--") == 0) {
            only_words = true;
        } else if (!only_words && arg[0] == '-' && arg[1] != '\0') {
            int code = read_option(o, argc, argv, &i);
            if (code >= 0)
                return code;
        } else if (o->command == NULL) {
            o->command = arg;
        } else if (o->target == NULL) {
            o->target = arg;
        } else if (o->n_more < ARGUMENTS) {
            o->more[o->n_more++] = arg;
        } else {
            return usage_error("too many arguments", arg);
        }
    }
    if (o->command == NULL)
        return usage_error("no command", NULL);
    look_at_terminal(o);
    return -1;
}
