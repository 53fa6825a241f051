/* JSON: cJSON gives the values, a walk over the raw text in step with its tree gives the places
 * and the strictness that cJSON lacks (it takes control characters, leading zeros, duplicate keys,
 * trailing bytes, and cuts a string at \u0000). */
#include "doc/read.h"

#include <string.h>

#include <cjson/cJSON.h>

#include "base/limits.h"
#include "doc/tree.h"

struct json {
    struct tree tree;
    sv text;
    size_t at; /* next byte of the walk */
};

static struct node *walk(struct json *j, const cJSON *item, size_t depth);

static char peek(const struct json *j)
{
    return j->at < j->text.n ? j->text.p[j->at] : '\0';
}

static void skip_space(struct json *j)
{
    while (j->at < j->text.n && strchr(" \t\r\n", j->text.p[j->at]) != NULL)
        j->at++;
}

static bool unexpected(struct json *j)
{
    if (j->at >= j->text.n)
        return tree_error(&j->tree, j->text.n, "not valid JSON: the text ends too early");
    return tree_error(&j->tree, j->at, "not valid JSON: unexpected text");
}

/* Takes `c` behind white space. */
static bool take(struct json *j, char c)
{
    skip_space(j);
    if (j->at < j->text.n && j->text.p[j->at] == c) {
        j->at++;
        return true;
    }
    return false;
}

static unsigned code_unit(sv text, size_t at)
{
    unsigned value = 0;
    for (size_t i = at; i < at + 4 && i < text.n; i++) {
        char c = text.p[i];
        value = value << 4 | (c <= '9' ? (unsigned)(c - '0') : ((unsigned)c | 0x20u) - 'a' + 10u);
    }
    return value;
}

/* One escape; cJSON has seen that it is well formed. */
static bool map_escape(struct json *j, struct mapper *m)
{
    static const char names[] = "\"\\/bfnrt";
    static const char codes[] = "\"\\/\b\f\n\r\t";
    size_t start = j->at;
    char name = start + 1 < j->text.n ? j->text.p[start + 1] : '\0';
    const char *simple = name == '\0' ? NULL : strchr(names, name);
    unsigned code;
    if (simple != NULL) {
        code = (unsigned char)codes[simple - names];
        j->at += 2;
    } else {
        code = code_unit(j->text, start + 2);
        j->at += 6;
        if (code >= 0xD800 && code <= 0xDBFF) {
            code = 0x10000 + ((code & 0x3FF) << 10 | (code_unit(j->text, start + 8) & 0x3FF));
            j->at += 6;
        }
    }
    if (j->at > j->text.n)
        return unexpected(j);
    if (code == 0)
        return tree_error(&j->tree, start, "not valid JSON: \\u0000 in a string");
    char utf8[4];
    mapper_put(m, start, j->at, (sv){utf8, utf8_encode(code, utf8)});
    return true;
}

/* A string token from its quote to its quote, beside its decoded value. */
static bool walk_string(struct json *j, struct mapper *m)
{
    if (!take(j, '"'))
        return unexpected(j);
    for (;;) {
        size_t from = j->at;
        while (j->at < j->text.n && j->text.p[j->at] != '"' && j->text.p[j->at] != '\\' &&
               (unsigned char)j->text.p[j->at] >= 0x20)
            j->at++;
        mapper_copy(m, from, j->at);
        if (peek(j) == '"') {
            j->at++;
            return true;
        }
        if (peek(j) != '\\')
            return j->at < j->text.n ? tree_error(&j->tree, j->at, "not valid JSON: control character in a string")
                                     : unexpected(j);
        if (!map_escape(j, m))
            return false;
    }
}

static struct mapper mapper_for(struct json *j, const char *value)
{
    struct arena *a = j->tree.repo->arena;
    return (struct mapper){.arena = a, .raw = j->text, .value = sv_copy(a, sv_from(value))};
}

static size_t digits(struct json *j)
{
    size_t from = j->at;
    while (peek(j) >= '0' && peek(j) <= '9')
        j->at++;
    return j->at - from;
}

/* RFC 8259, section 6. */
static bool walk_number(struct json *j)
{
    if (peek(j) == '-')
        j->at++;
    bool zero = peek(j) == '0';
    size_t whole = digits(j);
    if (whole == 0 || (zero && whole > 1))
        return unexpected(j);
    if (peek(j) == '.') {
        j->at++;
        if (digits(j) == 0)
            return unexpected(j);
    }
    if (peek(j) == 'e' || peek(j) == 'E') {
        j->at++;
        if (peek(j) == '+' || peek(j) == '-')
            j->at++;
        if (digits(j) == 0)
            return unexpected(j);
    }
    return true;
}

