/* The walk: every entry of the tree becomes a source or a skip with its reason. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/version.h"
#include "input/load.h"

enum entry_kind { ENTRY_FILE, ENTRY_FOLDER, ENTRY_LINK, ENTRY_SPECIAL };

struct entry { sv name; enum entry_kind kind; };
struct entries { VEC(struct entry); };

struct walk {
    struct repo *repo;
    struct buf scratch;
    size_t entries; /* seen so far, folders included */
    bool full;      /* LIMIT_FILES was reached */
    dev_t device;
};

static void skip(struct repo *r, sv path, const char *reason, sv detail)
{
    struct skip *s = vec_new(r->arena, &r->skipped, struct skip);
    s->path = text_escape(r->arena, path);
    s->reason = sv_from(reason);
    s->detail = detail.p == NULL ? SV_NONE : text_escape(r->arena, detail);
}

static enum entry_kind kind_of_mode(mode_t mode)
{
    return S_ISREG(mode) ? ENTRY_FILE : S_ISDIR(mode) ? ENTRY_FOLDER : S_ISLNK(mode) ? ENTRY_LINK : ENTRY_SPECIAL;
}

/* Known before anything is opened: opening a device can have effects of its own. */
static enum entry_kind entry_kind_of(int dir, const struct dirent *d)
{
    struct stat st;
    switch (d->d_type) {
    case DT_REG: return ENTRY_FILE;
    case DT_DIR: return ENTRY_FOLDER;
    case DT_LNK: return ENTRY_LINK;
    case DT_UNKNOWN:
        return fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ? ENTRY_SPECIAL : kind_of_mode(st.st_mode);
    default: return ENTRY_SPECIAL;
    }
}

/* Folders sort as if their name ended in '/': then a walk in this order meets whole paths in byte order. */
static int by_path(const void *x, const void *y)
{
    const struct entry *a = *(const struct entry *const *)x, *b = *(const struct entry *const *)y;
    size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
    int c = memcmp(a->name.p, b->name.p, n);
    if (c != 0)
        return c;
    int after_a = a->name.n > n ? (unsigned char)a->name.p[n] : a->kind == ENTRY_FOLDER ? '/' : 0;
    int after_b = b->name.n > n ? (unsigned char)b->name.p[n] : b->kind == ENTRY_FOLDER ? '/' : 0;
    return after_a - after_b;
}

static void list_folder(struct walk *w, DIR *d, sv path, struct entries *out)
{
    struct arena *a = w->repo->arena;
    struct dirent *e;
    while (!w->full && (e = readdir(d)) != NULL) {
        sv name = sv_from(e->d_name);
        if (sv_eq(name, SV(".")) || sv_eq(name, SV("..")))
            continue;
        w->full = w->entries++ >= LIMIT_FILES;
        if (w->full) {
            repo_limit(w->repo, path, "files");
            break;
        }
        struct entry *entry = vec_new(a, out, struct entry);
        entry->name = sv_copy(a, name);
        entry->kind = entry_kind_of(dirfd(d), e);
    }
    if (out->n != 0)
        qsort(out->at, out->n, sizeof *out->at, by_path);
}

static void take_file(struct walk *w, int dir, const char *name, sv path)
{
    struct repo *r = w->repo;
    struct source *s = NULL;
    struct stat st;
    int fd = open_inside(dir, name, 0);
    if (fd < 0 || fstat(fd, &st) != 0) {
        skip(r, path, "unreadable", sv_from(strerror(errno)));
    } else if (!S_ISREG(st.st_mode)) {
        skip(r, path, "special", SV_NONE); /* exchanged since it was listed */
    } else {
        switch (load_file(r, fd, path, &w->scratch, &s)) {
        case LOAD_TEXT: vec_push(r->arena, &r->files, s); break;
        case LOAD_BINARY: skip(r, path, "binary", SV_NONE); break;
        case LOAD_LFS_POINTER: skip(r, path, "lfs-pointer", SV_NONE); break;
        case LOAD_FAILED: skip(r, path, "unreadable", sv_from(strerror(errno))); break;
        case LOAD_TOO_LARGE:
            skip(r, path, "too-large", SV_NONE);
            repo_limit(r, path, "file-bytes");
            break;
        case LOAD_KEPT_LIMIT:
            skip(r, path, "kept-limit", SV_NONE);
            repo_limit(r, path, "kept-bytes");
            break;
        }
    }
    if (fd >= 0)
        close(fd);
}

