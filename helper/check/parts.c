/* What a compose document takes from outside of itself: files and remote documents it includes or extends (CX-34),
 * networks that other projects own (CX-36). */
#include "check/lookup.h"

static bool is_remote(sv path)
{
    return sv_has(path, SV("://")) || sv_starts(path, SV("git@")) || sv_has(path, SV(".git#"));
}

static bool names_commit(sv path)
{
    size_t hash = sv_rfind_char(path, '#');
    sv rest = hash == SV_NOT_FOUND ? SV_NONE : sv_sub(path, hash + 1, path.n), commit = sv_cut(&rest, ':');
    return sv_is_hex(commit, 40) || sv_has(path, SV("@sha256:"));
}

static void judge_part(struct check_run *c, const struct deployment *d, const struct node *n, const char *how)
{
    sv path = node_text(n);
    c->examined++;
    if (path.n == 0 || (is_remote(path) && names_commit(path)))
        return;
    struct finding *f = is_remote(path)
        ? report(c, n->place, path, "The document %s %.*s, which is fetched when the app starts and named by no commit or digest: whoever can write there changes the services under the same compose hash.", how, SV_ARG(path))
        : report(c, n->place, path, "The document %s %.*s. In the CVM no file lies beside it, so the deployed text is another one: judge the app-compose that was really deployed.", how, SV_ARG(path));
    f->deployment = d;
    f->severity = is_remote(path) ? SEV_HIGH : SEV_LOW;
    if (!d->deployed)
        f->severity = severity_at_most(f->severity, SEV_LOW);
}

/* include: [path], include: [{path: [a, b]}] */
static void judge_includes(struct check_run *c, const struct deployment *d, const struct node *root)
{
    for node_each(item, node_get(root, "include")) {
        const struct node *path = item->kind == NODE_MAP ? node_get(item, "path") : item;
        if (path != NULL && path->kind == NODE_LIST)
            for node_each(each, path)
                judge_part(c, d, each, "includes");
        else if (path != NULL)
            judge_part(c, d, path, "includes");
    }
    for node_each(s, node_get(root, "services")) {
        const struct node *file = node_path(s, "extends.file");
        if (file != NULL)
            judge_part(c, d, file, "extends services of");
    }
}

/* Few documents say one of the two keys; a backslash may spell one of them otherwise. */
static bool may_name_parts(sv text) { return sv_has(text, SV("include")) || sv_has(text, SV("extends")) || sv_has(text, SV("\\")); }

/* CX-34: as the document is written; the services that other checks see have the parts merged in. */
void check_parts_elsewhere(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->deployments.n; i++) {
        const struct deployment *d = c->facts->deployments.at[i];
        if (d->rank >= RANK_DEV || d->refused.p != NULL)
            continue;
        c->examined++;
        for (const struct doc *doc = may_name_parts(d->compose->text) ? read_yaml(c->facts->repo, d->compose) : NULL; doc != NULL; doc = doc->next)
            judge_includes(c, d, doc->root);
    }
}

/* CX-36 */
void check_network_elsewhere(struct check_run *c)
{
    for (size_t i = 0; i < c->facts->deployments.n; i++) {
        const struct deployment *d = c->facts->deployments.at[i];
        for node_each(n, d->rank >= RANK_DEV ? NULL : node_get(d->root, "networks")) {
            const struct node *external = node_get(n, "external");
            sv driver = node_get_text(n, "driver"), name = node_get_text(n, "name");
            bool outside = external != NULL && !node_false(external) && !sv_eq(name, SV("host"));
            c->examined++;
            if (!outside && !SV_IN(driver, SV("macvlan"), SV("ipvlan")))
                continue;
            struct finding *f = outside
                ? report(c, n->key_place, n->key, "The network '%.*s' is made by somebody else: containers that this document does not list can stand in it and reach its services past the published ports.", SV_ARG(n->key))
                : report(c, n->key_place, n->key, "The network '%.*s' (%.*s) gives containers addresses of their own on the network of the CVM: every port they open is reachable there, published or not.", SV_ARG(n->key), SV_ARG(driver));
            f->deployment = d;
            f->severity = d->deployed ? SEV_LOW : SEV_INFO;
        }
    }
}
