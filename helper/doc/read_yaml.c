/* YAML through libyaml's events: its tree loader is quadratic in anchors, and its marks count
 * code points and other line ends than '\n', so places are computed here. */
#include "doc/read.h"

#include <string.h>
#include <yaml.h>

#include "base/limits.h"
#include "doc/tree.h"

struct anchor {
    sv name;
    const struct node *node;
    bool open; /* its node is still being read: an alias to it would contain itself */
};

enum { MARK_STEP = 32 }; /* code points between two entries of the index */

struct yaml {
    struct tree tree;
    yaml_parser_t parser;
    yaml_event_t event;
    size_t start;              /* offset of the text behind a BOM */
    const size_t *marks;       /* byte offset of every MARK_STEP-th code point; NULL for ASCII */
    size_t n_marks;
    VEC(struct anchor) anchors; /* of this document */
};

static struct node *read_node(struct yaml *y, size_t depth);

/* ---- places ------------------------------------------------------------------------------- */

static void index_marks(struct yaml *y)
{
    sv text = y->tree.src->text;
    bool ascii = true;
    for (size_t i = 0; i < text.n && ascii; i++)
        ascii = (unsigned char)text.p[i] < 0x80;
    if (ascii)
        return;
    size_t *marks = arena_array(y->tree.repo->arena, size_t, text.n / MARK_STEP + 1);
    size_t count = 0;
    for (size_t at = y->start, size; at < text.n; at += size, count++) {
        if (count % MARK_STEP == 0)
            marks[y->n_marks++] = at;
        utf8_decode(sv_sub(text, at, text.n), &size);
    }
    y->marks = marks;
}

