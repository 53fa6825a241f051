/* Credentials that stand in the repository. Every secret found is redacted in all outputs. */
#include <math.h>
#include <string.h>

#include "check/code.h"
#include "check/lookup.h"

/* ---- what a value looks like ------------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Shannon entropy in bits per byte: random base64 of 24 bytes has about 4, English words 3 and less. */
static double entropy_of(sv s)
{
    size_t count[256] = {0};
    double bits = 0;
    for (size_t i = 0; i < s.n; i++)
        count[(unsigned char)s.p[i]]++;
    for (size_t i = 0; i < 256; i++)
        if (count[i] != 0)
            bits -= (double)count[i] / (double)s.n * log2((double)count[i] / (double)s.n);
    return bits;
}

/* "abcdef", "12345": more than half of the steps go one up. */
static bool is_sequence(sv s)
{
    size_t steps = 0;
    for (size_t i = 1; i < s.n; i++)
        steps += s.p[i] == s.p[i - 1] + 1 || s.p[i] == s.p[i - 1];
    return steps * 2 > s.n;
}

/* Examples and placeholders name themselves. */
static bool is_made_up(sv s)
{
    static const char *const words[] = {
        "example", "your", "xxxx", "placeholder", "changeme", "change-me", "change_me", "change_this", "change-this",
        "dummy", "fake", "sample", "redacted", "insert", "replace", "test", "demo", "1234567890", "0123456789",
        "abcdefgh", "deadbeef", "todo", "mock", "00000000", "....", "****", "____", "secret", "password", "default",
        "insecure", "not-a-real", "foobar", "local", "<", "lorem", "hello", NULL,
    };
    return text_has_any(s, words) || is_sequence(s);
}

static bool is_random(sv s, double bits)
{
    return !is_made_up(s) && entropy_of(s) >= bits;
}

static bool has_digits_and_letters(sv s)
{
    size_t digits = 0, letters = 0;
    for (size_t i = 0; i < s.n; i++) {
        digits += is_digit(s.p[i]);
        letters += is_letter(s.p[i]);
    }
    return digits >= 2 && letters >= 2;
}

/* The secret of a hit; the whole match where the pattern names none. */
static struct place secret_place(const struct hit *h)
{
    struct place p = hit_group_place(h, "secret");
    return p.src == NULL ? h->place : p;
}

/* ---- formats of providers ------------------------------------------------------------------------ */

static bool is_base64(char c)
{
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
}

/* The lines between BEGIN and END; SV_NONE where no key follows, as in code that parses or writes one. */
static struct place key_body(struct place begin)
{
    sv text = sv_sub(begin.src->text, 0, begin.end + 8192);
    size_t end = sv_find_at(text, SV("-----END"), begin.end), n = 0;
    if (end == SV_NOT_FOUND)
        return (struct place){NULL, 0, 0};
    sv body = sv_sub(text, begin.end, end);
    for (size_t i = 0; i < body.n; i++)
        n += is_base64(body.p[i]);
    bool key = n >= 64 && n * 10 >= body.n * 8 && !sv_has(body, SV("...")) && entropy_of(body) > 4.0;
    return key ? (struct place){begin.src, begin.end, end} : (struct place){NULL, 0, 0};
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (is_digit(c))
        return c - '0' + 52;
    return c == '-' || c == '+' ? 62 : c == '_' || c == '/' ? 63 : -1;
}

static sv base64_decode(struct arena *a, sv s)
{
    char *out = arena_array(a, char, s.n + 1);
    size_t n = 0, bits = 0;
    unsigned value = 0;
    for (size_t i = 0; i < s.n && base64_value(s.p[i]) >= 0; i++) {
        value = (value << 6 | (unsigned)base64_value(s.p[i])) & 0xFFFFFF;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (char)(value >> bits & 0xFF);
        }
    }
    return (sv){out, n};
}

