/* app-compose.json in every wrapping it is saved in: the file itself, tcb_info, the SDK's info(), the
 * cloud API's replies, and the HTML page of port 8090 (dstack-facts 1, 2.4). */
#include "base/buf.h"
#include "base/hash.h"
#include "fact/fact.h"

enum { WRAPPINGS_MAX = 6 }; /* info -> tcb_info -> app_compose, each perhaps a JSON string */

/* ---- the 8090 page ------------------------------------------------------------------------------ */

/* Bytes used by the character reference at `s`, 0 where it is none. */
static size_t put_entity(struct buf *b, sv s)
{
    static const struct { const char *name; char c; } known[] = {
        {"&quot;", '"'}, {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sv_starts(s, sv_from(known[i].name))) {
            buf_putc(b, known[i].c);
            return sv_from(known[i].name).n;
        }
    if (!sv_starts(s, SV("&#")))
        return 0;
    bool hex = s.n > 2 && (s.p[2] == 'x' || s.p[2] == 'X');
    size_t i = hex ? 3 : 2, first = i;
    unsigned code = 0;
    for (; i < s.n && i - first < 7; i++) {
        char c = s.p[i];
        if (c >= '0' && c <= '9')
            code = code * (hex ? 16 : 10) + (unsigned)(c - '0');
        else if (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            code = code * 16 + (unsigned)((c | 32) - 'a' + 10);
        else
            break;
    }
    if (i == first || i >= s.n || s.p[i] != ';' || code > 0x10FFFF)
        return 0;
    char utf8[4];
    buf_put(b, (sv){utf8, utf8_encode(code, utf8)});
    return i + 1;
}

static struct source *embed_json(struct facts *f, const struct source *host, size_t offset, sv text, const char *field)
{
    struct source *s = source_embed(f->arena, host, offset, text, EMBED_STRING, field);
    s->kind = SOURCE_APP_COMPOSE;
    s->lang = LANG_JSON;
    s->scope = host->scope;
    vec_push(f->arena, &f->embedded, s);
    return s;
}

/* The text of the <textarea> that holds app_compose, its entities decoded; NULL where there is none. */
static const struct source *page_json(struct facts *f, const struct source *page)
{
    for (size_t at = 0; (at = sv_find_at(page->text, SV("<textarea"), at)) != SV_NOT_FOUND; at++) {
        size_t from = sv_find_at(page->text, SV(">"), at);
        if (from == SV_NOT_FOUND)
            return NULL;
        size_t to = sv_find_at(page->text, SV("</textarea"), from);
        sv inner = sv_sub(page->text, from + 1, to == SV_NOT_FOUND ? page->text.n : to);
        if (!sv_has(inner, SV("app_compose")))
            continue;
        struct buf b = {0};
        for (size_t i = 0; i < inner.n;) {
            size_t used = inner.p[i] == '&' ? put_entity(&b, sv_sub(inner, i, inner.n)) : 0;
            if (used == 0)
                buf_putc(&b, inner.p[i++]);
            i += used;
        }
        sv text = sv_trim(sv_copy(f->arena, buf_view(&b)));
        buf_free(&b);
        return embed_json(f, page, from + 1, text, "textarea");
    }
    return NULL;
}

/* ---- finding the object inside ------------------------------------------------------------------- */

static bool is_app_compose(const struct node *n)
{
    return n->kind == NODE_MAP && node_get(n, "manifest_version") != NULL &&
           (node_get(n, "runner") != NULL || node_get(n, "docker_compose_file") != NULL ||
            node_get(n, "bash_script") != NULL);
}

static const struct node *find_app_compose(struct facts *f, const struct node *n, unsigned depth);

/* A JSON text kept as a string, e.g. tcb_info.app_compose: its bytes are what compose_hash measures. */
static const struct node *open_string(struct facts *f, const struct node *n, const char *field, unsigned depth)
{
    sv text = sv_trim(node_text(n));
    if (!sv_starts(text, SV("{")))
        return NULL;
    struct source *s = node_source(f->arena, n, field);
    if (s == NULL)
        return NULL;
    s->kind = SOURCE_APP_COMPOSE;
    s->lang = LANG_JSON;
    s->scope = n->place.src->scope;
    vec_push(f->arena, &f->embedded, s);
    const struct doc *doc = read_json(f->repo, s);
    return doc == NULL ? NULL : find_app_compose(f, doc->root, depth + 1);
}

static const struct node *find_app_compose(struct facts *f, const struct node *n, unsigned depth)
{
    static const char *const wrapping[] = {"app_compose", "tcb_info", "info", "compose_file", "data"};
    if (depth > WRAPPINGS_MAX || n == NULL)
        return NULL;
    if (is_app_compose(n))
        return n;
    if (n->kind == NODE_LIST) {
        const struct node *only = n->child;
        return only == NULL ? NULL : find_app_compose(f, only, depth + 1);
    }
    for (size_t i = 0; i < sizeof wrapping / sizeof *wrapping; i++) {
        const struct node *inner = node_get(n, wrapping[i]);
        const struct node *found = inner == NULL ? NULL
                                   : inner->kind == NODE_SCALAR
                                       ? open_string(f, inner, wrapping[i], depth)
                                       : find_app_compose(f, inner, depth + 1);
        if (found != NULL)
            return found;
    }
    const struct node *instances = node_get(n, "instances");
    return instances == NULL ? NULL : find_app_compose(f, instances, depth + 1);
}

/* ---- Phala's pre-launch scripts -------------------------------------------------------------------- */

/* SHA-256 of the published versions in their plain form (see plain_prelaunch): the deployed copies
 * differ from the files in a first line and in escapes that their transport undid.
 * Computed over Dstack-TEE/dstack-examples phala-cloud-prelaunch-script/prelaunch.sh, all commits. */
static const struct { const char *version, *sha256; } published[] = {
    {"0.0.4", "fbcb04543fff43fb089f060495b20006944ee05f1cf39df9df4073038a237b7b"},
    {"0.0.5", "03ced6ffb14cf77f77e371cbb6dd6fd9c992052f5a3d40537b3c00a3df0722bd"},
    {"0.0.6", "b15d10bb56946711e49dda51e2b37442559ef3d3265c1fb7eb82dba1e1a36452"},
    {"0.0.7", "7b6dda881e1f9e0b1a480d5dc68d4ff94d35309fcbdda905db2ff73e072fbf8b"},
    {"0.0.7", "9221db33b4b0112c5124e358e3db1060a508ccce7ed6aafbdf66f009187ecd99"},
    {"0.0.8", "98850b57d4c388eb51fe48081d98a1cd9cc49a01927ec7ebecf74aac717f601f"},
    {"0.0.8", "f5fba66f24c2a77277b01cfc37ad101a4bb11620feea969a60db0b5798b679c8"},
    {"0.0.10", "943096d236c85ec71587ff81440706436338357a20671ea3cb5743370a3bbecc"},
    {"0.0.11", "5df37dca875c702cb4b9f5e9c257b52624ee73729c898e46118a090c64b95290"},
    {"0.0.12", "8a3ffaba7f57c57479b9a27dac8ac7971a34be92de51bd7ebab215e75ec3eb8a"},
    {"0.0.13", "9c521c4bcd0caf61dfbb630ca96478404f10b46c3c0f68324ffe093a637f9b6d"},
    {"0.0.14", "a974db4ebd9d1e270af57243d8fbcda71aef1b101775d67ecc303a4d0f676730"},
    {"0.0.15", "a96b0f6494b06103768e518c6d55047781aebc7e4c59a30a0336de7de12f2cb7"},
    {"0.0.16", "b25738d279c1f3093f66967da6dc31b3a29056314aebb5406294dd065edc23d7"},
    {"0.0.16", "4a286a634ba2cb056992ff1901c7b275e590b9d66229385e8b661dbce17f512a"},
    {"0.0.16", "e71af4511f735e1b5a4b18ba5eb06d0bf741cbec5493bc098c3c9078659b9742"},
    {"0.0.16", "69dadd2f77557b24a124eaff4734b17b8319e3d4ec9a8b8645e239518bcd5954"},
    {"0.0.17", "e8db45db0742dd0f4b1f7e67c0de892f42a8dbc78805d7115f4a4c36f7d98e37"},
    {"0.0.18", "24166714a0c4f9c3fc4bf3ddd944c8d145ec22ba071afa11fb64e7be8aea50d8"},
    {"0.0.19", "661fedf134716379ab219e1393667e3b44f5814f7f8050c02c76fccd511167a6"},
};

/* Without leading and trailing newlines and a #! line; "\" before a line break removed with it, "\n"
 * turned into a line break. */
static sv plain_prelaunch(struct arena *a, sv text)
{
    while (sv_starts(text, SV("\n")))
        text = sv_sub(text, 1, text.n);
    if (sv_starts(text, SV("#!")))
        sv_cut(&text, '\n');
    struct buf b = {0};
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i], next = i + 1 < text.n ? text.p[i + 1] : 0;
        if (c == '\\' && (next == '\n' || next == 'n')) {
            if (next == 'n')
                buf_putc(&b, '\n');
            i++;
        } else {
            buf_putc(&b, c);
        }
    }
    sv plain = sv_trim_char(sv_copy(a, buf_view(&b)), '\n');
    buf_free(&b);
    return plain;
}