static size_t byte_of(const struct yaml *y, yaml_mark_t mark)
{
    sv text = y->tree.src->text;
    size_t at = y->start + mark.index;
    if (y->marks != NULL) {
        size_t step = mark.index / MARK_STEP;
        if (step >= y->n_marks)
            return text.n;
        at = y->marks[step];
        for (size_t i = mark.index % MARK_STEP, size; i > 0 && at < text.n; i--, at += size)
            utf8_decode(sv_sub(text, at, text.n), &size);
    }
    return at < text.n ? at : text.n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

/* Behind the tag, the anchor and the comments in front of a value. */
static size_t skip_properties(sv text, size_t at, size_t end)
{
    while (at < end) {
        char c = text.p[at];
        if (is_blank(c) || is_break(c))
            at++;
        else if (c == '&' || c == '!')
            while (at < end && !is_blank(text.p[at]) && !is_break(text.p[at]))
                at++;
        else if (c == '#')
            while (at < end && !is_break(text.p[at]))
                at++;
        else
            break;
    }
    return at;
}

/* ---- raw text of scalars to pieces ----------------------------------------------------------- */

/* Decoded bytes of `n` newlines, at most as many as a tree is long. */
static void put_newlines(struct mapper *m, size_t start, size_t end, size_t n)
{
    if (m->lost || n == 0)
        return;
    sv decoded = sv_sub(m->value, m->at, m->at + n);
    for (size_t i = 0; i < decoded.n; i++)
        if (decoded.p[i] != '\n')
            m->lost = true;
    if (decoded.n == n)
        mapper_put(m, start, end, decoded);
    else
        m->lost = true;
}

/* Blanks and line breaks from `at` on: one break folds to a blank, n breaks to n - 1 newlines.
 * `escaped` when a backslash precedes the first break. Returns where the text goes on. */
static size_t map_space(struct mapper *m, size_t at, size_t end, bool escaped)
{
    size_t to = at, breaks = 0;
    if (escaped)
        to++;
    for (; to < end && (is_blank(m->raw.p[to]) || is_break(m->raw.p[to])); to++)
        breaks += m->raw.p[to] == '\n' || (m->raw.p[to] == '\r' && (to + 1 == end || m->raw.p[to + 1] != '\n'));
    if (breaks == 0)
        mapper_copy(m, at, to);
    else if (breaks == 1 && !escaped)
        mapper_put(m, at, to, SV(" "));
    else
        put_newlines(m, at, to, breaks - 1);
    return to;
}

static unsigned hex_value(sv digits)
{
    unsigned value = 0;
    for (size_t i = 0; i < digits.n; i++) {
        char c = digits.p[i];
        unsigned d = c >= '0' && c <= '9' ? (unsigned)(c - '0') : ((unsigned)c | 0x20u) - 'a' + 10u;
        value = value << 4 | (d & 15u);
    }
    return value;
}

/* One backslash escape of a double-quoted scalar. */
static size_t map_escape(struct mapper *m, size_t at, size_t end)
{
    static const char names[] = "0abt\tnvfre \"/\\N_LP";
    static const unsigned short codes[] = {0, 7, 8, 9, 9, 10, 11, 12, 13, 27, ' ', '"', '/', '\\', 0x85, 0xA0, 0x2028, 0x2029};
    if (at + 1 >= end) {
        m->lost = true;
        return end;
    }
    char c = m->raw.p[at + 1];
    if (is_break(c))
        return map_space(m, at, end, true);
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    const char *name = strchr(names, c);
    unsigned code = (unsigned char)c;
    if (digits != 0)
        code = hex_value(sv_sub(m->raw, at + 2, at + 2 + digits));
    else if (name != NULL && *name != '\0')
        code = codes[name - names];
    char utf8[4];
    mapper_put(m, at, at + 2 + digits, (sv){utf8, utf8_encode(code, utf8)});
    return at + 2 + digits;
}

/* Plain and quoted scalars; `quote` is '\0' for plain ones, the quotes are outside [at, end). */
static void map_flow(struct mapper *m, size_t at, size_t end, char quote)
{
    while (at < end && !m->lost) {
        char c = m->raw.p[at];
        size_t from = at;
        if (is_blank(c) || is_break(c)) {
            at = map_space(m, at, end, false);
        } else if (quote == '"' && c == '\\') {
            at = map_escape(m, at, end);
        } else if (quote == '\'' && c == '\'') {
            at += 2;
            mapper_put(m, from, at, SV("'"));
        } else {
            while (at < end && !is_blank(m->raw.p[at]) && !is_break(m->raw.p[at]) &&
                   !(quote == '"' && m->raw.p[at] == '\\') && !(quote == '\'' && m->raw.p[at] == '\''))
                at++;
            mapper_copy(m, from, at);
        }
    }
}

/* End of the line's content and, in *next, start of the next line. */
static size_t line_end(sv raw, size_t at, size_t end, size_t *next)
{
    size_t nl = sv_find_at(sv_sub(raw, 0, end), SV("\n"), at);
    *next = nl == SV_NOT_FOUND ? end : nl + 1;
    size_t to = nl == SV_NOT_FOUND ? end : nl;
    return to > at && raw.p[to - 1] == '\r' ? to - 1 : to;
}

static size_t leading_spaces(sv s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] == ' ')
        n++;
    return n;
}

/* Spaces in front of the first line that has more than spaces; SV_NOT_FOUND without one. */
static size_t first_indent(sv text, size_t at, size_t end)
{
    while (at < end) {
        size_t next, to = line_end(text, at, end, &next);
        size_t spaces = leading_spaces(sv_sub(text, at, to));
        if (at + spaces < to)
            return spaces;
        at = next;
    }
    return SV_NOT_FOUND;
}

/* The line breaks [from, to) between two lines of content (or before, or behind them). */
static void map_breaks(struct mapper *m, size_t from, size_t to, size_t breaks)
{
    size_t kept = 0;
    while (m->at + kept < m->value.n && m->value.p[m->at + kept] == '\n')
        kept++;
    if (kept == 0 && breaks == 1 && m->at < m->value.n) {
        mapper_put(m, from, to, SV(" "));
        return;
    }
    if (kept > breaks || (kept < breaks && to < m->raw.n && m->at + kept < m->value.n)) {
        put_newlines(m, from, to, kept); /* folded: newlines fewer than line ends */
        return;
    }
    for (; kept > 0; kept--) {
        size_t next, end = line_end(m->raw, from, to, &next);
        mapper_put(m, end, next, SV("\n"));
        from = next;
    }
}

