/* Which programs count, which of them say a word, and what those of one part of the repository hold. */
#include "base/limits.h"
#include "check/code.h"

static bool is_in_use(const struct source *s)
{
    struct place whole = {s, 0, 0};
    return (s->kind == SOURCE_CODE || s->kind == SOURCE_SCRIPT || s->lang == LANG_HTML) && !s->vendored && s->text.n <= LIMIT_TREE_BYTES &&
           (!place_is_aside(whole) || s->scope == SCOPE_DEV);
}

static const struct program *program_of(struct check_run *c, const struct source *s)
{
    const struct program *p = read_program(c->facts->repo, s);
    return p == NULL || p->n == 0 ? NULL : p;
}

const struct program *program_in_use(struct check_run *c, const struct source *s, const char *const *about)
{
    return is_in_use(s) && (about == NULL || source_says(s, about)) ? program_of(c, s) : NULL;
}

/* ---- By the words of their texts ------------------------------------------------------------------------ */

/* What was asked of the programs of one part: the first two that hold, since the one that asks is left out. */
struct part_answer {
    bool (*holds)(const struct program *p, size_t from, size_t to, const char *const *words);
    const struct program *found[2];
    size_t next; /* the first one not asked yet */
};

/* Files of one top folder; "" for those at the root, which belong to every part. */
struct part { sv folder; struct programs programs; VEC(struct part_answer) answers; };

/* What is known of a static list of words. */
struct topic {
    const char *const *words;
    struct gram_words asked;
    bool listed;
    struct programs programs; /* of those that hold one of them */
    const struct source *looked; /* asked last by is_about, and the answer */
    bool held;
    VEC(struct part) parts;
    const struct program *last; /* asked by words_within, and the answer */
    const char *const *within;
    struct topic *next;
};

/* Names come from the code: any number of them. */
struct named { sv name; struct programs programs; const struct named *next; };
enum { NAME_BUCKETS = 256 };

/* What a check looks for in each program that holds one of its words. */
struct look { struct check_run *run; struct topic *topic; void (*look)(struct check_run *c, const struct program *p); };

struct topics {
    VEC(const struct source) in_use;
    struct topic *topics[NAME_BUCKETS];
    const struct named *named[NAME_BUCKETS];
    ARRAY(struct look) looks;
    const struct program *marked, *spelt, *judged; /* asked last by call_marks, call_letters and is_verifying_file, and the answers */
    const unsigned char *marks;
    const uint32_t *letters;
    bool verifying;
};

static struct topics *make_topics(struct check_run *c)
{
    size_t files = c->facts->repo->files.n;
    struct topics *made = arena_new(c->arena, struct topics);
    for (size_t i = 0; i < files + c->facts->embedded.n; i++) {
        const struct source *s = i < files ? c->facts->repo->files.at[i] : c->facts->embedded.at[i - files];
        if (is_in_use(s))
            vec_push(c->arena, &made->in_use, s);
    }
    return c->out->topics = made;
}

static struct topics *topics_of(struct check_run *c) { return c->out->topics != NULL ? c->out->topics : make_topics(c); }

static struct topic *topic_of(struct check_run *c, const char *const *words)
{
    struct topics *topics = topics_of(c);
    struct topic **bucket = &topics->topics[((uintptr_t)words >> 4) * 0x9e3779b1u >> 8 & (NAME_BUCKETS - 1)];
    for (struct topic *t = *bucket; t != NULL; t = t->next)
        if (t->words == words)
            return t;
    struct topic *made = arena_new(c->arena, struct topic);
    *made = (struct topic){.words = words, .asked = words == NULL ? (struct gram_words){NULL, 0} : gram_words_of(c->arena, words), .next = *bucket};
    return *bucket = made;
}

static struct topic *listed(struct check_run *c, const char *const *words)
{
    struct topic *topic = topic_of(c, words);
    struct topics *topics = topics_of(c);
    for (size_t i = 0; !topic->listed && i < topics->in_use.n; i++) {
        const struct program *p = words == NULL || source_says_of(topics->in_use.at[i], &topic->asked) ? program_of(c, topics->in_use.at[i]) : NULL;
        if (p != NULL)
            vec_push(c->arena, &topic->programs.all, p);
    }
    topic->listed = true;
    return topic;
}

