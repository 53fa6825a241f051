/* Who may change the code of the app: contracts, the scripts that deploy them, and the KMS. */
#include <string.h>

#include "check/lookup.h"
#include "doc/read_program.h"

enum { DAY = 24 * 60 * 60 };

static bool is_audited(const struct source *s)
{
    return s->kind == SOURCE_CODE && !s->vendored && s->scope != SCOPE_TEST && s->scope != SCOPE_DOC;
}

/* A contract that decides about boots. */
static bool governs_boot(const struct source *s)
{
    return s->lang == LANG_SOLIDITY && is_audited(s) &&
           (sv_ihas(s->text, SV("composeHash")) || sv_has(s->text, SV("isAppAllowed")));
}

static void each_program(struct check_run *c, bool (*wants)(const struct source *s),
                         void (*look)(struct check_run *c, const struct program *p))
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        const struct program *p = wants(s) ? read_program(c->facts->repo, s) : NULL;
        if (p == NULL)
            continue;
        look(c, p);
    }
}

/* ---- calls of deploy scripts ---------------------------------------------------------------------- */

static bool names_contract_call(const struct source *s)
{
    return is_audited(s) && s->lang != LANG_SOLIDITY &&
           (sv_ihas(s->text, SV("composeHash")) || sv_ihas(s->text, SV("compose_hash")) || sv_ihas(s->text, SV("deployAndRegisterApp")) ||
            sv_ihas(s->text, SV("allowAnyDevice")));
}

static bool is_word(const struct program *p, size_t from, size_t to, const char *word)
{
    sv text = sv_trim(program_text(p, from, to));
    return sv_ieq(sv_unquote(text), sv_from(word));
}

/* The comment that explains an argument: "False,  # disableUpgrades". */
static bool line_says(const struct program *p, size_t token, const char *what)
{
    const struct source *s = p->src;
    sv line = line_text(&s->lines, s->text, line_at(&s->lines, p->at[token].start));
    size_t comment = sv_find(line, SV("#"));
    if (comment == SV_NOT_FOUND)
        comment = sv_find(line, SV("//"));
    return comment != SV_NOT_FOUND && sv_ihas(sv_sub(line, comment, line.n), sv_from(what));
}

/* deployAndRegisterApp(owner, disableUpgrades, allowAnyDevice, …), whatever the language. */
static bool factory_argument(const struct program *p, const struct call *k, size_t number, const char *word, size_t *at)
{
    size_t from, to;
    if (!sv_eq(k->name, SV("deployAndRegisterApp")) || !program_argument(p, k, number, &from, &to) ||
        !is_word(p, from, to, word))
        return false;
    *at = from;
    return true;
}

static void look_at_upgrades(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        size_t at;
        c->examined += sv_eq(p->calls.at[i]->name, SV("deployAndRegisterApp"));
        if (factory_argument(p, p->calls.at[i], 1, "false", &at))
            report(c, program_place(p, at, at + 1), SV("disableUpgrades"),
                   "disableUpgrades is false: the owner can replace the contract that decides which code may boot.");
    }
}

void check_contract_upgrades(struct check_run *c)
{
    each_program(c, names_contract_call, look_at_upgrades);
}

static void report_any_device(struct check_run *c, const struct program *p, size_t at)
{
    report(c, program_place(p, at, at + 1), SV("allowAnyDevice"),
           "allowAnyDevice is true: every TDX machine gets the keys of the app, one in the operator's own rack included.");
}

static void look_at_devices(struct check_run *c, const struct program *p)
{
    size_t reported = SV_NOT_FOUND;
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = p->calls.at[i];
        size_t at = SV_NOT_FOUND, from, to;
        c->examined += SV_IN(k->name, SV("deployAndRegisterApp"), SV("setAllowAnyDevice"));
        if (factory_argument(p, k, 2, "true", &at) ||
            (sv_eq(k->name, SV("setAllowAnyDevice")) && program_argument(p, k, 0, &from, &to) && is_word(p, from, to, "true"))) {
            reported = at == SV_NOT_FOUND ? k->open + 1 : at;
            report_any_device(c, p, reported);
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        bool yes = sv_ieq(sv_unquote(p->at[i].text), SV("true"));
        bool named = i >= 2 && (program_is(p, i - 1, "=") || program_is(p, i - 1, ":")) &&
                     SV_IN(sv_unquote(p->at[i - 2].text), SV("allowAnyDevice"), SV("allow_any_device"));
        if (yes && i != reported && (named || line_says(p, i, "allowAnyDevice")))
            report_any_device(c, p, i);
    }
}

