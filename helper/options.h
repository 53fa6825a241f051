/* What the user asked for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "report/report.h"

enum { EXIT_DONE = 0, EXIT_FAIL_ON = 1, EXIT_USAGE = 2, EXIT_NOTHING = 3, EXIT_INCOMPLETE = 4, EXIT_BUG = 70 };

enum {
    APP_COMPOSES = 64, /* app-compose files in one call: more authorised hashes than any app has shown */
    ARGUMENTS = 1000,  /* words behind the first: findings documents to merge */
};

struct options {
    const char *command;
    const char *target;        /* PATH, or what the command takes: a rule id, a finding id; NULL where absent */
    const char *more[ARGUMENTS]; size_t n_more; /* further arguments */
    const char *target_name;   /* shown instead of `target`; NULL where absent */
    const char *format;        /* NULL: text on a terminal, JSON otherwise */
    const char *app_composes[APP_COMPOSES]; size_t n_app_composes;
    bool fails; enum severity fail_on;
    bool strict, quiet, drop_accepted;
    bool draft; /* leave the report to be completed in the current folder */
    const char *color; /* auto, always, never; NULL = auto */
    const char *output_dir, *baseline, *accept_file, *today, *findings, *path_prefix;
    struct report_options report;
};

/* Reads the command line. Returns -1 to go on, or the exit code when there is nothing left to do
 * (--help, --version, a usage error with its message on stderr). */
int options_read(struct options *o, int argc, char **argv);

/* An existing path that is the target or lies below it, links followed. */
bool lies_in_target(const struct options *o, const char *path);
/* YYYY-MM-DD: such dates compare as texts. */
bool is_date(sv s);

#endif
