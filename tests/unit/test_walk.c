#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "input/load.h"

/* Each test builds a tree in a folder of its own and reads it. */
struct world { char dir[64]; struct arena arena; struct repo repo; };

static int set_up(void **state)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    strcpy(w.dir, "/tmp/dstack-walk-XXXXXX");
    w.repo.arena = &w.arena;
    *state = &w;
    return mkdtemp(w.dir) == NULL || chdir(w.dir) != 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    char command[256];
    arena_free(&w->arena);
    snprintf(command, sizeof command, "chmod -R u+rwx '%s'; rm -rf '%s'", w->dir, w->dir);
    return chdir("/") != 0 || system(command) != 0;
}

static void put(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

#define PUT(path, text) put((path), (text), sizeof(text) - 1)

static struct repo *walk(struct world *w)
{
    assert_true(repo_read(&w->repo, ".", &(struct repo_options){.app_compose = SV_NONE}));
    return &w->repo;
}

static const struct skip *skip_of(const struct repo *r, const char *path)
{
    for (size_t i = 0; i < r->skipped.n; i++)
        if (sv_eq(r->skipped.at[i]->path, sv_from(path)))
            return r->skipped.at[i];
    return NULL;
}

static void assert_skipped(const struct repo *r, const char *path, const char *reason)
{
    const struct skip *s = skip_of(r, path);
    assert_non_null(s);
    assert_true(sv_eq(s->reason, sv_from(reason)));
    assert_null(repo_find(r, sv_from(path)));
}

static bool limit_hit(const struct repo *r, const char *limit)
{
    for (size_t i = 0; i < r->limits.n; i++)
        if (sv_eq(r->limits.at[i]->message, sv_from(limit)))
            return true;
    return false;
}

static void files_come_in_byte_order_of_whole_paths(void **state)
{
    mkdir("a", 0700);
    mkdir("a/b", 0700);
    PUT("a/b/c.py", "x\n");
    PUT("a.py", "x\n");
    PUT("a-b.py", "x\n");
    PUT("a0.py", "x\n");
    PUT("a/z.py", "x\n");
    PUT("\xC3\xA4.py", "x\n");
    struct repo *r = walk(*state);
    assert_int_equal(r->files.n, 6);
    assert_int_equal(r->files_seen, 6);
    assert_int_equal(r->files_read, 6);
    for (size_t i = 1; i < r->files.n; i++)
        assert_true(sv_cmp(r->files.at[i - 1]->path, r->files.at[i]->path) < 0);
    for (size_t i = 0; i < r->files.n; i++)
        assert_ptr_equal(repo_find(r, r->files.at[i]->path), r->files.at[i]);
    assert_null(repo_find(r, SV("a")));
    assert_null(repo_find(r, SV("")));
}

static void links_and_special_files_are_named_and_left_alone(void **state)
{
    struct world *w = *state;
    PUT("real.py", "x\n");
    assert_int_equal(symlink("/etc/passwd", "out.py"), 0);
    assert_int_equal(symlink(".", "loop"), 0);
    assert_int_equal(symlink("../..", "up"), 0);
    assert_int_equal(mkfifo("pipe.py", 0600), 0);
    struct repo *r = walk(w);
    assert_int_equal(r->files.n, 1);
    assert_skipped(r, "out.py", "symlink");
    assert_true(sv_eq(skip_of(r, "out.py")->detail, SV("/etc/passwd")));
    assert_skipped(r, "loop", "symlink");
    assert_skipped(r, "up", "symlink");
    assert_skipped(r, "pipe.py", "special");
    assert_int_equal(r->files_seen, 5);
}

static void unreadable_entries_are_recorded(void **state)
{
    if (getuid() == 0)
        skip();
    mkdir("shut", 0);
    PUT("shut.py", "x\n");
    chmod("shut.py", 0);
    struct repo *r = walk(*state);
    assert_skipped(r, "shut", "unreadable");
    assert_skipped(r, "shut.py", "unreadable");
}

static void deep_trees_end(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < LIMIT_WALK_DEPTH + 20; i++) {
        assert_int_equal(mkdir("d", 0700), 0);
        assert_int_equal(chdir("d"), 0);
    }
    PUT("x.py", "x\n");
    assert_int_equal(chdir(w->dir), 0);
    struct repo *r = walk(w);
    assert_int_equal(r->files.n, 0);
    assert_true(limit_hit(r, "walk-depth"));
    assert_int_equal(r->skipped.n, 1);
    assert_true(sv_eq(r->skipped.at[0]->reason, SV("depth")));
}