static bool names_devices(const struct source *s)
{
    return is_audited(s) && (sv_ihas(s->text, SV("allowAnyDevice")) || sv_has(s->text, SV("deployAndRegisterApp")));
}

void check_any_device(struct check_run *c)
{
    each_program(c, names_devices, look_at_devices);
}

static void look_at_hashes(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = p->calls.at[i];
        if (!SV_IN(k->name, SV("addComposeHash"), SV("add_compose_hash")) || !sv_has(k->chain, SV(".")))
            continue;
        c->examined++;
        report(c, program_place(p, k->from, k->close + 1), SV("addComposeHash"),
               "The owner key adds a compose hash with immediate effect: other code boots with the app's keys in the next block.");
    }
}

static void look_at_cast(struct check_run *c, const struct run *run)
{
    if (!sv_eq(command_name(run->command), SV("cast")) || run->scope == SCOPE_TEST)
        return;
    for (size_t i = 1; i < run->command->n; i++) {
        if (!sv_has(run->command->words[i].text, SV("addComposeHash(")) || !command_has(run->command, "send"))
            continue;
        c->examined++;
        on_scope(report(c, run->command->place, SV("addComposeHash"),
                        "The owner key adds a compose hash with immediate effect: other code boots with the app's keys in the next block."),
                 run->scope, SEV_HIGH);
    }
}

/* Solidity: a function that allows a hash and asks for no time to pass. */
static void look_at_adding(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_FUNCTION || !sv_eq(b->name, SV("addComposeHash")))
            continue;
        c->examined++;
        if (program_says(p, b->head, b->body_end, "timestamp") || program_says(p, b->head, b->body_end, "timelock"))
            continue;
        report(c, program_place(p, b->head, b->head + 1), SV("addComposeHash"),
               "addComposeHash takes effect in the same transaction: no notice protects those who use the app.");
    }
}

void check_upgrade_without_notice(struct check_run *c)
{
    each_program(c, names_contract_call, look_at_hashes);
    each_program(c, governs_boot, look_at_adding);
    for (size_t i = 0; i < c->facts->runs.n; i++)
        look_at_cast(c, c->facts->runs.at[i]);
}

/* ---- notice periods --------------------------------------------------------------------------------- */

/* "7 * 24 * 60 * 60", "86_400"; more than a year where it would not fit. */
static unsigned long product_of(sv text)
{
    unsigned long value = 1, factor = 0;
    for (size_t i = 0; i <= text.n; i++) {
        char ch = i == text.n ? '*' : text.p[i];
        if (ch >= '0' && ch <= '9' && factor < 400ul * DAY)
            factor = factor * 10 + (unsigned long)(ch - '0');
        if (ch == '*') {
            value = value < 400ul * DAY ? value * factor : value;
            factor = 0;
        }
    }
    return value;
}

static unsigned long unit_of(sv unit)
{
    if (sv_eq(unit, SV("minutes")))
        return 60;
    if (sv_eq(unit, SV("hours")))
        return 3600;
    return sv_eq(unit, SV("days")) ? DAY : sv_eq(unit, SV("weeks")) ? 7ul * DAY : 1;
}

void check_notice_short(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->hits.all.n; i++) {
        const struct hit *h = c->facts->hits.all.at[i];
        if (h->pattern->rule != c->rule || place_is_aside(h->place))
            continue;
        c->examined++;
        unsigned long seconds = product_of(hit_group(h, "VALUE")) * unit_of(hit_group(h, "UNIT"));
        if (seconds >= DAY)
            continue;
        report(c, h->place, hit_group(h, "NAME"), "%.*s is %lu seconds: nobody can read the new code and leave in that time.",
               SV_ARG(hit_group(h, "NAME")), seconds);
    }
}