static void take_link(struct walk *w, int dir, const char *name, sv path)
{
    char target[LIMIT_PATH_BYTES];
    ssize_t n = readlinkat(dir, name, target, sizeof target);
    skip(w->repo, path, "symlink", n < 0 ? SV_NONE : (sv){target, (size_t)n});
}

/* Folders that tools fill. They are read like others while that is cheap: what is committed there runs too. */
static bool is_dependency_folder(sv name)
{
    return SV_IN(name, SV("node_modules"), SV("bower_components"), SV(".venv"), SV("venv"), SV("site-packages"),
                 SV(".tox"), SV(".nox"), SV(".yarn"), SV(".pnpm-store"), SV(".gradle"), SV("target"), SV(".next"),
                 SV(".terraform"), SV("Pods"), SV(".cargo"), SV(".npm"), SV(".cache"));
}

/* Entries below `dir`, counted until there are more than `most`. Takes `dir`. */
static size_t count_entries(int dir, size_t most, size_t depth)
{
    DIR *d = dir < 0 || depth > LIMIT_WALK_DEPTH ? NULL : fdopendir(dir);
    struct dirent *e;
    size_t n = 0;
    if (d == NULL) {
        if (dir >= 0)
            close(dir);
        return 0;
    }
    while (n <= most && (e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        n++;
        if (entry_kind_of(dirfd(d), e) == ENTRY_FOLDER)
            n += count_entries(open_inside(dirfd(d), e->d_name, O_DIRECTORY), most - (n < most ? n : most), depth + 1);
    }
    closedir(d);
    return n;
}

static void walk_folder(struct walk *w, int fd, sv path, size_t depth);

static void enter_folder(struct walk *w, int dir, const struct entry *e, sv path, size_t depth)
{
    struct repo *r = w->repo;
    struct stat st;
    if (depth > LIMIT_WALK_DEPTH) {
        skip(r, path, "depth", SV_NONE);
        repo_limit(r, path, "walk-depth");
        return;
    }
    int fd = open_inside(dir, e->name.p, O_DIRECTORY);
    if (fd < 0 || fstat(fd, &st) != 0) {
        skip(r, path, "unreadable", sv_from(strerror(errno)));
    } else if (st.st_dev != w->device) {
        skip(r, path, "other-filesystem", SV_NONE);
    } else if (sv_eq(e->name, SV(".git"))) {
        if (depth == 1) {
            r->shallow_git = true;
            r->commit = git_commit(r->arena, fd);
        } else {
            skip(r, path, "git-metadata", SV_NONE);
        }
    } else if (is_dependency_folder(e->name) &&
               count_entries(open_inside(fd, ".", O_DIRECTORY), LIMIT_DEPENDENCY_FILES, depth) > LIMIT_DEPENDENCY_FILES) {
        skip(r, path, "dependency-tree", SV_NONE);
    } else {
        walk_folder(w, fd, path, depth);
        return;
    }
    if (fd >= 0)
        close(fd);
}

/* It quotes what an earlier audit of this folder found, which would be found again in it. */
static bool is_own_report(sv path)
{
    return sv_eq(path, SV(DRAFT_FILE)) || sv_eq(path, SV(DRAFT_BEFORE));
}

static void take_entry(struct walk *w, int dir, const struct entry *e, sv path, size_t depth)
{
    if (e->kind != ENTRY_FOLDER)
        w->repo->files_seen++;
    if (path.n > LIMIT_PATH_BYTES) {
        skip(w->repo, sv_sub(path, 0, LIMIT_SNIPPET_BYTES), "path-too-long", SV_NONE);
        repo_limit(w->repo, sv_sub(path, 0, LIMIT_SNIPPET_BYTES), "path-bytes");
        return;
    }
    if (e->kind == ENTRY_FILE && is_own_report(path)) {
        skip(w->repo, path, "earlier-report", SV_NONE);
        return;
    }
    switch (e->kind) {
    case ENTRY_FILE: take_file(w, dir, e->name.p, path); break;
    case ENTRY_LINK: take_link(w, dir, e->name.p, path); break;
    case ENTRY_SPECIAL: skip(w->repo, path, "special", SV_NONE); break;
    case ENTRY_FOLDER: enter_folder(w, dir, e, path, depth + 1); break;
    }
}

/* Takes `fd`. */
static void walk_folder(struct walk *w, int fd, sv path, size_t depth)
{
    struct arena *a = w->repo->arena;
    struct entries entries = {0};
    DIR *d = fdopendir(fd);
    if (d == NULL) {
        skip(w->repo, path, "unreadable", sv_from(strerror(errno)));
        close(fd);
        return;
    }
    list_folder(w, d, path, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        const struct entry *e = entries.at[i];
        sv below = path.n == 0 ? e->name : sv_printf(a, "%.*s/%.*s", SV_ARG(path), SV_ARG(e->name));
        take_entry(w, dirfd(d), e, below, depth);
    }
    closedir(d);
}

static int by_skip_path(const void *x, const void *y)
{
    return sv_cmp((*(const struct skip *const *)x)->path, (*(const struct skip *const *)y)->path);
}

static bool cannot(struct repo *r, sv path, int error)
{
    fprintf(stderr, "dstack-audit: cannot read '%.*s': %s\n", SV_ARG(text_escape(r->arena, path)), strerror(error));
    return false;
}

/* A file the user names: links are followed, for the user may name one. */
static bool read_given(struct walk *w, sv path, struct source **out)
{
    struct repo *r = w->repo;
    struct stat st;
    int fd = open(sv_copy(r->arena, path).p, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        int error = fd < 0 ? errno : EINVAL;
        if (fd >= 0)
            close(fd);
        return cannot(r, path, error);
    }
    enum load result = load_file(r, fd, path, &w->scratch, out);
    int error = result == LOAD_FAILED ? errno : result == LOAD_TOO_LARGE ? EFBIG : EINVAL;
    close(fd);
    return result == LOAD_TEXT || cannot(r, path, error);
}

static void set_names(struct repo *r, sv root, const struct repo_options *o)
{
    char *resolved = realpath(sv_copy(r->arena, root).p, NULL);
    sv shown = o->target_name.n != 0 ? o->target_name : sv_copy(r->arena, sv_from(resolved));
    free(resolved);
    sv name = path_base(sv_trim_char(shown, '/'));
    size_t colon = sv_rfind_char(name, ':'); /* git@host:name */
    if (o->target_name.n != 0 && colon != SV_NOT_FOUND)
        name = sv_sub(name, colon + 1, name.n);
    if (o->target_name.n != 0 && sv_ends(name, SV(".git")))
        name = sv_sub(name, 0, name.n - 4);
    r->name = sv_copy(r->arena, name);
    r->root = sv_copy(r->arena, o->target_name.n != 0 ? o->target_name : root);
}

static bool read_root(struct walk *w, sv root)
{
    struct repo *r = w->repo;
    struct source *s = NULL;
    struct stat st;
    int fd = open(sv_copy(r->arena, root).p, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return cannot(r, root, error);
    }
    if (S_ISDIR(st.st_mode)) {
        w->device = st.st_dev;
        walk_folder(w, fd, SV(""), 0);
        return true;
    }
    close(fd);
    r->files_seen = 1;
    if (!read_given(w, root, &s))
        return false;
    s->path = path_base(s->path);
    classify(s);
    vec_push(r->arena, &r->files, s);
    return true;
}

bool repo_read(struct repo *r, const char *root, const struct repo_options *options)
{
    struct walk w = {.repo = r};
    struct source *given = NULL;
    sv from = sv_copy(r->arena, sv_from(root));
    bool ok = read_root(&w, from);
    if (ok && options->app_compose.n != 0) {
        ok = read_given(&w, options->app_compose, &given);
        if (ok) {
            given->kind = SOURCE_APP_COMPOSE;
            given->scope = SCOPE_PROD;
            given->vendored = false;
        }
        r->given = given;
    }
    if (ok)
        set_names(r, from, options);
    if (r->skipped.n != 0)
        qsort(r->skipped.at, r->skipped.n, sizeof *r->skipped.at, by_skip_path);
    buf_free(&w.scratch);
    return ok;
}
