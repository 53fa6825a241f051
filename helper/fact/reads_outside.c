/* Hosts outside the TEE, contract addresses, and what is done with quotes. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "fact/reads.h"

/* ---- hosts ------------------------------------------------------------------------------------ */

struct mention { sv name; enum host_use use; struct place place; };
struct mentions { VEC(struct mention) all; };

static bool is_host_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool is_digits(sv s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n != 0;
}

static bool is_private_address(sv host)
{
    sv rest = host, first = sv_cut(&rest, '.'), second = rest.p == NULL ? SV_NONE : sv_cut(&rest, '.');
    if (!is_digits(first) || !is_digits(second))
        return false;
    if (SV_IN(first, SV("0"), SV("10"), SV("127")) || (sv_eq(first, SV("192")) && sv_eq(second, SV("168"))) ||
        (sv_eq(first, SV("169")) && sv_eq(second, SV("254"))))
        return true;
    return sv_eq(first, SV("172")) && second.n == 2 && sv_cmp(second, SV("16")) >= 0 && sv_cmp(second, SV("31")) <= 0;
}

/* Names that stand for nobody, and identifiers that only look like addresses. */
static bool is_no_host(sv host)
{
    static const sv names[] = {{"www.w3.org", 10}, {"json-schema.org", 15}, {"schema.org", 10}, {"purl.org", 8},
                               {"schemas.xmlsoap.org", 19}, {"xmlns.com", 9}, {"unlicense.org", 13}, {"opensource.org", 14}};
    static const sv endings[] = {{".local", 6}, {".internal", 9}, {".localhost", 10}, {".test", 5}, {".invalid", 8}, {".example", 8},
                                 {"example.com", 11}, {"example.org", 11}, {"example.net", 11}, {".sock", 5}, {".apache.org/licenses", 20}};
    size_t dot = sv_rfind_char(host, '.');
    if (dot == SV_NOT_FOUND || dot + 1 >= host.n || host.p[0] == '.' || sv_in(host, names, sizeof names / sizeof names[0]))
        return true;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (sv_ends(host, endings[i]))
            return true;
    sv top = sv_sub(host, dot + 1, host.n);
    return is_digits(top) ? is_private_address(host) : top.n < 2;
}

/* The host behind `://` at `at`; SV_NONE where it is written with variables or is none. */
static sv host_at(sv text, size_t at)
{
    size_t from = at + 3, end = from;
    while (end < text.n && end < from + 300 && text.p[end] > ' ' && strchr("/?#\"'`<>(),;\\|", text.p[end]) == NULL)
        end++;
    sv authority = sv_sub(text, from, end);
    size_t user = sv_rfind_char(authority, '@');
    sv host = user == SV_NOT_FOUND ? authority : sv_sub(authority, user + 1, authority.n);
    size_t colon = sv_find_char(host, ':');
    if (colon != SV_NOT_FOUND)
        host = sv_sub(host, 0, colon);
    for (size_t i = 0; i < host.n; i++)
        if (!is_host_byte(host.p[i]))
            return SV_NONE;
    while (host.n != 0 && host.p[host.n - 1] == '.')
        host.n--;
    return host.n == 0 || host.n > 253 ? SV_NONE : host;
}

/* Where the scheme in front of `://` begins; `at` where there is none. */
static size_t scheme_at(sv text, size_t at)
{
    size_t from = at;
    while (from > 0 && at - from < 12 && ((text.p[from - 1] >= 'a' && text.p[from - 1] <= 'z') || text.p[from - 1] == '+'))
        from--;
    return from;
}

static bool is_shown(sv call)
{
    size_t dot = sv_rfind_char(call, '.');
    sv last = dot == SV_NOT_FOUND ? call : sv_sub(call, dot + 1, call.n);
    return SV_IN(last, SV("print"), SV("println"), SV("eprintln"), SV("printf"), SV("log"), SV("info"), SV("warn"), SV("warning"), SV("error"),
                 SV("debug"), SV("echo"), SV("Error"), SV("puts"), SV("Println"), SV("Printf"), SV("Errorf"), SV("Fatal"), SV("Fatalf"), SV("panic"),
                 SV("help"), SV("describe")) ||
           sv_ends(last, SV("Error")) || sv_ends(last, SV("Exception"));
}