static bool is_period(sv name)
{
    return sv_ieq(name, SV("noticePeriod")) || sv_ieq(name, SV("minDelay")) || sv_ieq(name, SV("timelockDelay")) ||
           sv_ieq(name, SV("upgradeDelay"));
}

/* The body requires something of the value that is assigned. */
static bool requires(const struct program *p, const struct block *b, sv value)
{
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = p->calls.at[i];
        if (k->from >= b->body && k->from < b->body_end && sv_eq(k->name, SV("require")) &&
            program_mentions(p, k->open, k->close, value))
            return true;
    }
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *inner = p->blocks.at[i];
        if (inner->kind == BLOCK_IF && inner->head >= b->body && inner->head < b->body_end &&
            program_mentions(p, inner->head, inner->head_end, value))
            return true;
    }
    return false;
}

static void look_at_periods(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = p->assigns.at[i];
        const struct block *b = program_function_at(p, a->at);
        if (!is_period(a->target) || b == NULL || a->value_end != a->value + 1 || p->at[a->value].kind != TOKEN_WORD)
            continue;
        c->examined++;
        if (!requires(p, b, p->at[a->value].text))
            report(c, program_place(p, a->at, a->value_end), a->target,
                   "%.*s takes any value, zero included: the contract itself promises no notice.", SV_ARG(a->target));
    }
}

void check_notice_unbounded(struct check_run *c)
{
    each_program(c, governs_boot, look_at_periods);
}

/* ---- the contract itself ------------------------------------------------------------------------------- */

static size_t declaration_of(const struct program *p, const char *name)
{
    for (size_t i = 1; i + 1 < p->n; i++)
        if (program_is(p, i, name) && program_is(p, i + 1, ";") && program_is(p, i - 1, "public"))
            return i;
    return SV_NOT_FOUND;
}

static void look_at_owner(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->assigns.n; i++) {
        const struct assignment *a = p->assigns.at[i];
        if (!SV_IN(a->target, SV("owner"), SV("_owner"), SV("admin"), SV("governance")))
            continue;
        c->examined++;
        sv value = program_text(p, a->value, a->value_end);
        if (!sv_eq(value, SV("msg.sender")))
            continue;
        size_t declared = declaration_of(p, sv_copy(c->arena, a->target).p);
        struct place where = declared == SV_NOT_FOUND ? program_place(p, a->at, a->value_end) : program_place(p, declared, declared + 1);
        bool hand_over = sv_has(p->src->text, SV("transferOwnership"));
        struct finding *r = report(c, where, a->target, "The account that deploys the contract owns it%s: one key decides which code may boot.",
                                   hand_over ? "" : ", and no function hands it over");
        relate(c, r, program_place(p, a->at, a->value_end), "set here");
        return;
    }
}

void check_single_owner(struct check_run *c)
{
    each_program(c, governs_boot, look_at_owner);
}

static void look_at_boot(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_FUNCTION || !sv_eq(b->name, SV("isAppAllowed")) || b->body >= b->body_end)
            continue;
        c->examined++;
        if (program_says(p, b->body, b->body_end, "tcb") || program_says(p, b->body, b->body_end, "super"))
            continue;
        struct finding *r = report(c, program_place(p, b->head, b->head_end), SV("isAppAllowed"),
                                   "isAppAllowed decides without tcbStatus, advisories%s: a machine with known holes gets the keys.",
                                   program_says(p, b->body, b->body_end, "osImageHash") ? "" : " and OS image");
        relate(c, r, program_place(p, b->body, b->body + 1), "decides here");
    }
}

void check_boot_ignores_tcb(struct check_run *c)
{
    each_program(c, governs_boot, look_at_boot);
}

/* `allowedComposeHashes[h] = true` in a function that emits nothing. */
static void look_at_events(struct check_run *c, const struct program *p)
{
    for (size_t i = 3; i < p->n; i++) {
        if (!program_is(p, i, "true") || !program_is(p, i - 1, "=") || !program_is(p, i - 2, "]") ||
            p->match[i - 2] == SV_NOT_FOUND || p->match[i - 2] == 0)
            continue;
        size_t name = p->match[i - 2] - 1;
        const struct block *b = program_function_at(p, i);
        if (b == NULL || !sv_ihas(p->at[name].text, SV("hash")))
            continue;
        c->examined++;
        if (program_find(p, b->body, b->body_end, "emit") == SV_NOT_FOUND)
            report(c, program_place(p, name, i + 1), p->at[name].text,
                   "A hash becomes allowed here and no event says so: the public history of the app's code has a hole.");
    }
}

