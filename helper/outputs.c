#include "outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/version.h"

typedef void writer(const struct result *r, const struct options *o, struct buf *out);

static void write_json(const struct result *r, const struct options *o, struct buf *out)
{
    (void)o;
    report_json(r, out);
}

static void write_lines(const struct result *r, const struct options *o, struct buf *out)
{
    (void)o;
    report_lines(r, out);
}

static void write_sarif(const struct result *r, const struct options *o, struct buf *out)
{
    (void)o;
    report_sarif(r, out);
}

static void write_markdown(const struct result *r, const struct options *o, struct buf *out)
{
    (void)o;
    report_markdown(r, out);
}

static void write_github(const struct result *r, const struct options *o, struct buf *out)
{
    (void)o;
    report_github(r, out);
}

/* Links in a terminal need the absolute path; no other output depends on where the target lies. */
static void write_text(const struct result *r, const struct options *o, struct buf *out)
{
    struct report_options text = o->report;
    char *absolute = realpath(o->target, NULL);
    if (absolute != NULL)
        text.base_uri = sv_printf(r->arena, "file://%s/", uri_path(r->arena, sv_from(absolute)).p);
    free(absolute);
    report_text(r, &text, out);
}

static const struct {
    const char *format;
    writer *write;
    const char *file; /* its name in --output-dir; NULL: not written there */
} writers[] = {
    {"text", write_text, NULL},
    {"json", write_json, "findings.json"},
    {"lines", write_lines, NULL},
    {"markdown", write_markdown, "report.md"},
    {"sarif", write_sarif, "findings.sarif"},
    {"github", write_github, NULL},
};
enum { WRITERS = sizeof writers / sizeof *writers };

int output_print(struct buf *out)
{
    bool written = buf_write(out, STDOUT_FILENO);
    buf_free(out);
    if (!written)
        perror("dstack-audit: output");
    return written ? EXIT_DONE : EXIT_USAGE;
}

static int cannot_write(const char *path)
{
    fprintf(stderr, "dstack-audit: cannot write %s: %s\n", path, strerror(errno));
    return EXIT_USAGE;
}

/* The folder and those above it. */
static bool make_folder(struct arena *a, const char *path)
{
    char *p = arena_copy(a, path, strlen(path));
    for (char *slash = strchr(p + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(p, 0777) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return *p != '\0' && (mkdir(p, 0777) == 0 || errno == EEXIST);
}

/* Through a name of its own: a reader never sees half a file, and a link that lies there is
 * replaced, not followed. */
static bool write_file(struct arena *a, const char *folder, const char *name, const struct buf *out)
{
    const char *path = sv_printf(a, "%s/%s", folder, name).p;
    const char *part = sv_printf(a, "%s/.%s.%ld", folder, name, (long)getpid()).p;
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return false;
    bool written = buf_write(out, fd);
    written = close(fd) == 0 && written;
    if (!written || rename(part, path) != 0) {
        int reason = errno;
        unlink(part);
        errno = reason;
        return false;
    }
    return true;
}

static int write_folder(const struct result *r, const struct options *o, const char *folder)
{
    if (!make_folder(r->arena, folder))
        return cannot_write(folder);
    if (!o->quiet && lies_in_target(o, folder))
        fprintf(stderr, "dstack-audit: %s lies inside the audited tree: the next audit will read it\n", folder);
    for (size_t i = 0; i < WRITERS; i++) {
        if (writers[i].file == NULL)
            continue;
        struct buf out = {0};
        writers[i].write(r, o, &out);
        bool written = write_file(r->arena, folder, writers[i].file, &out);
        buf_free(&out);
        if (!written)
            return cannot_write(sv_printf(r->arena, "%s/%s", folder, writers[i].file).p);
    }
    return EXIT_DONE;
}

/* Under one fixed name: whoever may run the program, a model that was talked into it too, cannot choose
 * which file it replaces. */
static int write_draft(const struct result *r)
{
    struct buf out = {0};
    report_markdown(r, &out);
    bool written = (rename(DRAFT_FILE, DRAFT_BEFORE) == 0 || errno == ENOENT) &&
                   write_file(r->arena, ".", DRAFT_FILE, &out);
    buf_free(&out);
    return written ? EXIT_DONE : cannot_write(DRAFT_FILE);
}

int outputs_versions(const struct version *v, size_t n, const struct options *o)
{
    struct buf out = {0};
    for (size_t i = 0; o->output_dir != NULL && i < n; i++) {
        int failed = write_folder(v[i].result, o, sv_printf(v[i].result->arena, "%s/%zu", o->output_dir, i + 1).p);
        if (failed != 0)
            return failed;
    }
    int failed = o->draft ? write_draft(v[n - 1].result) : EXIT_DONE; /* the one deployed last */
    if (failed != 0)
        return failed;
    if (o->output_dir == NULL && strcmp(o->format, "json") == 0)
        report_versions_json(v, n, &out);
    else
        report_versions_text(v, n, &out);
    if (o->output_dir != NULL && !write_file(v[0].result->arena, o->output_dir, "changes.txt", &out)) {
        buf_free(&out);
        return cannot_write(o->output_dir);
    }
    return output_print(&out);
}

int outputs_write(const struct result *r, const struct options *o)
{
    struct buf out = {0};
    int failed = o->draft ? write_draft(r) : EXIT_DONE;
    if (failed == 0 && o->output_dir != NULL)
        failed = write_folder(r, o, o->output_dir);
    if (failed != 0)
        return failed;
    if (o->output_dir != NULL) {
        report_summary(r, o->output_dir, o->draft ? "./" DRAFT_FILE : NULL, &out);
        return output_print(&out);
    }
    for (size_t i = 0; i < WRITERS; i++)
        if (strcmp(writers[i].format, o->format) == 0)
            writers[i].write(r, o, &out);
    return output_print(&out);
}