static bool is_about(struct topic *topic, const struct source *s)
{
    if (topic->looked != s) {
        topic->held = topic->words == NULL || source_says_of(s, &topic->asked);
        topic->looked = s;
    }
    return topic->held;
}

bool program_speaks_of(struct check_run *c, const struct program *p, const char *const *words) { return is_about(topic_of(c, words), p->src); }

const char *const *words_within(struct check_run *c, const struct program *p, const char *const *words)
{
    static const char *const none[] = {NULL};
    struct topic *topic = topic_of(c, words);
    const struct grams *grams = p->src->grams; /* not there: few have asked, and the text is short or asked for little */
    if (topic->last == p || grams == NULL)
        return grams == NULL ? words : topic->within;
    size_t n = 0;
    for (size_t i = grams_next(grams, &topic->asked, 0); i < topic->asked.n; i = grams_next(grams, &topic->asked, i + 1))
        n++;
    const char **within = n == 0 || n == topic->asked.n ? NULL : arena_array(c->arena, const char *, n + 1);
    for (size_t i = 0, k = 0; within != NULL && k < n; i++, k++)
        within[k] = words[i = grams_next(grams, &topic->asked, i)];
    topic->last = p;
    return topic->within = n == 0 ? none : within == NULL ? words : within;
}

void take_words_within(const struct program *p, const char *const *words, const char **within)
{
    for (; *words != NULL; words++)
        if (p->src->grams == NULL || grams_may_hold(p->src->grams, sv_from(*words)))
            *within++ = *words;
    *within = NULL;
}

const unsigned char *call_marks(struct check_run *c, const struct program *p)
{
    struct topics *topics = topics_of(c);
    if (topics->marked == p)
        return topics->marks;
    unsigned char *marks = arena_array(c->arena, unsigned char, p->calls.n + 1);
    for (size_t i = 0; i < p->calls.n; i++)
        marks[i] = (unsigned char)mark_of(p->calls.at[i].name);
    topics->marked = p;
    return topics->marks = marks;
}

const uint32_t *call_letters(struct check_run *c, const struct program *p)
{
    struct topics *topics = topics_of(c);
    if (topics->spelt == p)
        return topics->letters;
    uint32_t *letters = arena_array(c->arena, uint32_t, p->calls.n + 1);
    for (size_t i = 0; i < p->calls.n; i++)
        letters[i] = letters_of(p->calls.at[i].name);
    topics->spelt = p;
    return topics->letters = letters;
}

static bool verifies_by_name(const struct program *p)
{
    bool named = sv_ihas(path_base(p->src->path), SV("verif")), functions = !named && source_ihas(p->src, SV("verif"));
    for (size_t i = 0; functions && !named && i < p->blocks.n; i++)
        named = p->blocks.at[i]->kind == BLOCK_FUNCTION && sv_ihas(p->blocks.at[i]->name, SV("verif"));
    return named;
}

bool is_verifying_file(struct check_run *c, const struct program *p)
{
    struct topics *topics = topics_of(c);
    if (topics->judged != p)
        topics->verifying = verifies_by_name(p);
    topics->judged = p;
    return topics->verifying;
}

const struct programs *programs_naming(struct check_run *c, sv name)
{
    struct topics *topics = topics_of(c);
    const struct named **bucket = &topics->named[sv_hash(name) % NAME_BUCKETS];
    for (const struct named *n = *bucket; n != NULL; n = n->next)
        if (sv_eq(n->name, name))
            return &n->programs;
    struct named *made = arena_new(c->arena, struct named);
    *made = (struct named){.name = name, .next = *bucket};
    for (size_t i = 0; i < topics->in_use.n; i++) {
        const struct program *p = source_has(topics->in_use.at[i], name) ? program_of(c, topics->in_use.at[i]) : NULL;
        if (p != NULL)
            vec_push(c->arena, &made->programs.all, p);
    }
    return &(*bucket = made)->programs;
}