static void long_paths_end(void **state)
{
    char name[201];
    memset(name, 'n', 200);
    name[200] = '\0';
    for (int i = 0; i <= LIMIT_PATH_BYTES / 201; i++) {
        assert_int_equal(mkdir(name, 0700), 0);
        assert_int_equal(chdir(name), 0);
    }
    PUT("x.py", "x\n");
    struct world *w = *state;
    assert_int_equal(chdir(w->dir), 0);
    struct repo *r = walk(w);
    assert_int_equal(r->files.n, 0);
    assert_true(limit_hit(r, "path-bytes"));
}

/* Links are entries as files are, and cheaper to make. */
static void trees_without_end_end(void **state)
{
    char name[32];
    for (int i = 0; i < LIMIT_FILES + 10; i++) {
        snprintf(name, sizeof name, "%06d", i);
        assert_int_equal(symlink("nowhere", name), 0);
    }
    struct repo *r = walk(*state);
    assert_true(limit_hit(r, "files"));
    assert_true(r->files_seen <= LIMIT_FILES);
}

static void memory_for_texts_ends(void **state)
{
    struct world *w = *state;
    struct buf scratch = {0};
    struct source *s = NULL;
    PUT("a.py", "0123456789");
    int fd = open("a.py", O_RDONLY);
    w->repo.bytes_read = LIMIT_KEPT_BYTES - 9;
    assert_int_equal(load_file(&w->repo, fd, SV("a.py"), &scratch, &s), LOAD_KEPT_LIMIT);
    w->repo.bytes_read--;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(load_file(&w->repo, fd, SV("a.py"), &scratch, &s), LOAD_TEXT);
    close(fd);
    buf_free(&scratch);
}

/* A NUL byte makes a file binary only where it stands among the first bytes. */
static void only_the_first_bytes_are_sniffed(void **state)
{
    char text[LIMIT_SNIFF_BYTES + 2];
    memset(text, 'x', sizeof text);
    text[LIMIT_SNIFF_BYTES] = '\0';
    put("late", text, sizeof text);
    text[LIMIT_SNIFF_BYTES - 1] = '\0';
    put("early", text, sizeof text);
    struct repo *r = walk(*state);
    assert_non_null(repo_find(r, SV("late")));
    assert_skipped(r, "early", "binary");
}