/* Tokens that are public by design or printed in documentation. */
static bool is_public_jwt(struct arena *a, sv jwt)
{
    sv rest = jwt;
    sv_cut(&rest, '.');
    sv payload = base64_decode(a, sv_cut(&rest, '.'));
    static const char *const signs[] = {"\"role\":\"anon\"", "supabase-demo", "John Doe", "\"sub\":\"1234567890\""};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (sv_has(payload, sv_from(signs[i])))
            return true;
    return false;
}

/* What holding the credential means; the providers whose tokens open the users' data come first. */
static enum severity provider_severity(sv name)
{
    if (SV_IN(name, SV("Telegram bot token"), SV("private key"), SV("Phala key")))
        return SEV_CRITICAL;
    return SV_IN(name, SV("Google API key"), SV("JSON Web Token")) ? SEV_MEDIUM : SEV_HIGH;
}

/* The id of a key in an address that was signed with it: the key itself is not in it. */
static bool is_in_signed_address(struct place p)
{
    sv before = sv_sub(p.src->text, p.start > 20 ? p.start - 20 : 0, p.start);
    return sv_ends(before, SV("Credential=")) || sv_ends(before, SV("AWSAccessKeyId="));
}

static struct place credential_of(struct arena *a, const struct hit *h)
{
    struct place p = secret_place(h);
    if (sv_eq(h->pattern->name, SV("private key")))
        return key_body(h->place);
    sv secret = sv_sub(p.src->text, p.start, p.end);
    bool jwt = sv_eq(h->pattern->name, SV("JSON Web Token"));
    bool real = jwt ? !is_public_jwt(a, secret) : is_random(secret, 3.0) && !is_in_signed_address(p);
    return real ? p : (struct place){NULL, 0, 0};
}

static bool same_text(struct place a, struct place b)
{
    return sv_eq(sv_sub(a.src->text, a.start, a.end), sv_sub(b.src->text, b.start, b.end));
}

/* One credential of a file, however often it stands there. */
struct credential {
    struct place place;
    const struct hit *hit;
    size_t times;
};
struct credentials { VEC(struct credential) all; };

static void count_credential(struct arena *a, struct credentials *list, const struct hit *h, struct place place)
{
    for (size_t i = list->all.n; i-- > 0 && list->all.at[i]->place.src == place.src;) {
        if (same_text(list->all.at[i]->place, place)) {
            list->all.at[i]->times++;
            return;
        }
    }
    *vec_new(a, &list->all, struct credential) = (struct credential){place, h, 1};
}

static sv who_reads(const struct source *s)
{
    return s->scope == SCOPE_TEST || s->scope == SCOPE_DOC ? SV("If it is real, whoever reads the repository holds it.")
                                                           : SV("Whoever reads the repository holds it, the operator included.");
}

void check_committed_secret(struct check_run *c)
{
    struct credentials found = {0};
    const struct facts *f = c->facts;
    c->examined = f->repo->files.n;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        struct place place = {NULL, 0, 0};
        if (h->pattern->rule == c->rule)
            place = credential_of(c->arena, h);
        if (place.src != NULL)
            count_credential(c->arena, &found, h, place);
    }
    for (size_t i = 0; i < found.all.n; i++) {
        const struct credential *x = found.all.at[i];
        const struct source *s = x->place.src;
        struct finding *r = report(c, x->hit->place, x->hit->pattern->name, "%s %.*s is committed in %.*s%.*s. %.*s",
                                   sv_find_char(SV("AEIO"), x->hit->pattern->name.p[0]) == SV_NOT_FOUND ? "A" : "An", SV_ARG(x->hit->pattern->name), SV_ARG(s->path),
                                   SV_ARG(x->times == 1 ? SV("") : sv_printf(c->arena, " (%zu times)", x->times)),
                                   SV_ARG(who_reads(s)));
        r->severity = provider_severity(x->hit->pattern->name);
        r->keep_severity = s->scope != SCOPE_TEST && !s->vendored;
        redact(c, x->place);
    }
}

/* ---- assignments ------------------------------------------------------------------------------------ */

static bool is_address(sv s)
{
    return s.n == 42 && sv_istarts(s, SV("0x")) && sv_is_hex(sv_sub(s, 2, 42), 40);
}