/* Block scalars: [at, end) are the lines behind the header. Returns the end of the content. */
static size_t map_block(struct mapper *m, size_t at, size_t end)
{
    size_t raw_indent = first_indent(m->raw, at, end), own = first_indent(m->value, 0, m->value.n);
    size_t indent = raw_indent == SV_NOT_FOUND || own == SV_NOT_FOUND ? SV_NOT_FOUND
                    : raw_indent < own                                ? 0
                                                                      : raw_indent - own;
    size_t breaks = 0, breaks_from = at, content_end = at;
    while (at < end) {
        size_t next, to = line_end(m->raw, at, end, &next);
        size_t spaces = leading_spaces(sv_sub(m->raw, at, to));
        size_t from = at + (spaces < indent ? spaces : indent);
        if (from < to) {
            if (breaks != 0)
                map_breaks(m, breaks_from, from, breaks);
            mapper_copy(m, from, to);
            breaks = 0;
            breaks_from = content_end = to;
        }
        breaks += next > to;
        at = next;
    }
    if (m->at < m->value.n)
        map_breaks(m, breaks_from, end, breaks);
    return content_end;
}

static void map_scalar(struct yaml *y, struct node *n, yaml_scalar_style_t style)
{
    sv raw = y->tree.src->text;
    size_t start = n->place.start, end = n->place.end;
    struct mapper m = {.arena = y->tree.repo->arena, .raw = raw, .value = n->text};
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE) {
        size_t content;
        line_end(raw, start, end, &content);
        n->place.end = map_block(&m, content, end);
    } else if (style == YAML_PLAIN_SCALAR_STYLE) {
        map_flow(&m, start, end, '\0');
    } else if (end - start >= 2) {
        map_flow(&m, start + 1, end - 1, raw.p[start]);
    }
    mapper_finish(&m, n);
}

/* ---- events to nodes ------------------------------------------------------------------------ */

static bool next_event(struct yaml *y)
{
    yaml_event_delete(&y->event);
    if (yaml_parser_parse(&y->parser, &y->event))
        return true;
    const yaml_parser_t *p = &y->parser;
    size_t at = p->error == YAML_READER_ERROR ? y->start + p->problem_offset : byte_of(y, p->problem_mark);
    if (at > y->tree.src->text.n)
        at = y->tree.src->text.n;
    return tree_error(&y->tree, at, "not valid YAML: %s", p->problem == NULL ? "out of memory" : p->problem);
}

static sv tag_of(struct yaml *y, const yaml_char_t *tag)
{
    sv core = SV("tag:yaml.org,2002:");
    sv t = sv_from((const char *)tag);
    struct arena *a = y->tree.repo->arena;
    if (t.p == NULL)
        return SV_NONE;
    return sv_starts(t, core) ? sv_printf(a, "!!%.*s", SV_ARG(sv_sub(t, core.n, t.n))) : sv_copy(a, t);
}

/* Remembers the anchor of a node that begins; *anchor stays NULL where it has none. */
static bool open_anchor(struct yaml *y, const yaml_char_t *name, struct node *n, struct anchor **anchor)
{
    *anchor = NULL;
    if (name == NULL)
        return true;
    if (y->anchors.n == LIMIT_ANCHORS)
        return tree_limit(&y->tree, n->place.start, "LIMIT_ANCHORS");
    *anchor = vec_new(y->tree.repo->arena, &y->anchors, struct anchor);
    **anchor = (struct anchor){sv_copy(y->tree.repo->arena, sv_from((const char *)name)), n, true};
    return true;
}