/* Text for people: a URL behind other words, in a message, or the target of a link. */
static enum host_use use_in_code(const struct code *c, size_t offset)
{
    size_t low = code_at(c, offset);
    if (low >= c->n || code_start(c, low) > offset || c->at[low].kind != TOKEN_STRING)
        return HOST_DISPLAY; /* a comment, or markup */
    sv before = sv_sub(code_text(c, low), 0, offset - code_start(c, low));
    if (sv_find_char(sv_trim(before), ' ') != SV_NOT_FOUND || sv_has(before, SV("](")) || sv_has(before, SV("href=")))
        return HOST_DISPLAY;
    if (low >= 2 && (code_is(c, low - 1, "=") || code_is(c, low - 1, ":")) &&
        SV_IN(code_text(c, low - 2), SV("href"), SV("homepage"), SV("documentation"), SV("help"), SV("license")))
        return HOST_DISPLAY;
    for (size_t k = low; k > 0 && low - k < 30; k--) {
        if (!code_is(c, k, "(") || c->at[k].partner <= low)
            continue;
        size_t behind, name = code_chain_start(c, k - 1);
        return is_shown(code_chain(c, name, &behind)) ? HOST_DISPLAY : HOST_CODE;
    }
    return HOST_CODE;
}

/* Behind other words since the last quote: text for people in a string, or a comment. The text tells it alone, except
 * of strings that begin without a quote. */
static bool is_behind_words(const struct source *s, size_t offset)
{
    enum { FAR = 400 };
    if (s->lang == LANG_RUBY || s->lang == LANG_PHP || s->lang == LANG_ELIXIR)
        return false;
    size_t end = offset, from;
    while (end > 0 && s->text.p[end - 1] <= ' ')
        end--;
    for (from = end; from > 0 && offset - from < FAR && strchr("\"'`", s->text.p[from - 1]) == NULL;)
        from--;
    return sv_find_char(sv_sub(s->text, from, end), ' ') != SV_NOT_FOUND;
}

/* HTML: what the page loads or asks, against what it links to. */
static enum host_use use_in_page(const struct source *s, size_t offset)
{
    sv line = line_text(&s->lines, s->text, line_at(&s->lines, offset));
    sv before = sv_sub(line, 0, (size_t)(s->text.p + offset - line.p));
    bool loads = sv_has(before, SV("<script")) || sv_has(before, SV("import ")) || sv_has(before, SV("fetch(")) ||
                 sv_has(before, SV("connect(")) || sv_has(before, SV("WebSocket("));
    return loads && !sv_has(before, SV("<!--")) ? HOST_CODE : HOST_DISPLAY;
}

static bool use_of_kind(const struct source *s, enum host_use *use)
{
    switch (s->kind) {
    case SOURCE_CODE: *use = HOST_CODE; return true;
    case SOURCE_COMPOSE:
    case SOURCE_APP_COMPOSE:
    case SOURCE_ENV:
    case SOURCE_CONFIG: *use = HOST_CONFIG; return true;
    case SOURCE_DOCKERFILE:
    case SOURCE_SCRIPT: *use = HOST_SCRIPT; return true;
    default: return false;
    }
}

/* `# see https://…`: the rest of a comment line of YAML, TOML, shell, Dockerfiles. */
static bool in_hash_comment(const struct source *s, size_t offset)
{
    sv line = line_text(&s->lines, s->text, line_at(&s->lines, offset));
    sv before = sv_sub(line, 0, (size_t)(s->text.p + offset - line.p));
    sv start = sv_trim(before);
    return sv_starts(start, SV("#")) || sv_starts(start, SV("//")) || sv_has(before, SV(" # "));
}

static bool in_message(const struct source *s, size_t offset)
{
    sv line = sv_trim(line_text(&s->lines, s->text, line_at(&s->lines, offset)));
    return sv_starts(line, SV("echo ")) || sv_starts(line, SV("printf ")) || sv_starts(line, SV("description:"));
}

/* Told without a look at the text where an index of it was made. */
static bool may_hold(const struct source *s, sv word)
{
    return s->grams == NULL || grams_may_hold(s->grams, word);
}

static void hosts_of(struct reading *p, const struct source *s, struct mentions *out)
{
    const struct code *c = NULL;
    enum host_use kind;
    if (s->vendored || s->scope == SCOPE_TEST || s->scope == SCOPE_DOC || s->scope == SCOPE_CI || !use_of_kind(s, &kind) ||
        !may_hold(s, SV("://")))
        return;
    bool is_program = reads_number(p, s) != SV_NOT_FOUND;
    size_t kept = 0;
    for (size_t at = sv_find(s->text, SV("://")); at != SV_NOT_FOUND && kept < LIMIT_HITS_PER_RULE_FILE;
         at = sv_find_at(s->text, SV("://"), at + 3)) {
        sv host = host_at(s->text, at);
        size_t from = scheme_at(s->text, at);
        if (from == at || host.n == 0 || is_no_host(host))
            continue;
        enum host_use use = kind;
        bool told = kind == HOST_CODE && is_program && is_behind_words(s, from);
        if (kind == HOST_CODE && !told && c == NULL)
            c = reads_open(p, s);
        if (told)
            use = HOST_DISPLAY;
        else if (kind == HOST_CODE)
            use = c == NULL ? use_in_page(s, from) : use_in_code(c, from);
        else if (in_hash_comment(s, from) || in_message(s, from))
            use = HOST_DISPLAY;
        struct mention *m = vec_new(p->facts->arena, &out->all, struct mention);
        *m = (struct mention){sv_lower(p->facts->arena, host), use, {s, from, (size_t)(host.p - s->text.p) + host.n}};
        kept++;
    }
}

