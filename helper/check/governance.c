/* Who decides which code gets keys, as deploy scripts and configuration show it: the kind of KMS, lists kept in
 * files, what is left to the owner when upgrades are off, and whether users can read the contract. */
#include "check/code.h"
#include "check/lookup.h"

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

/* Inside a quoted text of its line: in shell a message, no command. */
static bool is_quoted(struct place p)
{
    bool quoted = false;
    for (size_t i = p.start; i-- > 0 && p.src->text.p[i] != '\n';)
        quoted = p.src->text.p[i] == '"' ? !quoted : quoted;
    return quoted;
}

/* A comment that shows how to deploy says nothing about how it is deployed. */
static bool is_deploy_script(const struct deploy_hint *h)
{
    enum source_kind kind = h->place.src->kind;
    sv line = sv_trim(line_text(&h->place.src->lines, h->place.src->text, line_at(&h->place.src->lines, h->place.start)));
    return sv_eq(h->what, SV("deploy")) && (kind == SOURCE_SCRIPT || kind == SOURCE_WORKFLOW || kind == SOURCE_CODE || kind == SOURCE_MANIFEST) &&
           !place_is_aside(h->place) && !sv_starts(line, SV("#")) && !sv_starts(line, SV("//")) && !sv_starts(line, SV("echo")) &&
           (kind == SOURCE_CODE || kind == SOURCE_MANIFEST || !is_quoted(h->place));
}

void check_kms_not_on_chain(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->hints.n; i++)
        if (is_deploy_script(c->facts->hints.at[i]))
            check_deploy(c, i);
}

/* ---- a list in a file: the simple authorisation server of dstack's KMS ----------------------------------------- */

static void look_at_list(struct check_run *c, const struct source *s)
{
    const struct doc *doc = read_json(c->facts->repo, s);
    const struct node *apps = doc == NULL ? NULL : node_get(doc->root, "apps");
    c->examined += apps != NULL;
    if (apps == NULL || apps->kind != NODE_MAP || node_get(doc->root, "osImages") == NULL)
        return;
    struct finding *f = report(c, apps->key_place, SV("apps"),
                               "The code that gets keys is listed in this file: whoever can write it lets other code boot, without event or notice.");
    for node_each(app, apps)
        if (node_true(node_get(app, "allowAnyDevice")))
            relate(c, f, node_get(app, "allowAnyDevice")->place, "and on any machine");
}

void check_kms_list(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        if (s->lang == LANG_JSON && !s->vendored && s->kind != SOURCE_LOCK && sv_has(s->text, SV("\"composeHashes\"")))
            look_at_list(c, s);
    }
}

/* ---- upgrades off, owner still there ---------------------------------------------------------------------------- */

/* What is named so is no single key. */
static const char *const bodies[] = {"timelock", "multisig", "governor", "gnosis", "safeaddress", "safe_address", "council", "dao", NULL};

/* Somebody or something else than a key becomes owner, or nobody: by a call of the program, or of `cast send`. */
static bool gives_up_ownership(const struct program *p)
{
    static const char *const names[] = {"renounceownership", "transferownership", NULL};
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t from, to;
        if (call_named(k, names) && (sv_ieq(k->name, SV("renounceOwnership")) || k->chain.n > k->name.n))
            return true;
        if (sv_eq(k->name, SV("deployAndRegisterApp")) && program_argument(p, k, 0, &from, &to) && derives_from(p, from, to, bodies, 2))
            return true;
        for (size_t t = k->open + 1; t < k->close && !is_log_call(k); t++) /* writeContract({functionName: "renounceOwnership"}) */
            if (p->at[t].kind == TOKEN_STRING && (sv_istarts(program_string(p, t), SV("renounceOwnership")) || sv_istarts(program_string(p, t), SV("transferOwnership"))))
                return true;
    }
    return false;
}

