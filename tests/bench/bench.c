/* What `make bench` runs:
 *   bench floor PATH          walks, opens and reads every file once and counts lines: what any auditor must pay
 *   bench rules PATH          reads and matches all rules as the helper does, without the analysis behind it
 *   bench compare RUNS NAME COMMAND... -- NAME COMMAND... [-- …]
 *                             each command RUNS times, interleaved so that drift hits all alike; medians
 * in milliseconds, and ratios to the first. Commands write to nowhere; a failing one (exit above 1) ends it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rule/rule.h"

/* ---- floor ----------------------------------------------------------------------------------------- */

static char block[1 << 20];
static size_t lines_seen, files_seen;

static void read_through(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    files_seen++;
    for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;)
        for (const char *p = block, *end = block + n; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
            lines_seen++;
    close(fd);
}

static void floor_folder(int fd)
{
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        close(fd);
        return;
    }
    for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            floor_folder(openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        else if (S_ISREG(st.st_mode))
            read_through(fd, e->d_name);
    }
    closedir(dir);
}

static int floor_of(const char *path)
{
    floor_folder(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    printf("%zu files, %zu lines\n", files_seen, lines_seen);
    return files_seen == 0;
}

/* ---- rules ----------------------------------------------------------------------------------------- */

static int rules_of(const char *path)
{
    struct arena rules = {0}, run = {0};
    struct catalogue catalogue = {0};
    struct repo repo = {.arena = &run};
    struct repo_options options = {0};
    struct hits hits = {0};
    catalogue_load(&catalogue, &rules);
    if (!repo_read(&repo, path, &options))
        return 2;
    match_all(&repo, &catalogue, &hits);
    printf("%zu hits in %zu files\n", hits.all.n, repo.files.n);
    catalogue_free(&catalogue);
    arena_free(&run);
    arena_free(&rules);
    return 0;
}

/* ---- compare --------------------------------------------------------------------------------------- */

enum { CASES = 8, RUNS = 101 };
struct sample { double wall, cpu; };
struct timed { const char *name; char **command; struct sample samples[RUNS], median; };

static double ms(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static struct sample run_once(const struct timed *t)
{
    struct timespec from, to;
    struct rusage usage;
    int status = 0;
    clock_gettime(CLOCK_MONOTONIC, &from);
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_RDWR);
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        execvp(t->command[0], t->command);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        fprintf(stderr, "bench: %s failed\n", t->name);
        exit(1);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    double wall = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
    return (struct sample){wall, ms(usage.ru_utime) + ms(usage.ru_stime)};
}

static int by_size(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static struct sample median_of(const struct timed *t, size_t runs)
{
    double wall[RUNS], cpu[RUNS];
    for (size_t i = 0; i < runs; i++)
        wall[i] = t->samples[i].wall, cpu[i] = t->samples[i].cpu;
    qsort(wall, runs, sizeof *wall, by_size);
    qsort(cpu, runs, sizeof *cpu, by_size);
    return (struct sample){wall[runs / 2], cpu[runs / 2]};
}

static int compare(size_t runs, char **words)
{
    static struct timed cases[CASES];
    size_t n = 0;
    while (*words != NULL && n < CASES) {
        cases[n].name = *words++;
        cases[n++].command = words;
        while (*words != NULL && strcmp(*words, "--") != 0)
            words++;
        if (*words != NULL)
            *words++ = NULL;
    }
    if (runs == 0 || runs > RUNS || n == 0)
        return 2;
    for (size_t i = 0; i < runs; i++)
        for (size_t k = 0; k < n; k++)
            cases[k].samples[i] = run_once(&cases[k]);
    for (size_t k = 0; k < n; k++) {
        struct sample m = cases[k].median = median_of(&cases[k], runs);
        printf("  %-28s %9.1f ms wall %9.1f ms cpu %8.1fx wall %8.1fx cpu\n", cases[k].name, m.wall, m.cpu,
               m.wall / cases[0].median.wall, m.cpu / cases[0].median.cpu);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "floor") == 0)
        return floor_of(argv[2]);
    if (argc == 3 && strcmp(argv[1], "rules") == 0)
        return rules_of(argv[2]);
    if (argc > 4 && strcmp(argv[1], "compare") == 0)
        return compare((size_t)strtoul(argv[2], NULL, 10), argv + 3);
    fputs("usage: bench floor PATH | rules PATH | compare RUNS NAME COMMAND... -- ...\n", stderr);
    return 2;
}