/* TOKEN=0x… of the length of a hash: the contract of a coin, on chains whose addresses are numbers of a field. */
static bool is_coin_address(sv name, sv value)
{
    static const char *const secret[] = {"key", "secret", "access", "auth", "api", "bearer", "bot", "session", NULL};
    return sv_ihas(name, SV("token")) && !text_has_any(name, secret) && value.n >= 64 && value.n <= 66 && sv_istarts(value, SV("0x")) &&
           sv_is_hex(sv_sub(value, 2, value.n), value.n - 2);
}

/* `config.session.secret`, `/run/secrets/key`, `https://…`, `process.env.X`: names and places, not values. */
static bool is_reference(sv s)
{
    if (sv_has(s, SV("://")) || s.p[0] == '/' || s.p[0] == '.' || s.p[0] == '@' || s.p[0] == '$' || s.p[0] == '%')
        return true;
    sv rest = s;
    bool parts = sv_has(s, SV(".")) || sv_has(s, SV("::"));
    while (parts && rest.p != NULL)
        parts = sv_is_ident(sv_cut(&rest, '.'));
    return parts;
}

static bool is_quoted(const struct hit *h, struct place p)
{
    char before = p.start == 0 ? ' ' : h->place.src->text.p[p.start - 1];
    return before == '"' || before == '\'' || before == '`';
}

/* Other rules say more about the same line. */
static bool line_has_other(const struct facts *f, size_t at, const struct rule *rule)
{
    const struct hit *h = f->hits.all.at[at];
    size_t line = place_line(h->place);
    for (size_t step = 0; step < 2; step++) {
        for (size_t i = at; i < f->hits.all.n; i += step == 0 ? 1 : (size_t)-1) {
            const struct hit *other = f->hits.all.at[i];
            if (other->place.src != h->place.src || place_line(other->place) != line)
                break;
            sv id = other->pattern->rule->id;
            if (other->pattern->rule != rule && SV_IN(id, SV("committed-secret"), SV("development-key")))
                return true;
        }
    }
    return false;
}

static bool is_written_secret(const struct hit *h, struct place p)
{
    sv value = sv_sub(p.src->text, p.start, p.end);
    bool code = p.src->kind == SOURCE_CODE || p.src->kind == SOURCE_SCRIPT;
    if (p.src->scope == SCOPE_TEST || p.src->scope == SCOPE_DOC || p.src->vendored)
        return false;
    if (sv_eq(h->pattern->name, SV("seed phrase")))
        return !is_made_up(value);
    if (SV_IN(h->pattern->name, SV("bearer token"), SV("key in the address of a node")))
        return has_digits_and_letters(value) && is_random(value, 3.4);
    if (sv_eq(h->pattern->name, SV("password in an address")))
        return has_digits_and_letters(value) && is_random(value, 3.0);
    if ((code && !is_quoted(h, p)) || is_reference(value) || is_address(value) || is_coin_address(hit_group(h, "NAME"), value))
        return false;
    return value.n >= 20 && has_digits_and_letters(value) && is_random(value, 3.4);
}

/* The same name in the same file: a list of accounts is one matter. */
static struct finding *said_before(const struct check_run *c, const struct source *s, sv name)
{
    for (size_t i = c->out->findings.n; i-- > 0;) {
        struct finding *f = c->out->findings.at[i];
        if (f->rule != c->rule || f->place.src != s)
            return NULL;
        if (sv_eq(f->subject, name))
            return f;
    }
    return NULL;
}

void check_secret_in_file(struct check_run *c)
{
    const struct facts *f = c->facts;
    c->examined = f->repo->files.n;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        if (h->pattern->rule != c->rule)
            continue;
        struct place p = secret_place(h);
        if (!is_written_secret(h, p) || line_has_other(f, i, c->rule))
            continue;
        sv name = hit_group(h, "NAME");
        redact(c, p);
        if (said_before(c, h->place.src, name) != NULL) {
            relate(c, said_before(c, h->place.src, name), h->place, "and here");
            continue;
        }
        bool address = SV_IN(h->pattern->name, SV("password in an address"), SV("key in the address of a node"));
        struct finding *r = report(c, h->place, name, address ? "An address of %.*s stands with its secret in %.*s. %.*s" : "%.*s has its value in %.*s. %.*s",
                                   SV_ARG(name), SV_ARG(p.src->path), SV_ARG(who_reads(p.src)));
        if (sv_ihas(name, SV("private")) || sv_ihas(name, SV("mnemonic")) || sv_ihas(name, SV("seed")))
            r->severity = SEV_HIGH;
    }
}