static void look_at_freezing(struct check_run *c, const struct source *s)
{
    const struct program *p = read_program(c->facts->repo, s);
    for (size_t i = 0; p != NULL && i < p->calls.n; i++) {
        const struct call *k = &p->calls.at[i];
        size_t from, to;
        bool calls = sv_eq(k->name, SV("disableUpgrades")) && k->chain.n > k->name.n;
        bool creates = sv_eq(k->name, SV("deployAndRegisterApp")) && program_argument(p, k, 1, &from, &to) &&
                       sv_ieq(program_text(p, from, to), SV("true"));
        if (!calls && !creates)
            continue;
        c->examined++;
        if (!gives_up_ownership(p))
            report(c, calls ? program_place(p, k->from, k->close + 1) : program_place(p, from, to), SV("disableUpgrades"),
                   "Turning upgrades off freezes the contract, not the app: the owner stays and can add the hash of any other code.");
    }
}

static bool sends(const struct command *k, sv function)
{
    for (size_t i = 1; sv_eq(command_name(k), SV("cast")) && command_has(k, "send") && i < k->n; i++)
        if (sv_starts(k->words[i].text, function))
            return true;
    return false;
}

/* cast send "$APP" 'disableUpgrades()', and no command of the script hands the contract over. */
static void look_at_cast(struct check_run *c, const struct run *r)
{
    bool over = false;
    if (!sends(r->command, SV("disableUpgrades(")))
        return;
    c->examined++;
    for (size_t i = 0; r->shell != NULL && i < r->shell->commands.n; i++)
        over = over || sends(r->shell->commands.at[i], SV("renounceOwnership(")) || sends(r->shell->commands.at[i], SV("transferOwnership("));
    if (!over)
        on_scope(report(c, r->command->place, SV("disableUpgrades"), "Turning upgrades off freezes the contract, not the app: the owner stays and can add the hash of any other code."), r->scope, SEV_MEDIUM);
}

void check_owner_stays(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->runs.n; i++)
        look_at_cast(c, c->facts->runs.at[i]);
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        bool deploys = s->lang != LANG_SOLIDITY || sv_ends(s->path, SV(".s.sol"));
        if ((s->kind == SOURCE_CODE || s->kind == SOURCE_SCRIPT) && deploys && !s->vendored &&
            (source_has(s, SV("disableUpgrades")) || source_has(s, SV("deployAndRegisterApp"))))
            look_at_freezing(c, s);
    }
}

/* ---- source on the explorer --------------------------------------------------------------------------------------- */

static bool is_negated(const struct program *p, const struct block *b)
{
    for (size_t i = b->head; i < b->head_end; i++)
        if (program_is(p, i, "not") || program_is(p, i, "!"))
            return true;
    return sv_has(program_text(p, b->head, b->head_end), SV(" -z "));
}

/* `if BASESCAN_API_KEY: cmd += ["--verify", …]` without an else that stops. */
static void look_at_publication(struct check_run *c, const struct source *s)
{
    const struct program *p = read_program(c->facts->repo, s);
    for (size_t i = 0; p != NULL && i < p->blocks.n; i++) {
        const struct block *b = p->blocks.at[i];
        if (b->kind != BLOCK_IF || is_negated(p, b) || !program_says(p, b->head, b->head_end, "scan_api_key"))
            continue;
        sv body = program_text(p, b->body, b->body_end);
        if (!sv_has(body, SV("--verify")) && !sv_has(body, SV("verify-contract")))
            continue;
        c->examined++;
        bool stops = b->next != NULL && b->next->follows == b && program_leaves(p, b->next->body, b->next->body_end);
        if (!stops)
            report(c, program_place(p, b->head, b->head_end), SV("--verify"),
                   "The contract's source is published only where an explorer key happens to be set: users may face a contract that nobody can read.");
    }
}

void check_contract_source_published(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->repo->files.n; i++) {
        const struct source *s = c->facts->repo->files.at[i];
        if ((s->kind == SOURCE_CODE || s->kind == SOURCE_SCRIPT) && !s->vendored && source_has(s, SV("SCAN_API_KEY")))
            look_at_publication(c, s);
    }
}