sv phala_prelaunch_version(struct arena *a, sv text, bool *exact)
{
    static const char marker[] = "Running Phala Cloud Pre-Launch Script v"; /* every published version prints it */
    size_t at = sv_find(text, sv_from(marker));
    *exact = false;
    if (at == SV_NOT_FOUND)
        return SV_NONE;
    sv hash = hash_sha256_hex(a, plain_prelaunch(a, text));
    for (size_t i = 0; i < sizeof published / sizeof *published; i++)
        if (sv_eq(hash, sv_from(published[i].sha256))) {
            *exact = true;
            return sv_from(published[i].version);
        }
    size_t from = at + sizeof marker - 1, to = from;
    while (to < text.n && ((text.p[to] >= '0' && text.p[to] <= '9') || text.p[to] == '.'))
        to++;
    return sv_sub(text, from, to);
}

/* ---- rows --------------------------------------------------------------------------------------- */

static struct source *embedded_text(struct facts *f, const struct node *n, const char *field,
                                          enum source_kind kind, enum lang lang)
{
    if (n == NULL || node_text(n).n == 0)
        return NULL;
    struct source *s = node_source(f->arena, n, field);
    if (s == NULL)
        return NULL;
    s->kind = kind;
    s->lang = lang;
    s->scope = n->place.src->scope;
    vec_push(f->arena, &f->embedded, s);
    return s;
}