/* ---- development keys --------------------------------------------------------------------------------- */

/* Its chain runs on the developer's machine: "localhost:8545", "http://172.17.0.1:8545", "anvil:8545". */
static bool is_local_chain(const struct source *s)
{
    for (size_t at = 0; (at = sv_find_at(s->text, SV(":8545"), at)) != SV_NOT_FOUND; at++) {
        size_t from = at;
        while (from > 0 && (is_letter(s->text.p[from - 1]) || is_digit(s->text.p[from - 1]) || sv_find_char(SV(".-_"), s->text.p[from - 1]) != SV_NOT_FOUND))
            from--;
        sv host = sv_sub(s->text, from, at);
        if (host.n != 0 && (sv_find_char(host, '.') == SV_NOT_FOUND || sv_starts(host, SV("127.")) || sv_starts(host, SV("172.17.")) ||
                            sv_starts(host, SV("192.168.")) || sv_starts(host, SV("10.")) || sv_eq(host, SV("host.docker.internal"))))
            return true;
    }
    return false;
}

/* What the line does without its variable: vm.envOr("KEY", 0x…), ${KEY:-0x…}, process.env.KEY || "0x…". */
static bool is_fallback(const struct hit *h)
{
    static const char *const signs[] = {"envOr(", ":-", "||", "??", "getenv(", "environ.get(", "unwrap_or", " or "};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (sv_has(h->line, sv_from(signs[i])))
            return true;
    return false;
}

/* A program that deploys contracts: what it signs is the deployment. */
static bool deploys_contracts(const struct source *s)
{
    return s->kind == SOURCE_CODE && sv_ihas(path_base(s->path), SV("deploy")) && source_ihas(s, SV("contract"));
}

/* ANVIL_KEY ?= 0x… of a Makefile or script. */
static bool is_named_for_local_chain(struct place p)
{
    sv line = line_text(&p.src->lines, p.src->text, line_at(&p.src->lines, p.start)), name = sv_cut(&line, '=');
    return p.src->kind != SOURCE_CODE && (sv_ihas(name, SV("anvil")) || sv_ihas(name, SV("hardhat")) || sv_ihas(name, SV("ganache")));
}

void check_development_key(struct check_run *c)
{
    const struct facts *f = c->facts;
    c->examined = f->repo->files.n;
    for (size_t i = 0; i < f->hits.all.n; i++) {
        const struct hit *h = f->hits.all.at[i];
        const struct source *s = h->place.src;
        if (h->pattern->rule != c->rule || s->scope == SCOPE_DOC)
            continue;
        bool tool = deploys_contracts(s), script = tool || sv_ends(s->path, SV(".s.sol")) || (s->kind != SOURCE_ENV && runs_outside(f, s));
        if (script && (is_fallback(h) || (tool && sv_ihas(h->line, SV("default"))))) {
            report(c, h->place, h->pattern->name, "Without its variable this script acts as one of the %.*s: what it deploys or pays for belongs to everyone.",
                   SV_ARG(h->pattern->name))->severity = is_local_chain(s) ? SEV_LOW : SEV_MEDIUM;
            continue;
        }
        struct finding *r = report(c, h->place, h->pattern->name, "This is one of the %.*s: everyone knows it, so everyone can sign and decrypt as %s.",
                                   SV_ARG(h->pattern->name), script ? "whoever runs the script" : "the app");
        if (is_local_chain(s) || is_named_for_local_chain(h->place))
            r->severity = SEV_LOW;
    }
}

/* ---- compose literals ----------------------------------------------------------------------------------- */