/* A subtree again under an alias. */
static struct node *copy_node(struct yaml *y, const struct node *from)
{
    struct node *n = tree_node(&y->tree, from->kind, from->place.start, from->place.end);
    if (n == NULL)
        return NULL;
    *n = *from;
    n->from_merge = true;
    n->child = n->next = NULL;
    struct node *last = NULL;
    for node_each(entry, from)
    {
        struct node *copy = copy_node(y, entry);
        if (copy == NULL)
            return NULL;
        tree_append(n, &last, copy);
    }
    return n;
}

static size_t height(const struct node *n)
{
    size_t most = 0;
    for node_each(entry, n)
    {
        size_t h = height(entry);
        most = h > most ? h : most;
    }
    return most + 1;
}

static struct node *read_alias(struct yaml *y, size_t depth)
{
    size_t start = byte_of(y, y->event.start_mark), end = byte_of(y, y->event.end_mark);
    sv name = sv_from((const char *)y->event.data.alias.anchor);
    const struct anchor *found = NULL;
    for (size_t i = y->anchors.n; i-- > 0 && found == NULL;)
        if (sv_eq(y->anchors.at[i]->name, name))
            found = y->anchors.at[i];
    if (found == NULL || found->open) {
        tree_error(&y->tree, start, found == NULL ? "unknown anchor '%.*s'" : "anchor '%.*s' contains itself",
                   SV_ARG(text_clean(y->tree.repo->arena, name)));
        return NULL;
    }
    if (depth + height(found->node) > LIMIT_TREE_DEPTH + 1) {
        tree_limit(&y->tree, start, "LIMIT_TREE_DEPTH");
        return NULL;
    }
    struct node *n = copy_node(y, found->node);
    if (n != NULL) {
        n->place = (struct place){y->tree.src, start, end};
        n->key = SV_NONE;
        n->key_place = (struct place){NULL, 0, 0};
    }
    return n;
}

static bool is_null(const struct node *n)
{
    return n->style == STYLE_PLAIN && (n->tag.p == NULL || !sv_eq(n->tag, SV("!!str"))) &&
           SV_IN(n->text, SV(""), SV("~"), SV("null"), SV("Null"), SV("NULL"));
}

static struct node *read_scalar(struct yaml *y)
{
    const yaml_event_t *e = &y->event;
    size_t start = byte_of(y, e->start_mark), end = byte_of(y, e->end_mark);
    bool properties = e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL;
    if (properties)
        start = skip_properties(y->tree.src->text, start, end);
    struct node *n = tree_node(&y->tree, NODE_SCALAR, start, end);
    struct anchor *anchor;
    if (n == NULL || !open_anchor(y, e->data.scalar.anchor, n, &anchor))
        return NULL;
    if (anchor != NULL)
        anchor->open = false;
    yaml_scalar_style_t style = e->data.scalar.style;
    n->text = sv_copy(y->tree.repo->arena, (sv){(const char *)e->data.scalar.value, e->data.scalar.length});
    n->tag = tag_of(y, e->data.scalar.tag);
    n->style = style == YAML_PLAIN_SCALAR_STYLE                                                ? STYLE_PLAIN
               : style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE ? STYLE_BLOCK
                                                                                         : STYLE_QUOTED;
    map_scalar(y, n, style);
    if (is_null(n))
        n->kind = NODE_NULL;
    return n;
}

/* A list or map begins: its place starts behind tag and anchor, its end is set when it is read. */
static struct node *begin(struct yaml *y, enum node_kind kind, const yaml_char_t *anchor_name, const yaml_char_t *tag,
                          struct anchor **anchor)
{
    sv text = y->tree.src->text;
    size_t start = byte_of(y, y->event.start_mark);
    if (anchor_name != NULL || tag != NULL)
        start = skip_properties(text, start, text.n);
    struct node *n = tree_node(&y->tree, kind, start, start);
    if (n == NULL)
        return NULL;
    n->tag = tag_of(y, tag);
    return open_anchor(y, anchor_name, n, anchor) ? n : NULL;
}