static void read_scripts(struct facts *f, struct app_compose *app)
{
    const struct node *root = app->root;
    app->compose = embedded_text(f, node_get(root, "docker_compose_file"), "docker_compose_file", SOURCE_COMPOSE,
                                 LANG_YAML);
    struct source *script = embedded_text(f, node_get(root, "pre_launch_script"), "pre_launch_script", SOURCE_SCRIPT, LANG_SHELL);
    app->pre_launch = script;
    app->pre_launch_text = script == NULL ? SV_NONE : script->text;
    app->bash_script = embedded_text(f, node_get(root, "bash_script"), "bash_script", SOURCE_SCRIPT, LANG_SHELL);
    const struct node *init = node_get(root, "init_script");
    if (init != NULL && init->kind == NODE_LIST) {
        for node_each(e, init) {
            struct source *s = embedded_text(f, e, "init_script", SOURCE_SCRIPT, LANG_SHELL);
            if (s != NULL)
                vec_push(f->arena, &app->init_scripts, s);
        }
    } else {
        struct source *s = embedded_text(f, init, "init_script", SOURCE_SCRIPT, LANG_SHELL);
        if (s != NULL)
            vec_push(f->arena, &app->init_scripts, s);
    }
    app->prelaunch_version = SV_NONE;
    if (app->pre_launch != NULL)
        app->prelaunch_version = phala_prelaunch_version(f->arena, app->pre_launch->text, &app->prelaunch_exact);
    if (app->prelaunch_version.p != NULL)
        prelaunch_keep_own(f->arena, app, script);
}

static void read_app_compose(struct facts *f, const struct source *src, const struct node *root)
{
    struct app_compose *app = vec_new(f->arena, &f->app_composes, struct app_compose);
    *app = (struct app_compose){.src = src, .root = root, .given = src == f->repo->given};
    const struct node *version = node_get(root, "manifest_version");
    app->manifest_version = node_text(version);
    app->manifest_is_string = version->style == STYLE_JSON_STRING;
    app->runner = node_get_text(root, "runner");
    const struct node *allowed = node_get(root, "allowed_envs");
    app->allowed_envs_known = allowed != NULL && allowed->kind == NODE_LIST;
    for node_each(e, allowed)
        if (e->kind == NODE_SCALAR)
            vec_push(f->arena, &app->allowed_envs, (struct node *)e);
    read_scripts(f, app);
}

/* The bytes that were hashed into compose_hash belong to app->root's own source. */
static void read_source(struct facts *f, const struct source *src)
{
    const struct source *json = src;
    sv text = sv_trim(src->text);
    if (sv_starts(text, SV("<")))
        json = page_json(f, src);
    if (json == NULL)
        return;
    const struct doc *doc = read_json(f->repo, json);
    const struct node *root = doc == NULL ? NULL : find_app_compose(f, doc->root, 0);
    if (root != NULL)
        read_app_compose(f, src, root);
    else if (doc != NULL && src == f->repo->given)
        repo_diag(f->repo, src->path, 0, "no app-compose found in this file");
}

void facts_from_app_compose(struct facts *f)
{
    if (f->repo->given != NULL)
        read_source(f, f->repo->given);
    for (size_t i = 0; i < f->repo->files.n; i++) {
        const struct source *src = f->repo->files.at[i];
        if (src->kind == SOURCE_APP_COMPOSE && !src->vendored)
            read_source(f, src);
    }
}