static void large_texts_and_binaries_are_told_apart(void **state)
{
    int fd = open("big.py", O_WRONLY | O_CREAT, 0600);
    char chunk[1 << 16];
    memset(chunk, 'x', sizeof chunk);
    for (size_t i = 0; i <= LIMIT_FILE_BYTES / sizeof chunk; i++)
        assert_int_equal(write(fd, chunk, sizeof chunk), sizeof chunk);
    close(fd);
    fd = open("sparse.bin", O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(fd, (off_t)LIMIT_FILE_BYTES * 64), 0);
    close(fd);
    PUT("data", "ELF\0\1\2");
    PUT("photo.png", "print('run me')\n");
    PUT("model.bin", "\x80\x81\x82\x83\x84\x85\x86\x01\x02\x03\x04 more");
    PUT("latin1", "caf\xE9 au lait\n");
    PUT("weights.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    PUT("empty.py", "");
    struct repo *r = walk(*state);
    assert_skipped(r, "big.py", "too-large");
    assert_true(limit_hit(r, "file-bytes"));
    assert_skipped(r, "sparse.bin", "binary");
    assert_skipped(r, "data", "binary");
    assert_skipped(r, "model.bin", "binary");
    assert_skipped(r, "weights.txt", "lfs-pointer");
    assert_non_null(repo_find(r, SV("photo.png")));
    assert_non_null(repo_find(r, SV("latin1")));
    assert_int_equal(repo_find(r, SV("empty.py"))->text.n, 0);
    assert_int_equal(repo_find(r, SV("empty.py"))->lines.n, 1);
}

static bool is_odd(const struct source *s, enum oddity o, size_t at)
{
    return (s->oddities & 1u << o) != 0 && s->odd_at[o] == at;
}

static void hidden_text_is_read_and_marked(void **state)
{
    static char line[LIMIT_LINE_BYTES + 10];
    memset(line, 'x', sizeof line);
    line[0] = '\n';
    put("long.js", line, sizeof line);
    PUT("nul.js", "a // \0 b\n");
    PUT("little.py", "\xFF\xFE" "a\0\n\0\x3D\xD8\x00\xDE");
    PUT("big.py", "\xFE\xFF\0a\0");
    PUT("four.py", "\xFF\xFE\0\0a\0\0\0");
    PUT("bom.json", "\xEF\xBB\xBF{}");
    PUT("cr.py", "a\rb\r\nc");
    PUT("bad.py", "ab\xC0\xAF");
    PUT("bidi.py", "ab\xE2\x80\xAE");
    PUT("zero.py", "ver\xE2\x80\x8Bify");
    PUT("plain.py", "# \xE2\x80\x8B \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB a\r\n");
    struct repo *r = walk(*state);
    assert_true(is_odd(repo_find(r, SV("long.js")), ODD_LONG_LINE, 1));
    assert_true(is_odd(repo_find(r, SV("nul.js")), ODD_NUL, 5));
    assert_true(is_odd(repo_find(r, SV("little.py")), ODD_UTF16, 0));
    assert_true(sv_eq(repo_find(r, SV("little.py"))->text, SV("a\n\xF0\x9F\x98\x80")));
    assert_true(sv_eq(repo_find(r, SV("big.py"))->text, SV("a\xEF\xBF\xBD")));
    assert_true(sv_eq(repo_find(r, SV("four.py"))->text, SV("a")));
    assert_true(is_odd(repo_find(r, SV("bom.json")), ODD_UTF8_BOM, 0));
    assert_true(sv_eq(repo_find(r, SV("bom.json"))->text, SV("{}")));
    assert_true(is_odd(repo_find(r, SV("cr.py")), ODD_LONE_CR, 1));
    assert_int_equal(repo_find(r, SV("cr.py"))->lines.n, 2);
    assert_true(is_odd(repo_find(r, SV("bad.py")), ODD_INVALID_UTF8, 2));
    assert_true(is_odd(repo_find(r, SV("bidi.py")), ODD_INVISIBLE, 2));
    assert_true(is_odd(repo_find(r, SV("zero.py")), ODD_INVISIBLE, 3));
    assert_int_equal(repo_find(r, SV("plain.py"))->oddities, 0);
}

static void hostile_names_are_escaped_in_notes(void **state)
{
    assert_int_equal(symlink("a\nb", "x\x1B[2J\n::error::"), 0);
    struct repo *r = walk(*state);
    assert_int_equal(r->skipped.n, 1);
    assert_true(sv_eq(r->skipped.at[0]->path, SV("x\\u{001B}[2J\\u{000A}::error::")));
    assert_true(sv_eq(r->skipped.at[0]->detail, SV("a\\u{000A}b")));
}

#define HEX "0123456789abcdef0123456789abcdef01234567"

static void the_commit_is_read_as_data(void **state)
{
    struct world *w = *state;
    static const struct { const char *head, *loose, *packed, *commit; } cases[] = {
        {HEX "\n", "", "", HEX},
        {"ref: refs/heads/main\n", HEX "\n", "", HEX},
        {"ref: refs/heads/main\n", "", "# pack-refs\n" HEX " refs/heads/main\n", HEX},
        {"ref: refs/heads/main\n", "", HEX " refs/heads/main2\n", ""},
        {"ref: refs/../../secret\n", "", "", ""},
        {"ref: /etc/passwd\n", "", "", ""},
        {"garbage", "", "", ""},
    };
    mkdir(".git", 0700);
    mkdir(".git/refs", 0700);
    mkdir(".git/refs/heads", 0700);
    PUT("secret", HEX "\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(".git/HEAD", cases[i].head, strlen(cases[i].head));
        put(".git/refs/heads/main", cases[i].loose, strlen(cases[i].loose));
        put(".git/packed-refs", cases[i].packed, strlen(cases[i].packed));
        w->repo = (struct repo){.arena = &w->arena};
        struct repo *r = walk(w);
        assert_true(sv_eq(r->commit, sv_from(cases[i].commit)));
        assert_true(r->shallow_git);
        assert_int_equal(r->files.n, 1);
    }
    unlink(".git/HEAD");
    assert_int_equal(symlink("../secret", ".git/HEAD"), 0);
    w->repo = (struct repo){.arena = &w->arena};
    assert_int_equal(walk(w)->commit.n, 0);
}

static void nested_repositories_are_not_entered(void **state)
{
    mkdir("sub", 0700);
    mkdir("sub/.git", 0700);
    PUT("sub/.git/config", "[core]\n");
    PUT("sub/a.py", "x\n");
    struct repo *r = walk(*state);
    assert_skipped(r, "sub/.git", "git-metadata");
    assert_non_null(repo_find(r, SV("sub/a.py")));
    assert_false(r->shallow_git);
}

static void only_large_dependency_trees_are_left_out(void **state)
{
    char path[64];
    mkdir("node_modules", 0700);
    mkdir("web", 0700);
    mkdir("web/node_modules", 0700);
    PUT("web/node_modules/small.js", "x\n");
    for (int i = 0; i <= LIMIT_DEPENDENCY_FILES; i++) {
        snprintf(path, sizeof path, "node_modules/%d.js", i);
        PUT(path, "");
    }
    struct repo *r = walk(*state);
    assert_skipped(r, "node_modules", "dependency-tree");
    assert_int_equal(r->files.n, 1);
    assert_true(r->files.at[0]->vendored);
}

static void a_single_file_is_a_target_too(void **state)
{
    struct world *w = *state;
    mkdir("a", 0700);
    PUT("a/docker-compose.yml", "services:\n");
    assert_true(repo_read(&w->repo, "a/docker-compose.yml", &(struct repo_options){.app_compose = SV_NONE}));
    assert_int_equal(w->repo.files.n, 1);
    assert_true(sv_eq(w->repo.files.at[0]->path, SV("docker-compose.yml")));
    assert_int_equal(w->repo.files.at[0]->kind, SOURCE_COMPOSE);
    assert_true(sv_eq(w->repo.name, SV("docker-compose.yml")));
}

static void the_given_app_compose_stands_beside_the_tree(void **state)
{
    struct world *w = *state;
    mkdir("a", 0700);
    PUT("saved.txt", "{\"allowed_envs\":[]}");
    struct repo_options o = {.app_compose = SV("saved.txt"), .target_name = SV("git@host:org/app.git")};
    assert_true(repo_read(&w->repo, "a", &o));
    assert_int_equal(w->repo.files.n, 0);
    assert_int_equal(w->repo.given->kind, SOURCE_APP_COMPOSE);
    assert_int_equal(w->repo.given->scope, SCOPE_PROD);
    assert_true(sv_eq(w->repo.name, SV("app")));
    assert_true(sv_eq(w->repo.root, SV("git@host:org/app.git")));
}

static void what_cannot_be_opened_ends_the_run(void **state)
{
    struct world *w = *state;
    struct repo_options none = {.app_compose = SV_NONE}, missing = {.app_compose = SV("missing.json")};
    mkfifo("pipe", 0600);
    assert_false(repo_read(&w->repo, "missing", &none));
    assert_false(repo_read(&w->repo, "pipe", &none));
    assert_false(repo_read(&w->repo, ".", &missing));
}

static void limits_are_recorded_once(void **state)
{
    struct world *w = *state;
    char path[32];
    for (int i = 0; i < 2; i++)
        repo_limit(&w->repo, SV("a"), "files");
    assert_int_equal(w->repo.limits.n, 1);
    for (int i = 0; i < LIMIT_NOTES * 2; i++) {
        snprintf(path, sizeof path, "%d", i);
        repo_limit(&w->repo, sv_from(path), "file-bytes");
    }
    assert_int_equal(w->repo.limits.n, LIMIT_NOTES + 1);
    repo_diag(&w->repo, SV("a\nb"), 3, "bad %s", "\x1B");
    assert_true(sv_eq(w->repo.diags.at[0]->path, SV("a\\u{000A}b")));
    assert_true(sv_eq(w->repo.diags.at[0]->message, SV("bad \\u{001B}")));
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(files_come_in_byte_order_of_whole_paths),
        IN_WORLD(links_and_special_files_are_named_and_left_alone),
        IN_WORLD(unreadable_entries_are_recorded),
        IN_WORLD(deep_trees_end),
        IN_WORLD(long_paths_end),
        IN_WORLD(trees_without_end_end),
        IN_WORLD(memory_for_texts_ends),
        IN_WORLD(only_the_first_bytes_are_sniffed),
        IN_WORLD(large_texts_and_binaries_are_told_apart),
        IN_WORLD(hidden_text_is_read_and_marked),
        IN_WORLD(hostile_names_are_escaped_in_notes),
        IN_WORLD(the_commit_is_read_as_data),
        IN_WORLD(nested_repositories_are_not_entered),
        IN_WORLD(only_large_dependency_trees_are_left_out),
        IN_WORLD(a_single_file_is_a_target_too),
        IN_WORLD(the_given_app_compose_stands_beside_the_tree),
        IN_WORLD(what_cannot_be_opened_ends_the_run),
        IN_WORLD(limits_are_recorded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