static bool names_secret(sv name)
{
    static const char *const words[] = {"PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY",
                                        "ACCESS_KEY", "MNEMONIC", "SEED_PHRASE", "ENCRYPTION_KEY", "MASTER_KEY", "SIGNING_KEY", "ROOT_KEY", "ADMIN_KEY"};
    static const char *const ends[] = {"_FILE", "_PATH", "_URL", "_NAME", "_ID", "_HEADER", "_TTL", "_EXPIRY", "_LENGTH",
                                       "_ENABLED", "_TYPE", "_EXPIRES_IN", "_ADDRESS", "_SYMBOL", "_DECIMALS", "_MODE",
                                       "_LIMIT", "_COUNT", "_TOKENS", "_DIR", "_ALG", "_ALGORITHM", "_ISSUER", "_AUDIENCE"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sv_iends(name, sv_from(ends[i])))
            return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sv_ihas(name, sv_from(words[i])))
            return true;
    return false;
}

static bool is_plain_setting(sv v)
{
    bool number = v.n != 0 && v.n < 6;
    for (size_t i = 0; i < v.n; i++)
        number = number && is_digit(v.p[i]);
    return v.n == 0 || number || v.p[0] == '/' || sv_has(v, SV("://")) || is_address(v) ||
           SV_IN(v, SV("true"), SV("false"), SV("yes"), SV("no"), SV("none"), SV("null"));
}

/* "scheme://user:pass@host" with a password that is written out. */
static sv password_in_url(sv value, sv *host)
{
    size_t scheme = sv_find(value, SV("://"));
    if (scheme == SV_NOT_FOUND)
        return SV_NONE;
    sv rest = sv_sub(value, scheme + 3, value.n);
    size_t slash = sv_find_char(rest, '/');
    sv authority = sv_sub(rest, 0, slash == SV_NOT_FOUND ? rest.n : slash);
    size_t at = sv_rfind_char(authority, '@');
    size_t colon = sv_find_char(authority, ':');
    if (at == SV_NOT_FOUND || colon == SV_NOT_FOUND || colon > at)
        return SV_NONE;
    *host = sv_sub(authority, at + 1, authority.n);
    sv password = sv_sub(authority, colon + 1, at);
    return password.n == 0 || sv_has(password, SV("$")) ? SV_NONE : password;
}

static void redact_value(struct check_run *c, struct place where, sv value)
{
    const struct source *s = where.src;
    size_t at = sv_find_at(sv_sub(s->text, 0, where.end + 400), value, where.start);
    if (at != SV_NOT_FOUND && value.n != 0)
        redact(c, (struct place){s, at, at + value.n});
}

static bool is_database(const struct service *s)
{
    return s->image != NULL && (image_roles(s->image->name) & ROLE_DATABASE) != 0;
}

/* Another rule speaks of passwords that everybody tries first. */
static bool is_common_password(const struct env_set *e, sv value)
{
    return is_database(e->service) && value.n <= 12 && entropy_of(value) < 3.0;
}

static bool is_credential_elsewhere(sv name)
{
    return sv_ihas(name, SV("API_KEY")) || sv_ihas(name, SV("APIKEY")) || sv_ihas(name, SV("ACCESS_TOKEN"));
}

/* In a compose that is not the deployed one the engine lowers it. */
static void stands_in(struct finding *f, const struct service *s, enum severity severity)
{
    f->severity = severity;
    f->deployment = s->deployment;
}

/* "postgres://user:pass@host/db": the form of an address, to be filled in. */
static bool is_form(sv password, sv host)
{
    host = sv_cut(&host, ':');
    return SV_IN(host, SV("host"), SV("hostname"), SV("HOST")) && SV_IN(password, SV("pass"), SV("password"), SV("PASSWORD"), SV("pw"));
}