/* A flow collection ends at its bracket, a block one with its last entry (libyaml's mark is
 * behind the comments that follow). */
static void finish(struct yaml *y, struct node *n, const struct node *last, bool flow, struct anchor *anchor)
{
    if (flow)
        n->place.end = byte_of(y, y->event.end_mark);
    else if (last != NULL)
        n->place.end = last->place.end > last->key_place.end ? last->place.end : last->key_place.end;
    if (n->place.end < n->place.start)
        n->place.end = n->place.start;
    if (anchor != NULL)
        anchor->open = false;
}

static struct node *read_list(struct yaml *y, size_t depth)
{
    struct anchor *anchor;
    bool flow = y->event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    struct node *n = begin(y, NODE_LIST, y->event.data.sequence_start.anchor, y->event.data.sequence_start.tag, &anchor);
    struct node *last = NULL;
    while (n != NULL) {
        if (!next_event(y))
            return NULL;
        if (y->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        struct node *entry = read_node(y, depth + 1);
        if (entry == NULL)
            return NULL;
        tree_append(n, &last, entry);
    }
    if (n != NULL)
        finish(y, n, last, flow, anchor);
    return n;
}

static bool is_merge_key(const struct node *key)
{
    return key->kind == NODE_SCALAR && key->style == STYLE_PLAIN && sv_eq(key->text, SV("<<"));
}

/* Moves the entries of `from`, which nobody else holds, to the end of `map`. */
static void move_entries(struct node *map, struct node **last, struct node *from)
{
    for (struct node *entry = from->child, *next; entry != NULL; entry = next) {
        next = entry->next;
        entry->from_merge = true;
        tree_append(map, last, entry);
    }
}

/* Puts what `<<` names behind the map's own entries; the first of equal keys stays, so explicit
 * keys win over merged ones and earlier maps over later ones. */
static bool merge(struct yaml *y, struct node *map, struct node *last, struct node *merged)
{
    if (merged->kind == NODE_MAP) {
        move_entries(map, &last, merged);
    } else if (merged->kind == NODE_LIST) {
        for (struct node *m = merged->child; m != NULL; m = m->next) {
            if (m->kind != NODE_MAP)
                return tree_error(&y->tree, m->place.start, "'<<' takes a map or a list of maps");
            move_entries(map, &last, m);
        }
    } else {
        return tree_error(&y->tree, merged->place.start, "'<<' takes a map or a list of maps");
    }
    tree_first_wins(y->tree.repo->arena, map);
    return true;
}

/* Key and value, from the key's event on; NULL after an error. *merge_key tells `<<`. */
static struct node *read_entry(struct yaml *y, size_t depth, bool *merge_key)
{
    struct node *key = read_node(y, depth + 1);
    if (key == NULL || !next_event(y))
        return NULL;
    struct node *entry = read_node(y, depth + 1);
    if (entry == NULL)
        return NULL;
    /* a list or map as a key keeps its text: templates such as `{{ x }}` look like one */
    entry->key = key->kind == NODE_SCALAR || key->kind == NODE_NULL
                     ? key->text
                     : sv_sub(y->tree.src->text, key->place.start, key->place.end);
    entry->key_place = key->place;
    *merge_key = is_merge_key(key);
    return entry;
}

static struct node *read_map(struct yaml *y, size_t depth)
{
    struct anchor *anchor;
    bool flow = y->event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    struct node *n = begin(y, NODE_MAP, y->event.data.mapping_start.anchor, y->event.data.mapping_start.tag, &anchor);
    struct node *last = NULL, *merged = NULL;
    while (n != NULL) {
        if (!next_event(y))
            return NULL;
        if (y->event.type == YAML_MAPPING_END_EVENT)
            break;
        bool merge_key;
        struct node *entry = read_entry(y, depth, &merge_key);
        if (entry == NULL)
            return NULL;
        if (merge_key)
            merged = entry;
        tree_append(n, &last, entry);
    }
    if (n == NULL)
        return NULL;
    finish(y, n, last, flow, anchor);
    if (!tree_unique_keys(&y->tree, n))
        return NULL;
    if (merged == NULL)
        return n;
    struct node *own = n->child;
    n->child = last = NULL;
    for (struct node *next; own != NULL; own = next) {
        next = own->next;
        if (own != merged)
            tree_append(n, &last, own);
    }
    return merge(y, n, last, merged) ? n : NULL;
}

/* The node that the current event begins; NULL after an error, which is recorded. */
static struct node *read_node(struct yaml *y, size_t depth)
{
    if (depth > LIMIT_TREE_DEPTH) {
        tree_limit(&y->tree, byte_of(y, y->event.start_mark), "LIMIT_TREE_DEPTH");
        return NULL;
    }
    switch (y->event.type) {
    case YAML_ALIAS_EVENT:
        return read_alias(y, depth);
    case YAML_SCALAR_EVENT:
        return read_scalar(y);
    case YAML_SEQUENCE_START_EVENT:
        return read_list(y, depth);
    default:
        return read_map(y, depth);
    }
}

/* ---- documents ------------------------------------------------------------------------------ */

/* From DOCUMENT-START to DOCUMENT-END; NULL after an error. */
static struct doc *read_document(struct yaml *y, size_t index)
{
    y->anchors.n = 0;
    if (!next_event(y))
        return NULL;
    struct node *root = read_node(y, 1);
    if (root == NULL || !next_event(y))
        return NULL;
    struct doc *d = arena_new(y->tree.repo->arena, struct doc);
    *d = (struct doc){y->tree.src, root, index, NULL};
    return d;
}

static struct doc *empty_document(struct yaml *y)
{
    struct doc *d = arena_new(y->tree.repo->arena, struct doc);
    struct node *root = arena_new(y->tree.repo->arena, struct node);
    root->place = (struct place){y->tree.src, 0, 0};
    *d = (struct doc){y->tree.src, root, 0, NULL};
    return d;
}

static struct doc *read_documents(struct yaml *y)
{
    struct doc *first = NULL, *last = NULL;
    for (size_t index = 0; next_event(y); index++) {
        if (y->event.type == YAML_STREAM_START_EVENT && !next_event(y))
            return first;
        if (y->event.type == YAML_STREAM_END_EVENT)
            return first == NULL ? empty_document(y) : first;
        struct doc *d = read_document(y, index);
        if (d == NULL)
            return first;
        if (first == NULL)
            first = d;
        else
            last->next = d;
        last = d;
    }
    return first;
}

/* libyaml compares every %TAG line with all before it. */
static bool few_directives(struct yaml *y)
{
    sv text = y->tree.src->text;
    size_t found = 0;
    for (size_t at = sv_find(text, SV("%TAG")); at != SV_NOT_FOUND; at = sv_find_at(text, SV("%TAG"), at + 1))
        if ((at == 0 || is_break(text.p[at - 1])) && ++found > LIMIT_ANCHORS)
            return tree_limit(&y->tree, at, "LIMIT_ANCHORS");
    return true;
}

struct doc *read_yaml(struct repo *r, const struct source *src)
{
    struct yaml y = {.tree = {.repo = r, .src = src}};
    if (!tree_fits(r, src) || !few_directives(&y))
        return NULL;
    if (!yaml_parser_initialize(&y.parser)) {
        tree_error(&y.tree, 0, "out of memory");
        return NULL;
    }
    y.start = sv_starts(src->text, SV("\xEF\xBB\xBF")) ? 3 : 0;
    index_marks(&y);
    yaml_parser_set_encoding(&y.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&y.parser, (const unsigned char *)src->text.p + y.start, src->text.n - y.start);
    struct doc *docs = read_documents(&y);
    yaml_event_delete(&y.event);
    yaml_parser_delete(&y.parser);
    return docs;
}
