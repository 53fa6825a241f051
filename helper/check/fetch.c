/* System packages, git, downloads; the rest by ecosystem in fetch_packages.c and locks.c. */
#include "check/fetch.h"
#include "check/lookup.h"

/* ---- words ------------------------------------------------------------------------------------------- */

bool is_flag(sv w)
{
    return w.n > 1 && w.p[0] == '-';
}

bool list_has(const char *const *list, sv word)
{
    for (; *list != NULL; list++)
        if (word.n != 0 && word.p[0] == **list && sv_eq(word, sv_from(*list)))
            return true;
    return false;
}

size_t after_word(const struct command *c, const char *const *words)
{
    for (size_t i = 1; i < c->n; i++)
        if (list_has(words, c->words[i].text))
            return i + 1;
    return 0;
}

void add_name(struct arena *a, struct names *names, sv name, bool fixed)
{
    if (names->n < 12)
        names->list = names->n == 0 ? name : sv_printf(a, "%.*s %.*s", SV_ARG(names->list), SV_ARG(name));
    else if (names->n == 12)
        names->list = sv_concat(a, names->list, SV(" …"));
    names->n++;
    names->fixed += fixed;
}

bool is_local_path(sv w)
{
    return sv_starts(w, SV(".")) || sv_starts(w, SV("/")) || ((sv_ends(w, SV(".whl")) || sv_ends(w, SV(".tar.gz"))) && !sv_has(w, SV("://")));
}

/* ---- system packages ----------------------------------------------------------------------------------- */

