#include "progress.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { FIRST_AFTER_MS = 700, EVERY_MS = 500 };

static const char *volatile current = "";
static volatile sig_atomic_t shown;
static bool enabled;

static void put(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        enabled = false;
}

/* A signal handler: write() and nothing else. The stages need not know of it, nor a thread be started. */
static void tick(int signal)
{
    (void)signal;
    static const char *const marks[] = {"   ", ".  ", ".. ", "..."};
    put("\r\033[Kdstack-audit: ");
    put(current);
    put(marks[shown % 4]);
    shown = shown % 4 + 1;
}

static void set_timer(long first, long every)
{
    struct itimerval t = {.it_value = {first / 1000, first % 1000 * 1000}, .it_interval = {every / 1000, every % 1000 * 1000}};
    setitimer(ITIMER_REAL, &t, NULL);
}

void progress_begin(const char *stage, bool quiet)
{
    current = stage;
    enabled = !quiet && isatty(STDERR_FILENO) != 0;
    if (!enabled)
        return;
    struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    enabled = sigaction(SIGALRM, &action, NULL) == 0;
    if (enabled)
        set_timer(FIRST_AFTER_MS, EVERY_MS);
}

void progress_stage(const char *stage)
{
    current = stage;
}

void progress_end(void)
{
    if (!enabled)
        return;
    set_timer(0, 0);
    if (shown != 0)
        put("\r\033[K");
    enabled = false;
    shown = 0;
}
