#include "input/load.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"

enum { READ_STEP = 64 << 10 };

/* Appends up to `most` bytes; false with errno. Loops until the end of the file: a size seen
 * before may be wrong by now. */
static bool read_some(int fd, struct buf *b, size_t most)
{
    while (most != 0) {
        size_t step = most < READ_STEP ? most : READ_STEP;
        ssize_t n = read(fd, buf_room(b, step), step);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        b->n += (size_t)n;
        most -= (size_t)n;
    }
    return true;
}

/* Bytes of one unit of UTF-16 or UTF-32 with a byte order mark, else 0. */
static size_t wide_unit(sv head, bool *big_endian)
{
    *big_endian = sv_starts(head, SV("\xFE\xFF")) || sv_starts(head, SV("\0\0\xFE\xFF"));
    if (sv_starts(head, SV("\xFF\xFE\0\0")) || sv_starts(head, SV("\0\0\xFE\xFF")))
        return 4;
    return sv_starts(head, SV("\xFF\xFE")) || sv_starts(head, SV("\xFE\xFF")) ? 2 : 0;
}

static bool known_binary_suffix(sv path)
{
    static const char suffixes[] = " png jpg jpeg gif webp ico bmp tiff pdf zip gz tgz bz2 xz zst 7z rar tar "
                                   "jar war wasm so dylib dll exe o a class pyc woff woff2 ttf otf eot mp3 mp4 "
                                   "mov avi webm wav ogg flac sqlite sqlite3 db parquet onnx safetensors pt pkl "
                                   "npy npz der p12 pfx jks ";
    sv base = path_base(path);
    size_t dot = sv_rfind_char(base, '.');
    char word[16] = " ";
    size_t n = dot == SV_NOT_FOUND ? 0 : base.n - dot - 1;
    if (n == 0 || n > sizeof word - 3)
        return false;
    memcpy(word + 1, base.p + dot + 1, n);
    word[n + 1] = ' ';
    return sv_ifind(sv_from(suffixes), (sv){word, n + 2}) != SV_NOT_FOUND;
}

/* Whether the first bytes are no text in any encoding people write programs in. A picture's suffix
 * alone does not decide: what is valid UTF-8 can be run, whatever it is called. */
static bool looks_binary(sv head, sv path)
{
    bool big_endian;
    if (wide_unit(head, &big_endian) != 0 || path_names_text(path))
        return false;
    if (sv_find_char(head, '\0') != SV_NOT_FOUND || sv_starts(head, SV("%PDF-")))
        return true;
    size_t invalid = 0, control = 0;
    for (size_t i = 0, size; i < head.n; i += size) {
        unsigned c = utf8_decode(sv_sub(head, i, head.n), &size);
        invalid += c == 0xFFFD && size == 1 && i + 4 <= head.n;
        control += c < 0x20 && c != 0x1B && (c < '\t' || c > '\r');
    }
    return invalid != 0 && (known_binary_suffix(path) || control * 32 > head.n);
}

static unsigned wide_at(const unsigned char *p, size_t unit, bool big_endian)
{
    unsigned c = 0;
    for (size_t i = 0; i < unit; i++)
        c |= (unsigned)p[i] << 8 * (big_endian ? unit - 1 - i : i);
    return c;
}

