/* Looking files up, and the notes other stages leave about what could not be examined. */
#include "input/repo.h"

#include "base/limits.h"

const struct source *repo_find(const struct repo *r, sv path)
{
    size_t low = 0, high = r->files.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = sv_cmp(r->files.at[mid]->path, path);
        if (c == 0)
            return r->files.at[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

void repo_diag(struct repo *r, sv path, size_t line, const char *format, ...)
{
    va_list args;
    struct diag *d = vec_new(r->arena, &r->diags, struct diag);
    va_start(args, format);
    d->message = text_escape(r->arena, sv_vprintf(r->arena, format, args));
    va_end(args);
    d->path = text_escape(r->arena, path);
    d->line = line;
}

void repo_limit(struct repo *r, sv path, const char *limit)
{
    sv message = sv_from(limit);
    if (r->limits.n >= LIMIT_NOTES) /* a hostile tree could hit one in every file */
        path = SV("*");
    path = text_escape(r->arena, path);
    for (size_t i = r->limits.n; i-- > 0;)
        if (sv_eq(r->limits.at[i]->message, message) && sv_eq(r->limits.at[i]->path, path))
            return;
    struct diag *d = vec_new(r->arena, &r->limits, struct diag);
    d->path = path;
    d->message = sv_copy(r->arena, message);
}