void check_hash_without_event(struct check_run *c)
{
    each_program(c, governs_boot, look_at_events);
}

/* Activation waits for a time and never ends: `timestamp >=` and no `timestamp <`. */
static void look_at_expiry(struct check_run *c, const struct program *p)
{
    for (size_t i = 0; i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_FUNCTION || !(sv_ihas(b->name, SV("activate")) || sv_ihas(b->name, SV("execute"))))
            continue;
        size_t from = SV_NOT_FOUND;
        bool ends = false;
        for (size_t k = b->body; k + 1 < b->body_end; k++) {
            if (!program_is(p, k, "timestamp"))
                continue;
            bool starts = program_is(p, k + 1, ">=") || program_is(p, k + 1, ">");
            from = starts && from == SV_NOT_FOUND ? k : from;
            ends = ends || program_is(p, k + 1, "<") || program_is(p, k + 1, "<=");
        }
        c->examined += from != SV_NOT_FOUND;
        if (from != SV_NOT_FOUND && !ends)
            report(c, program_place(p, from, from + 1), b->name,
                   "What was proposed once can be activated at any later time, without another notice.");
    }
}

void check_proposal_expiry(struct check_run *c)
{
    each_program(c, governs_boot, look_at_expiry);
}

/* ---- the KMS ----------------------------------------------------------------------------------------------- */

static bool is_on_chain(sv kms)
{
    return sv_ihas(kms, SV("base")) || sv_ihas(kms, SV("eth")) || sv_ihas(kms, SV("$")) || sv_starts(kms, SV("0x"));
}

/* The hints behind a deploy command, up to the next one, are its options. */
static void check_deploy(struct check_run *c, size_t at)
{
    const struct facts *f = c->facts;
    const struct deploy_hint *deploy = f->hints.at[at];
    bool chain = false;
    for (size_t i = at + 1; i < f->hints.n; i++) {
        const struct deploy_hint *h = f->hints.at[i];
        if (h->place.src != deploy->place.src || sv_eq(h->what, SV("deploy")))
            break;
        chain = chain || (sv_eq(h->what, SV("kms")) && is_on_chain(h->value)) || sv_eq(h->what, SV("kms-id")) ||
                sv_eq(h->what, SV("key-provider"));
    }
    sv text = sv_sub(deploy->place.src->text, deploy->place.start, deploy->place.end);
    chain = chain || sv_has(text, SV("--private-key")) || sv_has(text, SV("--rpc-url")) || sv_has(text, SV("--custom-app-id")) ||
            sv_has(text, SV("--cvm-id")) || sv_has(text, SV("--uuid"));
    c->examined++;
    if (!chain && sv_has(text, SV("phala")))
        report(c, deploy->place, SV("phala deploy"),
               "The app is deployed without --kms: the cloud's own KMS decides which code gets its keys, without a public log.");
}

/* A comment that shows how to deploy says nothing about how it is deployed. */
static bool is_deploy_script(const struct deploy_hint *h)
{
    enum source_kind kind = h->place.src->kind;
    sv line = sv_trim(line_text(&h->place.src->lines, h->place.src->text, line_at(&h->place.src->lines, h->place.start)));
    return sv_eq(h->what, SV("deploy")) && (kind == SOURCE_SCRIPT || kind == SOURCE_WORKFLOW || kind == SOURCE_CODE || kind == SOURCE_MANIFEST) &&
           !place_is_aside(h->place) && !sv_starts(line, SV("#")) && !sv_starts(line, SV("//")) && !sv_starts(line, SV("echo"));
}

void check_kms_not_on_chain(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->hints.n; i++)
        if (is_deploy_script(c->facts->hints.at[i]))
            check_deploy(c, i);
}