static sv utf8_from_wide(struct arena *a, sv raw, size_t unit, bool big_endian)
{
    const unsigned char *p = (const unsigned char *)raw.p;
    char *text = arena_array(a, char, raw.n * 2 + 8); /* a unit of 2 bytes gives at most 3 */
    size_t n = 0;
    for (size_t i = unit; i < raw.n; i += unit) {
        unsigned c = i + unit <= raw.n ? wide_at(p + i, unit, big_endian) : 0xFFFD;
        if (unit == 2 && c >= 0xD800 && c < 0xDC00 && i + 4 <= raw.n) {
            unsigned low = wide_at(p + i + 2, 2, big_endian);
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        if ((c >= 0xD800 && c < 0xE000) || c > 0x10FFFF)
            c = 0xFFFD;
        n += utf8_encode(c, text + n);
    }
    return (sv){text, n};
}

static void note(struct source *s, enum oddity o, size_t at)
{
    if ((s->oddities & 1u << o) != 0)
        return;
    s->oddities |= 1u << o;
    s->odd_at[o] = at;
}

static bool is_word_byte(sv text, size_t at)
{
    return at < text.n && sv_is_ident((sv){text.p + at, 1});
}

/* Zero-width characters belong into emoji and several scripts; between two ASCII letters they only
 * split a word for those who search for it. */
static bool is_invisible(sv text, size_t at, size_t size, unsigned c, unsigned before)
{
    if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069))
        return true;
    if (c >= 0xE0000 && c <= 0xE007F)
        return before != 0x1F3F4 && (before < 0xE0000 || before > 0xE007F); /* flags of regions */
    bool zero_width = (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF || c == 0xAD;
    return zero_width && at > 0 && is_word_byte(text, at - 1) && is_word_byte(text, at + size);
}

void mark_oddities(struct source *s)
{
    sv text = s->text;
    unsigned before = 0;
    for (size_t i = 0, size = 1; i < text.n; i += size) {
        unsigned char byte = (unsigned char)text.p[i];
        size = 1;
        if (byte == '\0')
            note(s, ODD_NUL, i);
        else if (byte == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n'))
            note(s, ODD_LONE_CR, i);
        if (byte < 0x80)
            continue;
        unsigned c = utf8_decode(sv_sub(text, i, text.n), &size);
        if (c == 0xFFFD && size == 1)
            note(s, ODD_INVALID_UTF8, i);
        else if (is_invisible(text, i, size, c, before))
            note(s, ODD_INVISIBLE, i);
        before = c;
    }
    for (size_t i = 0; i < s->lines.n; i++) {
        size_t end = i + 1 < s->lines.n ? s->lines.at[i + 1] : text.n;
        if (end - s->lines.at[i] > LIMIT_LINE_BYTES)
            note(s, ODD_LONG_LINE, s->lines.at[i]);
    }
}

static struct source *source_of(struct repo *r, sv path, sv raw)
{
    bool big_endian;
    size_t unit = wide_unit(raw, &big_endian);
    struct source *s = arena_new(r->arena, struct source);
    s->arena = r->arena;
    s->path = path;
    if (unit != 0) {
        s->text = utf8_from_wide(r->arena, raw, unit, big_endian);
        note(s, ODD_UTF16, 0);
    } else {
        s->text = sv_copy(r->arena, raw);
        if (sv_starts(raw, SV("\xEF\xBB\xBF"))) {
            s->text = sv_sub(s->text, 3, s->text.n);
            note(s, ODD_UTF8_BOM, 0);
        }
    }
    s->lines = lines_of(r->arena, s->text);
    mark_oddities(s);
    classify(s);
    return s;
}

enum load load_file(struct repo *r, int fd, sv path, struct buf *scratch, struct source **out)
{
    scratch->n = 0;
    if (!read_some(fd, scratch, READ_STEP))
        return LOAD_FAILED;
    if (looks_binary(sv_sub(buf_view(scratch), 0, LIMIT_SNIFF_BYTES), path))
        return LOAD_BINARY;
    if (sv_starts(buf_view(scratch), SV("version https://git-lfs.github.com/spec/")))
        return LOAD_LFS_POINTER;
    if (!read_some(fd, scratch, (size_t)LIMIT_FILE_BYTES + 1 - scratch->n))
        return LOAD_FAILED;
    if (scratch->n > LIMIT_FILE_BYTES)
        return LOAD_TOO_LARGE;
    if (scratch->n > LIMIT_KEPT_BYTES - r->bytes_read)
        return LOAD_KEPT_LIMIT;
    *out = source_of(r, path, buf_view(scratch));
    r->bytes_read += scratch->n;
    r->files_read++;
    return LOAD_TEXT;
}