static int mention_cmp(const void *x, const void *y)
{
    const struct mention *a = *(struct mention *const *)x, *b = *(struct mention *const *)y;
    int by_name = sv_cmp(a->name, b->name);
    if (by_name != 0)
        return by_name;
    return a->use != b->use ? (int)a->use - (int)b->use : place_cmp(a->place, b->place);
}

/* One row for each host; how it is used most tellingly comes first. */
static void group_hosts(struct facts *f, struct mentions *m)
{
    if (m->all.n == 0)
        return;
    qsort(m->all.at, m->all.n, sizeof *m->all.at, mention_cmp);
    struct host *h = NULL;
    for (size_t i = 0; i < m->all.n; i++) {
        const struct mention *x = m->all.at[i];
        if (h == NULL || !sv_eq(h->name, x->name)) {
            h = vec_new(f->arena, &f->hosts, struct host);
            h->name = x->name;
            h->use = x->use;
        }
        if (x->use == h->use)
            *vec_new(f->arena, &h->places, struct place) = x->place;
    }
}

/* ---- contracts ---------------------------------------------------------------------------------- */

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool may_hold_address(const struct source *s)
{
    static const sv starts[] = {{"0x0", 3}, {"0xa", 3}, {"0xb", 3}, {"0xc", 3}, {"0xd", 3}, {"0xe", 3}, {"0xf", 3}}; /* one digit is as good as another */
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (may_hold(s, starts[i]))
            return true;
    return false;
}

static void contracts_of(struct facts *f, const struct source *s)
{
    enum host_use kind;
    if (s->vendored || s->scope == SCOPE_TEST || s->scope == SCOPE_DOC || !use_of_kind(s, &kind) || !may_hold_address(s))
        return;
    size_t kept = 0;
    bool asked = false; /* what the file as a whole says is found out once */
    struct chains chains = {0};
    sv only = SV_NONE;
    for (size_t at = sv_find(s->text, SV("0x")); at != SV_NOT_FOUND && kept < LIMIT_HITS_PER_RULE_FILE; at = sv_find_at(s->text, SV("0x"), at + 2)) {
        size_t end = at + 2;
        while (end < s->text.n && end < at + 44 && is_hex(s->text.p[end]))
            end++;
        sv address = sv_sub(s->text, at, end);
        bool inside = (at > 0 && (is_hex(s->text.p[at - 1]) || is_letter(s->text.p[at - 1]))) || (end < s->text.n && is_letter(s->text.p[end]));
        if (address.n != 42 || inside || in_hash_comment(s, at))
            continue;
        bool same = true; /* 0x000…0, 0xfff…f: no address of anybody */
        for (size_t i = 3; i < 42; i++)
            same = same && address.p[i] == address.p[2];
        if (same)
            continue;
        struct contract *row = vec_new(f->arena, &f->contracts, struct contract);
        if (chains.src == NULL)
            chains_of(s, &chains);
        sv chain = chain_near(&chains, at);
        if (chain.n == 0 && !asked) {
            asked = true;
            only = chain_of_file(&chains);
        }
        *row = (struct contract){address, chain.n != 0 ? chain : only, {s, at, end}};
        kept++;
    }
}

/* ---- attestation -------------------------------------------------------------------------------- */

/* A method called getKey is one of the guest agent only in a file that speaks of it. */
static bool speaks_of_dstack(const struct source *s)
{
    return source_ihas(s, SV("dstack")) || source_ihas(s, SV("tappd")) || source_ihas(s, SV("phala"));
}

static void attestation_of(struct facts *f)
{
    const struct source *asked = NULL;
    bool speaks = false;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        if (h->pattern->rule->kind != RULE_FACT || !sv_eq(h->pattern->rule->fact, SV("attestation")))
            continue;
        if (h->place.src != asked) {
            asked = h->place.src;
            speaks = speaks_of_dstack(asked);
        }
        bool call = sv_starts(h->pattern->name, SV("get-")) || sv_starts(h->pattern->name, SV("emit-"));
        if (call && !speaks)
            continue;
        struct attestation_fact *row = vec_new(f->arena, &f->attestation, struct attestation_fact);
        *row = (struct attestation_fact){h->pattern->name, h->place};
    }
}

void reads_outside(struct reading *p)
{
    struct mentions hosts = {0};
    for (size_t i = 0; i < p->facts->repo->files.n; i++) {
        hosts_of(p, p->facts->repo->files.at[i], &hosts);
        contracts_of(p->facts, p->facts->repo->files.at[i]);
    }
    group_hosts(p->facts, &hosts);
    attestation_of(p->facts);
}