static bool text_pins_apt(sv text)
{
    static const char *const marks[] = {"snapshot.debian.org", "snapshot.ubuntu.com", "snapshot-cloudflare", "repro-sources-list",
                                        "apt/preferences.d", "snapshot.notset.fr", "APT::Snapshot", "APT_SNAPSHOT"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (sv_has(text, sv_from(marks[i])))
            return true;
    return false;
}

/* `COPY sources.list /etc/apt/sources.list` with a snapshot in the copied file. */
static bool copies_pins(struct fetching *x, const struct run *r, const struct instruction *in)
{
    size_t space = sv_rfind_char(sv_trim(in->args), ' ');
    if (!SV_IN(in->keyword, SV("COPY"), SV("ADD")) || space == SV_NOT_FOUND || !sv_has(in->args, SV("etc/apt")))
        return false;
    for (sv rest = sv_sub(sv_trim(in->args), 0, space); rest.p != NULL;) {
        bool image;
        sv word = sv_cut(&rest, ' ');
        const struct source *s = word.n == 0 ? NULL : file_for_run(x, r, path_base(word), &image);
        if (s != NULL && (text_pins_apt(s->text) || sv_has(sv_sub(in->args, space, in->args.n), SV("preferences"))))
            return true;
    }
    return false;
}

/* By stage, the offset from which on a snapshot source or a list of pins holds. */
static size_t *pins_of(struct fetching *x, const struct run *r)
{
    const struct dockerfile *d = r->dockerfile;
    struct image_files *image = image_files_of(x, d);
    if (image->apt_pinned != NULL)
        return image->apt_pinned;
    image->apt_pinned = arena_array(x->a, size_t, d->stages.n + 1);
    for (size_t i = 0; i <= d->stages.n; i++)
        image->apt_pinned[i] = SV_NOT_FOUND;
    for (size_t i = d->instructions.n; i-- > 0;) {
        const struct instruction *in = d->instructions.at[i];
        if (in->stage < d->stages.n && (text_pins_apt(in->args) || copies_pins(x, r, in)))
            image->apt_pinned[in->stage] = in->place.start;
    }
    return image->apt_pinned;
}

/* A snapshot source or a list of pins stands before the command, in its stage or one it builds on; or in its script. */
static bool apt_is_pinned(struct fetching *x, const struct run *r)
{
    const struct instruction *at = instruction_of(r);
    if (at == NULL)
        return text_pins_apt(r->src->text);
    const struct dockerfile *d = r->dockerfile;
    const size_t *pinned = pins_of(x, r);
    for (const struct stage *s = at->stage < d->stages.n ? d->stages.at[at->stage] : NULL; s != NULL; s = s->base)
        if (pinned[s->index] != SV_NOT_FOUND && (s->index != at->stage || pinned[s->index] <= at->place.start))
            return true;
    return false;
}

static bool pins_later(struct fetching *x, const struct run *r)
{
    const struct instruction *at = instruction_of(r);
    return at != NULL && at->stage < r->dockerfile->stages.n && pins_of(x, r)[at->stage] != SV_NOT_FOUND;
}

/* apt and apk write "=version"; rpm "name-1.2.3-4". */
static bool has_version(sv word, bool rpm)
{
    if (!rpm)
        return sv_find_char(word, '=') != SV_NOT_FOUND && !sv_has(word, SV("=~")) && !sv_ends(word, SV("*"));
    for (size_t i = 0; i + 1 < word.n; i++)
        if (word.p[i] == '-' && word.p[i + 1] >= '0' && word.p[i + 1] <= '9')
            return true;
    return false;
}

static bool fetch_system(struct fetching *x, const struct run *r, struct fetch *out)
{
    static const char *const apt[] = {"apt-get", "apt", "aptitude", "apt-fast", NULL};
    static const char *const rpm[] = {"dnf", "yum", "microdnf", "zypper", "tdnf", NULL};
    static const char *const install[] = {"install", "add", "upgrade", "dist-upgrade", "full-upgrade", NULL};
    static const char *const valued[] = {"-t", "--target-release", "-o", "--virtual", "-X", "--repository", "-c", "--setopt", "--enablerepo", NULL};
    static const char *const sync[] = {"-S", "-Sy", "-Syu", "-Syyu", NULL};
    bool is_apt = list_has(apt, out->tool), is_rpm = list_has(rpm, out->tool);
    size_t from = is_apt || is_rpm || sv_eq(out->tool, SV("apk")) ? after_word(r->command, install) : 0;
    if (SV_IN(out->tool, SV("pacman"), SV("yay"), SV("paru")))
        from = after_word(r->command, sync);
    if (from == 0)
        return false;
    struct names names = {0};
    bool snapshot = command_has(r->command, "--snapshot") || command_has(r->command, "-S");
    for (size_t i = from; i < r->command->n; i++) {
        sv w = r->command->words[i].text;
        if (list_has(valued, w))
            i++;
        else if (!is_flag(w) && !is_local_path(w) && !sv_ends(w, SV(".deb")))
            add_name(x->a, &names, w, has_version(w, is_rpm));
    }
    bool upgrade = sv_has(r->command->words[from - 1].text, SV("upgrade"));
    if (names.n == 0 && !upgrade)
        return false; /* local files only */
    out->kind = FETCH_SYSTEM;
    out->subject = names.n == 0 ? SV("upgrades of all packages") : names.list;
    out->state = names.n > 0 && names.fixed == names.n ? FETCH_VERSIONS : FETCH_OPEN;
    if (is_apt && (snapshot || apt_is_pinned(x, r)))
        out->state = FETCH_FIXED;
    else if (is_apt && sv_eq(out->subject, SV("ca-certificates")) && pins_later(x, r))
        out->state = FETCH_VERSIONS; /* only to reach the snapshot by https, which then replaces it */
    out->flaw = out->state != FETCH_OPEN ? "versions are given, contents are not" : is_apt ? "neither a snapshot of the archive nor versions are given" : "no versions are given";
    return true;
}

/* ---- git ---------------------------------------------------------------------------------------------------- */

enum { AHEAD = 100 }; /* commands looked at behind a download: what is fetched is used and checked soon */

/* Index behind the last command that is looked at for the one at `at`. */
static size_t horizon(const struct run *r, size_t at)
{
    return r->shell == NULL ? 0 : at + AHEAD < r->shell->commands.n ? at + AHEAD : r->shell->commands.n;
}

static bool has_commit(const struct command *c)
{
    for (size_t i = 1; i < c->n; i++) {
        sv w = c->words[i].text;
        size_t at = sv_rfind_char(w, '@');
        if (sv_is_hex(w, 40) || (at != SV_NOT_FOUND && sv_is_hex(sv_sub(w, at + 1, w.n), 40)))
            return true;
        /* "$COMMIT", "${DSTACK_REV}": fixed as far as the variable is */
        if (c->words[i].expands && (sv_ihas(w, SV("COMMIT")) || sv_ihas(w, SV("REV")) || sv_ihas(w, SV("SHA"))))
            return true;
    }
    return false;
}

static bool is_release_name(sv ref)
{
    size_t at = sv_starts(ref, SV("v")) ? 1 : 0;
    if (sv_has(ref, SV("$")))
        return sv_ihas(ref, SV("VERSION")) || sv_ihas(ref, SV("TAG")) || sv_ihas(ref, SV("RELEASE"));
    return at < ref.n && ref.p[at] >= '0' && ref.p[at] <= '9' && sv_find_char(ref, '.') != SV_NOT_FOUND;
}

static bool fetch_git(const struct run *r, struct fetch *out)
{
    const struct command *c = r->command;
    if (!sv_eq(out->tool, SV("git")) || !command_has(c, "clone"))
        return false;
    for (size_t i = 1; i < c->n; i++)
        if (sv_has(c->words[i].text, SV("://")) || sv_has(c->words[i].text, SV("git@")) || (out->subject.n == 0 && c->words[i].expands && !is_flag(c->words[i - 1].text)))
            out->subject = c->words[i].text;
    if (out->subject.n == 0)
        return false; /* a local folder */
    sv branch = command_option(c, "--branch");
    branch = branch.n == 0 ? command_option(c, "-b") : branch;
    out->kind = FETCH_GIT;
    out->state = is_release_name(branch) ? FETCH_VERSIONS : FETCH_OPEN;
    out->flaw = out->state == FETCH_VERSIONS ? "a tag is named, which its owner can move" : branch.n != 0 ? "a branch is named, no commit" : "no commit is checked out";
    for (size_t i = r->index; i < horizon(r, r->index); i++) {
        const struct command *later = r->shell->commands.at[i];
        bool moves = command_has(later, "checkout") || command_has(later, "reset") || command_has(later, "fetch") || command_has(later, "clone");
        if (sv_eq(command_name(later), SV("git")) && moves && has_commit(later))
            out->state = FETCH_FIXED;
    }
    return true;
}

/* ---- downloads ------------------------------------------------------------------------------------------------ */

static bool is_download(sv tool)
{
    return SV_IN(tool, SV("curl"), SV("wget"), SV("aria2c"));
}

enum check_strength { CHECK_NONE, CHECK_WEAK, CHECK_STRONG };

/* Does the command compare a file with something fixed, and fail? A sum that is only printed compares nothing. */
static enum check_strength strength_of(const struct run *r, size_t at)
{
    const struct command *c = r->shell->commands.at[at];
    sv name = command_name(c), ignored = c->or_else == NULL ? SV_NONE : command_name(c->or_else);
    if (SV_IN(ignored, SV("true"), SV(":"), SV("echo")))
        return CHECK_NONE;
    if (is_download(name))
        return CHECK_NONE;
    if (sv_ihas(name, SV("verify")) || sv_ihas(name, SV("checksum")) || sv_ihas(name, SV("check_sha")))
        return CHECK_STRONG; /* a function of the script */
    if (command_verifies(c))
        return CHECK_STRONG;
    if (sv_eq(name, SV("md5sum")))
        return CHECK_WEAK;
    if (!is_checksum(name))
        return CHECK_NONE;
    for (size_t i = at > 2 ? at - 2 : 0; i < at + 4 && i < r->shell->commands.n; i++) {
        sv near = command_name(r->shell->commands.at[i]); /* [ "$(sha256sum f)" = "$EXPECTED" ], | grep -q HASH */
        if (SV_IN(near, SV("["), SV("[["), SV("test"), SV("grep")))
            return CHECK_STRONG;
    }
    return CHECK_NONE;
}

static sv output_of(const struct command *c)
{
    static const char *const outputs[] = {"-o", "--output", "-O", "--output-document", NULL};
    if (c->redirect_out.n != 0)
        return c->redirect_out;
    for (size_t i = 1; i < c->n; i++) {
        sv w = c->words[i].text;
        bool curl_remote_name = sv_eq(command_name(c), SV("curl")) && sv_eq(w, SV("-O"));
        if (!curl_remote_name && list_has(outputs, w) && i + 1 < c->n)
            return c->words[i + 1].text;
        if (sv_starts(w, SV("--output=")))
            return sv_sub(w, 9, w.n);
        if (w.n > 2 && w.p[0] == '-' && w.p[1] != '-' && (w.p[w.n - 1] == 'o' || (w.p[w.n - 1] == 'O' && sv_eq(command_name(c), SV("wget")))) && i + 1 < c->n)
            return c->words[i + 1].text; /* -fsSLo FILE, -qO FILE */
    }
    return SV_NONE;
}

static bool is_url(sv w)
{
    return sv_starts(w, SV("http://")) || sv_starts(w, SV("https://")) || sv_starts(w, SV("ftp://"));
}

/* The address: a word that is one, or a variable that is no option's value. */
static sv url_of(const struct command *c)
{
    static const char *const valued[] = {"-o", "--output", "-O", "--output-document", "-H", "--header", "-d", "--data", "--data-raw", "--data-binary", "-X", "--request",
                                         "-u", "--user", "-A", "--user-agent", "-e", "--max-time", "--retry", "--retry-delay", "--connect-timeout", "-w", "--write-out",
                                         "--resolve", "-F", "--form", "-m", "--cacert", "--cert", "--key", "-P", "--tries", "--timeout", NULL};
    sv variable = SV_NONE;
    for (size_t i = 1; i < c->n; i++) {
        if (is_url(c->words[i].text))
            return c->words[i].text;
        if (!c->words[i].expands || variable.n != 0 || is_flag(c->words[i].text))
            continue;
        bool value = list_has(valued, c->words[i - 1].text) && !(sv_eq(c->words[i - 1].text, SV("-O")) && sv_eq(command_name(c), SV("curl")));
        variable = value ? SV_NONE : c->words[i].text;
    }
    return variable;
}

static bool is_local_url(sv url)
{
    return sv_has(url, SV("localhost")) || sv_has(url, SV("127.0.0.1")) || sv_has(url, SV("169.254.")) || sv_has(url, SV("http://dstack")) || sv_starts(url, SV("file://"));
}

static bool looks_like_code(sv url)
{
    static const char *const ends[] = {".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst", ".zip", ".deb", ".rpm", ".apk", ".whl", ".sh", ".so", ".AppImage", ".jar", NULL};
    for (size_t i = 0; ends[i] != NULL; i++)
        if (sv_iends(url, sv_from(ends[i])))
            return true;
    return sv_has(url, SV("/releases/download/")) || sv_has(url, SV("/releases/latest/"));
}

/* The downloaded file is run, unpacked or installed by a later command. */
static bool used_as_code(const struct run *r, sv file)
{
    static const char *const users[] = {"chmod", "tar", "unzip", "dpkg", "install", "sh", "bash", "source", ".", "python", "python3", "node", "ruby", "perl", "rpm", "apt-get", "apt", "gunzip", "xz", NULL};
    sv base = path_base(file);
    for (size_t i = r->index + 1; i < horizon(r, r->index) && base.n != 0; i++) {
        const struct command *later = r->shell->commands.at[i];
        if (sv_eq(path_base(later->n > 0 ? later->words[0].text : SV_NONE), base))
            return true;
        if (!list_has(users, command_name(later)))
            continue;
        for (size_t k = 1; k < later->n; k++)
            if (sv_eq(path_base(later->words[k].text), base))
                return true;
    }
    return false;
}

/* The list of sums was fetched like the file itself: whoever replaces one replaces both. */
static bool sums_are_fetched(const struct run *r, const struct command *check)
{
    for (size_t i = r->index > AHEAD ? r->index - AHEAD : 0; i < horizon(r, r->index); i++) {
        const struct command *c = r->shell->commands.at[i];
        if (!is_download(command_name(c)))
            continue;
        sv file = output_of(c), url = url_of(c);
        sv base = path_base(file.n != 0 ? file : url);
        if (!sv_ihas(base, SV("sha")) && !sv_ihas(base, SV("sum")))
            continue;
        for (size_t k = 1; k < check->n; k++)
            if (sv_eq(path_base(check->words[k].text), base))
                return true;
    }
    return false;
}

static void settle_download(const struct run *r, sv file, struct fetch *out)
{
    sv base = path_base(file);
    for (size_t i = r->index + 1; i < horizon(r, r->index) && out->state != FETCH_FIXED; i++) {
        const struct command *later = r->shell->commands.at[i];
        bool near = i <= r->index + 6; /* right behind it, by whatever name */
        for (size_t k = 0; k < later->n && !near; k++)
            near = base.n != 0 && sv_has(later->words[k].text, base);
        enum check_strength strength = near ? strength_of(r, i) : CHECK_NONE;
        if (strength == CHECK_NONE)
            continue;
        if (strength == CHECK_STRONG && !sums_are_fetched(r, later)) {
            out->state = FETCH_FIXED;
            out->flaw = "";
        } else {
            out->flaw = strength == CHECK_WEAK ? "it is compared by MD5 only" : "it is compared with a sum from the same server";
        }
    }
}

/* bash <(curl …), sh -c "$(curl …)", eval "$(wget …)" */
static bool runs_output(const struct command *c, sv tool, struct fetch *out)
{
    if (!is_shell_name(tool) && !SV_IN(tool, SV("eval"), SV("source"), SV(".")))
        return false;
    for (size_t i = 1; i < c->n; i++) {
        sv w = c->words[i].raw;
        size_t at = sv_find(w, SV("curl "));
        at = at == SV_NOT_FOUND ? sv_find(w, SV("wget ")) : at;
        if (at == SV_NOT_FOUND || at == 0 || !SV_IN(sv_sub(w, at - 1, at), SV("("), SV("`")))
            continue;
        size_t url = sv_find_at(w, SV("http"), at);
        sv rest = url == SV_NOT_FOUND ? sv_sub(w, at, w.n) : sv_sub(w, url, w.n);
        sv subject = sv_cut(&rest, ')');
        out->subject = sv_trim_char(sv_cut(&subject, ' '), '"');
        return !is_local_url(out->subject);
    }
    return false;
}

/* `| sh`, `| tar x`, `| python3 -`; `| python3 -m json.tool` and `| bash script` read data. */
static bool takes_code(const struct command *c)
{
    sv name = command_name(c);
    if (SV_IN(name, SV("tar"), SV("bsdtar"), SV("gunzip"), SV("dpkg")))
        return true;
    if (!is_shell_name(name) && !SV_IN(name, SV("python"), SV("python3"), SV("perl"), SV("node"), SV("ruby")))
        return false;
    for (size_t i = 1; i < c->n; i++) {
        sv w = c->words[i].text;
        if (SV_IN(w, SV("-s"), SV("--"), SV("-")) || (is_shell_name(name) && is_flag(w) && sv_find_char(w, 's') != SV_NOT_FOUND))
            return true;
        if (!is_flag(w) || SV_IN(w, SV("-c"), SV("-m"), SV("-e"), SV("-p"), SV("-pe"), SV("-ne")))
            return false;
    }
    return true;
}

/* aws s3 cp s3://bucket/app.py app.py, gsutil cp, rclone copyto, scp, rsync: the file that arrives; SV_NONE for other commands. */
static sv copied_from_afar(const struct command *c, sv *from)
{
    sv tool = command_name(c);
    bool copies = (sv_eq(tool, SV("aws")) && command_has(c, "s3") && (command_has(c, "cp") || command_has(c, "sync"))) || (sv_eq(tool, SV("gsutil")) && (command_has(c, "cp") || command_has(c, "rsync"))) ||
                  (sv_eq(tool, SV("gcloud")) && command_has(c, "storage") && command_has(c, "cp")) || (sv_eq(tool, SV("rclone")) && c->n > 2) || SV_IN(tool, SV("scp"), SV("rsync"));
    if (!copies || c->n < 3)
        return SV_NONE;
    sv source = c->words[c->n - 2].text, target = c->words[c->n - 1].text;
    bool afar = sv_has(source, SV("://")) || (!sv_eq(tool, SV("aws")) && sv_find_char(source, ':') != SV_NOT_FOUND);
    if (!afar || sv_has(target, SV("://")))
        return SV_NONE;
    *from = source;
    bool folder = sv_ends(target, SV("/")) || SV_IN(target, SV("."), SV(".."));
    return folder ? path_base(source) : target;
}

/* python -c "exec(urlopen(…).read())" */
static bool runs_answer(const struct command *c, sv tool, struct fetch *out)
{
    bool interprets = (sv_starts(tool, SV("python")) && command_has(c, "-c")) || (sv_eq(tool, SV("node")) && (command_has(c, "-e") || command_has(c, "--eval")));
    for (size_t i = 1; interprets && i < c->n; i++) {
        sv w = c->words[i].text;
        bool asks = sv_has(w, SV("urlopen(")) || sv_has(w, SV("requests.get(")) || sv_has(w, SV("fetch(")) || sv_has(w, SV("httpx.get("));
        size_t url = asks && (sv_has(w, SV("exec(")) || sv_has(w, SV("eval("))) ? sv_find(w, SV("http")) : SV_NOT_FOUND;
        if (url == SV_NOT_FOUND)
            continue;
        sv rest = sv_sub(w, url, w.n);
        size_t end = 0;
        while (end < rest.n && sv_find_char(SV("'\"`) "), rest.p[end]) == SV_NOT_FOUND)
            end++;
        out->subject = sv_sub(rest, 0, end);
        return !is_local_url(out->subject);
    }
    return false;
}

static bool fetch_copy(const struct run *r, struct fetch *out)
{
    sv file = r->shell == NULL ? SV_NONE : copied_from_afar(r->command, &out->subject);
    if (file.n == 0 || (!used_as_code(r, file) && !looks_like_code(out->subject)))
        return false;
    out->kind = FETCH_DOWNLOAD;
    settle_download(r, file, out);
    return true;
}

static bool fetch_download(const struct run *r, struct fetch *out)
{
    const struct command *c = r->command;
    out->flaw = "no checksum or signature is compared";
    out->kind = FETCH_PIPE;
    if (runs_output(c, out->tool, out) || runs_answer(c, out->tool, out) || fetch_copy(r, out))
        return true;
    out->kind = FETCH_PIPE;
    sv url = url_of(c);
    if (!is_download(out->tool) || url.n == 0 || is_local_url(url) || command_has(c, "--unix-socket"))
        return false;
    out->subject = url;
    if (c->pipe_to != NULL)
        return takes_code(c->pipe_to);
    sv file = output_of(c);
    bool remote_name = sv_eq(out->tool, SV("wget")) || command_has(c, "--remote-name");
    for (size_t i = 1; i < c->n && !remote_name; i++)
        remote_name = is_flag(c->words[i].text) && c->words[i].text.p[1] != '-' && sv_find_char(c->words[i].text, 'O') != SV_NOT_FOUND;
    if (file.n == 0 && remote_name)
        file = path_base(url);
    if (r->shell == NULL || file.n == 0 || SV_IN(file, SV("/dev/null"), SV("-")))
        return false;
    out->kind = FETCH_DOWNLOAD;
    if (!used_as_code(r, file) && !looks_like_code(url) && !sv_has(file, SV("/bin/")))
        return false;
    settle_download(r, file, out);
    return true;
}

bool fetch_of(struct fetching *x, const struct run *r, struct fetch *out)
{
    *out = (struct fetch){.kind = FETCH_NONE, .state = FETCH_OPEN, .place = r->command->place, .flaw = "", .tool = command_name(r->command)};
    if (r->command->n == 0)
        return false;
    return fetch_system(x, r, out) || fetch_python(x, r, out) || fetch_node(x, r, out) || fetch_compiled(x, r, out) ||
           fetch_by_manifest(x, r, out) || fetch_git(r, out) || fetch_download(r, out);
}

/* Of code kept in the tree. */
static bool is_third_party_run(const struct run *r)
{
    return r->src->vendored || (r->dockerfile != NULL && r->dockerfile->src->vendored);
}

/* In an image that only another platform builds. */
static bool is_run_elsewhere(const struct facts *f, const struct run *r)
{
    return r->dockerfile != NULL && is_elsewhere(f, r->dockerfile->src);
}

const struct fetches *fetches_of(struct check_run *c)
{
    if (c->out->fetches != NULL)
        return c->out->fetches;
    struct fetches *made = arena_new(c->arena, struct fetches);
    struct fetching x = fetching_begin(c);
    for (size_t i = 0; i < c->facts->runs.n; i++) {
        const struct run *r = c->facts->runs.at[i];
        struct fetch f;
        if (!is_third_party_run(r) && !is_run_elsewhere(c->facts, r) && fetch_of(&x, r, &f))
            *vec_new(c->arena, &made->all, struct fetched) = (struct fetched){r, f};
    }
    return c->out->fetches = made;
}

void each_fetch(struct check_run *c, void (*look)(struct check_run *c, const struct run *r, const struct fetch *f))
{
    const struct fetches *list = fetches_of(c);
    for (size_t i = 0; i < list->all.n; i++)
        look(c, list->all.at[i]->run, &list->all.at[i]->fetch);
}