static void report_url_password(struct check_run *c, const struct env_set *e, sv password, sv host)
{
    bool outside = sv_has(host, SV("."));
    struct finding *r = report(c, e->place, e->name,
                               "%.*s carries a password in the compose file, which the guest publishes with its app-compose.json%s.",
                               SV_ARG(e->name), outside ? ": everyone can use what is behind it" : is_in_cvm(e->service->deployment, host) ? "; the host is a service of the same compose" : "");
    stands_in(r, e->service, outside ? SEV_MEDIUM : SEV_LOW);
    redact_value(c, e->place, password);
}

static void check_literal(struct check_run *c, const struct env_set *e)
{
    sv value = sv_unquote(sv_trim(e->value)), host = SV_NONE, password = password_in_url(value, &host);
    c->examined++;
    if (password.p != NULL && is_form(password, host))
        return;
    if (password.p != NULL) {
        report_url_password(c, e, password, host);
        return;
    }
    bool placeholder = is_made_up(value);
    bool blank = sv_has(value, SV("<")) || sv_istarts(value, SV("your")) || sv_has(value, SV("..."));
    if (blank || !names_secret(e->name) || is_plain_setting(value) || is_common_password(e, value) || (placeholder && is_credential_elsewhere(e->name)))
        return;
    const char *reach = "everyone can read it there, the operator and the users included";
    enum severity severity = SEV_HIGH;
    if (is_database(e->service) || sv_ihas(e->name, SV("POSTGRES_")) || sv_ihas(e->name, SV("MYSQL_"))) {
        struct place where;
        bool open = is_reachable(c->facts, e->service, &where);
        severity = open ? SEV_MEDIUM : SEV_LOW;
        reach = open ? "the database is published, so everyone can open it"
                     : "only containers of the same CVM reach the database";
    }
    struct finding *r = report(c, e->place, e->name, "%.*s is written out in the compose file, which the guest publishes with its app-compose.json: %s.",
                               SV_ARG(e->name), reach);
    stands_in(r, e->service, severity);
    redact_value(c, e->place, value);
}

void check_secret_in_compose(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *e = c->facts->env_sets.at[i];
        if (e->state == ENV_LITERAL && e->service != NULL)
            check_literal(c, e);
    }
}

/* ---- modes of key files ------------------------------------------------------------------------------------ */

static bool mode_is_open(sv mode)
{
    if (mode.n < 3 || mode.n > 4)
        return SV_IN(mode, SV("a+r"), SV("+r"), SV("o+r"), SV("a+rw"), SV("go+r"));
    for (size_t i = 0; i < mode.n; i++)
        if (mode.p[i] < '0' || mode.p[i] > '7')
            return false;
    return ((mode.p[mode.n - 1] - '0') & 4) != 0;
}

static bool names_key_file(sv path)
{
    sv name = path_base(sv_unquote(path));
    if (sv_ihas(name, SV("pub")) || sv_ihas(name, SV("cert")))
        return false;
    return sv_ihas(name, SV("secret")) || sv_iends(name, SV(".key")) || sv_iends(name, SV("credentials")) ||
           sv_ihas(name, SV("privkey")) || sv_ihas(name, SV("private")) || sv_ihas(name, SV("kubeconfig")) ||
           sv_ihas(name, SV("id_rsa")) || sv_ihas(name, SV("id_ed25519")) || sv_iends(name, SV("token"));
}

static void check_chmod(struct check_run *c, const struct run *run)
{
    const struct command *k = run->command;
    if (!sv_eq(command_name(k), SV("chmod")))
        return;
    c->examined++;
    size_t mode = 1;
    while (mode < k->n && sv_starts(k->words[mode].text, SV("-")))
        mode++;
    for (size_t i = mode + 1; i < k->n && mode_is_open(k->words[mode].text); i++)
        if (names_key_file(k->words[i].text))
            on_scope(report(c, k->words[i].place, k->words[i].text,
                            "chmod %.*s lets every user of the container read %.*s.", SV_ARG(k->words[mode].text),
                            SV_ARG(k->words[i].text)), run->scope, SEV_LOW);
}

