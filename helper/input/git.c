/* The commit of a checkout, read as data: git itself would run what the checkout's .git/config names. */
#include <fcntl.h>
#include <unistd.h>

#include "input/load.h"

enum { REF_BYTES = 4096, PACKED_BYTES = 8 << 20 };

int open_inside(int dir, const char *name, int more_flags)
{
    return openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | more_flags);
}

/* The file at `path` below `dir`, each part opened without following links; SV_NONE where that fails. */
static sv read_below(struct arena *a, int dir, sv path, size_t most)
{
    int at = dup(dir);
    while (at >= 0 && path.p != NULL) {
        sv part = sv_cut(&path, '/');
        bool plain = part.n != 0 && !sv_eq(part, SV(".")) && !sv_eq(part, SV(".."));
        int next = plain ? open_inside(at, sv_copy(a, part).p, path.p == NULL ? 0 : O_DIRECTORY) : -1;
        close(at);
        at = next;
    }
    if (at < 0)
        return SV_NONE;
    struct buf b = {0};
    ssize_t n = 1;
    while (n > 0 && b.n < most) {
        n = read(at, buf_room(&b, REF_BYTES), REF_BYTES);
        b.n += n > 0 ? (size_t)n : 0;
    }
    close(at);
    sv text = n < 0 ? SV_NONE : sv_copy(a, buf_view(&b));
    buf_free(&b);
    return text;
}

sv git_commit(struct arena *a, int git_dir)
{
    sv head = sv_trim(read_below(a, git_dir, SV("HEAD"), REF_BYTES));
    if (sv_is_hex(head, 40))
        return head;
    if (!sv_starts(head, SV("ref: refs/")))
        return SV_NONE;
    sv ref = sv_trim(sv_sub(head, 5, head.n));
    sv loose = sv_trim(read_below(a, git_dir, ref, REF_BYTES));
    if (sv_is_hex(loose, 40))
        return loose;
    sv rest = read_below(a, git_dir, SV("packed-refs"), PACKED_BYTES);
    while (rest.p != NULL) {
        sv line = sv_line(&rest);
        sv hex = sv_sub(line, 0, 40);
        if (line.n > 41 && sv_is_hex(hex, 40) && sv_eq(sv_sub(line, 41, line.n), ref))
            return hex;
    }
    return SV_NONE;
}