const struct programs *programs_of(struct check_run *c, const char *const *about) { return &listed(c, about)->programs; }

void each_program(struct check_run *c, const char *const *about, void (*look)(struct check_run *c, const struct program *p))
{
    *array_new(c->arena, &topics_of(c)->looks) = (struct look){c, topic_of(c, about), look};
}

void programs_look(struct verdicts *v)
{
    const struct topics *topics = v->topics;
    for (size_t i = 0; i < topics->in_use.n; i++)
        for (size_t k = 0; k < topics->looks.n; k++) {
            const struct look *look = &topics->looks.at[k];
            const struct program *p = is_about(look->topic, topics->in_use.at[i]) ? program_of(look->run, topics->in_use.at[i]) : NULL;
            if (p != NULL)
                look->look(look->run, p);
        }
}

/* ---- Beyond one file ------------------------------------------------------------------------------------- */

static sv top_folder(const struct source *s)
{
    size_t slash = sv_find_char(s->path, '/');
    return slash == SV_NOT_FOUND ? SV("") : sv_sub(s->path, 0, slash);
}

static struct part *part_called(struct check_run *c, struct topic *topic, sv folder)
{
    for (size_t i = topic->parts.n; i-- > 0;) /* files come sorted by path: that of the last one, most often */
        if (sv_eq(topic->parts.at[i]->folder, folder))
            return topic->parts.at[i];
    struct part *made = vec_new(c->arena, &topic->parts, struct part);
    made->folder = folder;
    return made;
}

static void divide(struct check_run *c, struct topic *topic)
{
    part_called(c, topic, SV("")); /* the first one */
    for (size_t i = 0; i < topic->programs.all.n; i++) {
        const struct program *p = topic->programs.all.at[i];
        if (p->src->host == NULL)
            vec_push(c->arena, &part_called(c, topic, top_folder(p->src))->programs.all, p);
    }
}

static struct part_answer *answer_of(struct check_run *c, struct part *part, bool (*holds)(const struct program *p, size_t from, size_t to, const char *const *words))
{
    for (size_t i = 0; i < part->answers.n; i++)
        if (part->answers.at[i]->holds == holds)
            return part->answers.at[i];
    struct part_answer *made = vec_new(c->arena, &part->answers, struct part_answer);
    made->holds = holds;
    return made;
}

/* Each program is asked once, however many others want to know. */
static bool another_holds(const struct part *part, struct part_answer *answer, const struct program *near, const char *const *words)
{
    for (size_t i = 0; i < 2; i++)
        if (answer->found[i] != NULL && answer->found[i] != near)
            return true;
    while (answer->next < part->programs.all.n) {
        const struct program *p = part->programs.all.at[answer->next++];
        if (!answer->holds(p, 0, p->n, words))
            continue;
        answer->found[answer->found[0] != NULL] = p;
        if (p != near)
            return true;
    }
    return false;
}

bool related_holds(struct check_run *c, const struct program *near, const char *const *words,
                   bool (*holds)(const struct program *p, size_t from, size_t to, const char *const *words))
{
    struct topic *topic = listed(c, words);
    sv own = top_folder(near->src);
    if (topic->parts.n == 0)
        divide(c, topic);
    for (size_t i = 0; i < topic->parts.n; i++) {
        struct part *part = topic->parts.at[i];
        bool together = own.n == 0 || part->folder.n == 0 || sv_eq(own, part->folder);
        if (together && another_holds(part, answer_of(c, part, holds), near, words))
            return true;
    }
    return false;
}

bool mentions_any(const struct program *p, size_t from, size_t to, const char *const *words)
{
    (void)from;
    (void)to;
    return code_says(p, words);
}

bool says_somewhere(struct check_run *c, const struct program *p, const char *const *words)
{
    return code_says(p, words) || related_holds(c, p, words, mentions_any);
}