static bool walk_scalar(struct json *j, const cJSON *item, struct node *n)
{
    size_t start = j->at;
    if (cJSON_IsString(item)) {
        struct mapper m = mapper_for(j, item->valuestring);
        if (!walk_string(j, &m))
            return false;
        n->text = m.value;
        n->style = STYLE_JSON_STRING;
        return mapper_finish(&m, n) || tree_error(&j->tree, start, "not valid JSON: unclear string");
    }
    if (cJSON_IsNumber(item)) {
        n->style = STYLE_JSON_NUMBER;
        if (!walk_number(j))
            return false;
    } else {
        sv word = cJSON_IsNull(item) ? SV("null") : cJSON_IsTrue(item) ? SV("true") : SV("false");
        if (!sv_starts(sv_sub(j->text, j->at, j->text.n), word))
            return unexpected(j);
        j->at += word.n;
        n->style = STYLE_JSON_BOOL;
        n->kind = cJSON_IsNull(item) ? NODE_NULL : NODE_SCALAR;
    }
    n->text = sv_sub(j->text, start, j->at);
    return true;
}

/* The entry of a list or map that stands next; NULL after an error. */
static struct node *walk_entry(struct json *j, const cJSON *item, bool keyed, size_t depth)
{
    sv key = SV_NONE;
    struct place key_place = {0};
    if (keyed) {
        skip_space(j);
        struct mapper m = mapper_for(j, item->string);
        struct node named = {0};
        key_place = (struct place){j->tree.src, j->at, j->at};
        if (!walk_string(j, &m))
            return NULL;
        key_place.end = j->at;
        key = m.value;
        if (!mapper_finish(&m, &named) || !take(j, ':')) {
            unexpected(j);
            return NULL;
        }
    }
    struct node *entry = walk(j, item, depth);
    if (entry != NULL) {
        entry->key = key;
        entry->key_place = key_place;
    }
    return entry;
}

static bool walk_entries(struct json *j, const cJSON *item, struct node *n, size_t depth)
{
    bool keyed = cJSON_IsObject(item);
    struct node *last = NULL;
    n->kind = keyed ? NODE_MAP : NODE_LIST;
    if (!take(j, keyed ? '{' : '['))
        return unexpected(j);
    for (const cJSON *child = item->child; child != NULL; child = child->next) {
        if (child != item->child && !take(j, ','))
            return unexpected(j);
        struct node *entry = walk_entry(j, child, keyed, depth + 1);
        if (entry == NULL)
            return false;
        tree_append(n, &last, entry);
    }
    if (!take(j, keyed ? '}' : ']'))
        return unexpected(j);
    return !keyed || tree_unique_keys(&j->tree, n);
}

static struct node *walk(struct json *j, const cJSON *item, size_t depth)
{
    skip_space(j);
    if (depth > LIMIT_TREE_DEPTH) {
        tree_limit(&j->tree, j->at, "LIMIT_TREE_DEPTH");
        return NULL;
    }
    struct node *n = tree_node(&j->tree, NODE_SCALAR, j->at, j->at);
    if (n == NULL)
        return NULL;
    bool ok = cJSON_IsObject(item) || cJSON_IsArray(item) ? walk_entries(j, item, n, depth) : walk_scalar(j, item, n);
    n->place.end = j->at;
    return ok ? n : NULL;
}

/* What cJSON would take and others would not. */
static bool looks_sound(struct json *j)
{
    sv text = j->text;
    if (sv_starts(text, SV("\xEF\xBB\xBF")))
        return tree_error(&j->tree, 0, "not valid JSON: byte order mark");
    size_t nul = sv_find_char(text, '\0');
    if (nul != SV_NOT_FOUND)
        return tree_error(&j->tree, nul, "not valid JSON: NUL byte");
    for (size_t at = 0, size; at < text.n; at += size)
        if (utf8_decode(sv_sub(text, at, text.n), &size) == 0xFFFD && size == 1)
            return tree_error(&j->tree, at, "not valid JSON: invalid UTF-8");
    return true;
}

struct doc *read_json(struct repo *r, const struct source *src)
{
    struct json j = {.tree = {.repo = r, .src = src}, .text = src->text};
    if (!tree_fits(r, src) || !looks_sound(&j))
        return NULL;
    const char *stop = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(src->text.p, src->text.n, &stop, 0);
    if (tree == NULL) {
        j.at = stop == NULL ? 0 : (size_t)(stop - src->text.p);
        unexpected(&j);
        return NULL;
    }
    struct node *root = walk(&j, tree, 1);
    cJSON_Delete(tree);
    skip_space(&j);
    if (root != NULL && j.at < j.text.n) {
        unexpected(&j);
        root = NULL;
    }
    if (root == NULL)
        return NULL;
    struct doc *d = arena_new(r->arena, struct doc);
    *d = (struct doc){src, root, 0, NULL};
    return d;
}