/* `cat > credentials <<EOF … ${SECRET}`: the file gets the mode that the umask leaves. */
static void check_written(struct check_run *c, const struct run *run)
{
    const struct command *k = run->command;
    sv file = k->redirect_out;
    if (run->shell == NULL || file.n == 0 || !names_key_file(file) || sv_starts(file, SV("/dev/")))
        return;
    c->examined++;
    for (size_t i = 0; i < run->shell->commands.n; i++) {
        const struct command *other = run->shell->commands.at[i];
        if (sv_eq(command_name(other), SV("umask")) || (SV_IN(command_name(other), SV("chmod"), SV("install")) && sv_has(sv_sub(run->shell->src->text, other->place.start, other->place.end), path_base(sv_unquote(file)))))
            return;
    }
    on_scope(report(c, k->place, path_base(sv_unquote(file)), "%.*s is written with the default mode: every user of the container reads the secret in it.", SV_ARG(file)), run->scope, SEV_LOW);
}

/* chmod(path, 0o600), fchmod(f.fileno(), …), fs::set_permissions(path, …), os.umask(0o077) */
static bool is_restricted(struct check_run *c, const struct program *p, sv path)
{
    static const char *const by_file[] = {"fchmod", "fchmodsync", "umask", NULL};
    static const char *const by_path[] = {"chmod", "chmodsync", "set_permissions", "lchmod", NULL};
    const char *const same[] = {sv_copy(c->arena, path).p, NULL};
    for (size_t i = 0; i < p->calls.n; i++)
        if (call_named(&p->calls.at[i], by_file) || (call_named(&p->calls.at[i], by_path) && derives_from(p, p->calls.at[i].from, p->calls.at[i].close, same, 2)))
            return true;
    return false;
}

/* writeFileSync(path, key), open("app.key", "w"): without a mode, and without a chmod of the same file. */
static void look_for_written(struct check_run *c, const struct program *p)
{
    static const char *const writers[] = {"open", "writeFile", "writeFileSync", "write", "WriteFile", NULL};
    struct calls writing = calls_written(c, p, writers);
    for (const struct call *k; p->lang != LANG_SHELL && (k = next_named(&writing)) != NULL;) {
        size_t from, to, mode, mode_end;
        bool opens = sv_eq(k->name, SV("open")) && p->lang == LANG_PYTHON && program_argument(p, k, 1, &mode, &mode_end) && p->at[mode].kind == TOKEN_STRING && sv_starts(program_string(p, mode), SV("w"));
        bool writes = SV_IN(k->name, SV("writeFile"), SV("writeFileSync")) || (sv_eq(k->name, SV("write")) && sv_has(k->chain, SV("fs"))) ||
                      (sv_eq(k->name, SV("WriteFile")) && program_argument(p, k, 2, &mode, &mode_end) && mode_is_open(sv_trim_char(program_token(p, mode), 'o')));
        if (!(opens || writes) || !program_argument(p, k, 0, &from, &to) || to != from + 1 || p->at[from].kind != TOKEN_STRING || !names_key_file(program_string(p, from)))
            continue;
        c->examined++;
        if (program_says(p, k->open, k->close, "mode") || is_restricted(c, p, program_string(p, from)))
            continue;
        sv name = path_base(program_string(p, from));
        on_scope(report(c, program_place(p, k->from, k->close + 1), name, "%.*s is written with the default mode: every user of the container reads the secret in it.", SV_ARG(name)), p->src->scope, SEV_LOW);
    }
}

void check_secret_file_readable(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        check_chmod(c, c->facts->runs.at[i]);
        check_written(c, c->facts->runs.at[i]);
    }
    each_program(c, NULL, look_for_written);
    for (size_t i = 0; i < c->facts->env_sets.n; i++) {
        const struct env_set *e = c->facts->env_sets.at[i];
        if (!sv_eq(e->name, SV("K3S_KUBECONFIG_MODE")))
            continue;
        c->examined++;
        if (mode_is_open(sv_unquote(sv_trim(e->value))))
            on_service(report(c, e->place, e->name,
                              "The admin kubeconfig of the cluster gets mode %.*s: every process that sees the file is administrator.",
                              SV_ARG(e->value)), e->service, SEV_MEDIUM);
    }
}
