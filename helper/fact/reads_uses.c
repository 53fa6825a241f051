/* Where a value goes: from the line that reads a variable, through names and the fields of
 * configuration objects, to the calls that contact, run, open or log it. */
#include <stdlib.h>
#include <string.h>

#include "base/grams.h"
#include "base/limits.h"
#include "doc/read_program.h"
#include "fact/reads.h"

enum {
    TRACKED = 24,  /* names one value may have */
    USES = 20,     /* places kept of one value */
    FILES = 400,   /* programs in which fields of other files are looked for */
};

/* A call whose arguments leave the program's own hands. `argument`: which positional one counts;
 * SV_NOT_FOUND for any. */
enum reach { REACH_REQUEST, REACH_CLIENT, REACH_STORAGE, REACH_CODE, REACH_AUTH, REACH_KEY, REACH_LEVEL, REACH_FILE, REACH_LOG };

struct sink_row { const char *name; const char *chain; enum reach reach; };

/* `name` is the last word of the call; `chain`, where given, a text that must stand in front of it. */
static const struct sink_row sink_rows[] = {
    {"fetch", NULL, REACH_REQUEST}, {"urlopen", NULL, REACH_REQUEST}, {"urlretrieve", NULL, REACH_REQUEST}, {"got", NULL, REACH_REQUEST},
    {"axios", NULL, REACH_REQUEST}, {"ky", NULL, REACH_REQUEST}, {"ws_connect", NULL, REACH_REQUEST}, {"connect_async", NULL, REACH_REQUEST},
    {"WebSocket", NULL, REACH_REQUEST}, {"EventSource", NULL, REACH_REQUEST}, {"NewRequest", "http", REACH_REQUEST},
    {"NewRequestWithContext", "http", REACH_REQUEST}, {"Get", "http", REACH_REQUEST}, {"Post", "http", REACH_REQUEST},
    {"Dial", NULL, REACH_REQUEST}, {"DialContext", NULL, REACH_REQUEST}, {"DialHTTP", NULL, REACH_REQUEST}, {"NewClient", "grpc", REACH_REQUEST},
    {"from_shared", "Channel", REACH_REQUEST}, {"URL", NULL, REACH_REQUEST}, {"get", "requests", REACH_REQUEST}, {"post", "requests", REACH_REQUEST},
    {"put", "requests", REACH_REQUEST}, {"patch", "requests", REACH_REQUEST}, {"delete", "requests", REACH_REQUEST},
    {"head", "requests", REACH_REQUEST}, {"request", "requests", REACH_REQUEST}, {"get", "httpx", REACH_REQUEST}, {"post", "httpx", REACH_REQUEST},
    {"stream", "httpx", REACH_REQUEST}, {"get", "reqwest", REACH_REQUEST}, {"get", "session", REACH_REQUEST}, {"post", "session", REACH_REQUEST},
    {"put", "session", REACH_REQUEST}, {"request", "session", REACH_REQUEST}, {"get", "client", REACH_REQUEST}, {"post", "client", REACH_REQUEST},
    {"put", "client", REACH_REQUEST}, {"patch", "client", REACH_REQUEST}, {"delete", "client", REACH_REQUEST}, {"request", "client", REACH_REQUEST},
    {"stream", "client", REACH_REQUEST}, {"get", "http", REACH_REQUEST}, {"post", "http", REACH_REQUEST}, {"request", "http", REACH_REQUEST},
    {"get", "axios", REACH_REQUEST}, {"post", "axios", REACH_REQUEST}, {"put", "axios", REACH_REQUEST}, {"create", "axios", REACH_REQUEST},
    {"connect", "websocket", REACH_REQUEST}, {"open", "urllib", REACH_REQUEST}, {"insecure_channel", NULL, REACH_REQUEST},
    {"secure_channel", NULL, REACH_REQUEST}, {"sendTransaction", NULL, REACH_REQUEST},

    {"OpenAI", NULL, REACH_CLIENT}, {"AsyncOpenAI", NULL, REACH_CLIENT}, {"AzureOpenAI", NULL, REACH_CLIENT}, {"Anthropic", NULL, REACH_CLIENT},
    {"AsyncAnthropic", NULL, REACH_CLIENT}, {"ChatOpenAI", NULL, REACH_CLIENT}, {"ChatAnthropic", NULL, REACH_CLIENT},
    {"createOpenAI", NULL, REACH_CLIENT}, {"createAnthropic", NULL, REACH_CLIENT}, {"createOpenAICompatible", NULL, REACH_CLIENT},
    {"Client", "httpx", REACH_CLIENT}, {"AsyncClient", NULL, REACH_CLIENT}, {"ClientSession", NULL, REACH_CLIENT}, {"HTTPProvider", NULL, REACH_CLIENT},
    {"AsyncHTTPProvider", NULL, REACH_CLIENT}, {"WebsocketProvider", NULL, REACH_CLIENT}, {"JsonRpcProvider", NULL, REACH_CLIENT},
    {"WebSocketProvider", NULL, REACH_CLIENT}, {"StaticJsonRpcProvider", NULL, REACH_CLIENT}, {"Web3", NULL, REACH_CLIENT}, {"http", NULL, REACH_CLIENT},
    {"webSocket", NULL, REACH_CLIENT}, {"GraphQLClient", NULL, REACH_CLIENT}, {"ApolloClient", NULL, REACH_CLIENT}, {"HttpLink", NULL, REACH_CLIENT},
    {"createTRPCClient", NULL, REACH_CLIENT}, {"DstackClient", NULL, REACH_CLIENT}, {"AsyncDstackClient", NULL, REACH_CLIENT},
    {"TappdClient", NULL, REACH_CLIENT}, {"NewDstackClient", NULL, REACH_CLIENT}, {"connect", "ethclient", REACH_CLIENT},
    {"connect_http", NULL, REACH_CLIENT}, {"on_http", NULL, REACH_CLIENT}, {"SMTP", NULL, REACH_CLIENT}, {"createTransport", NULL, REACH_CLIENT},
    {"with_api_base", NULL, REACH_CLIENT}, {"with_base_url", NULL, REACH_CLIENT}, {"base_url", NULL, REACH_CLIENT},

    {"create_engine", NULL, REACH_STORAGE}, {"create_async_engine", NULL, REACH_STORAGE}, {"create_pool", NULL, REACH_STORAGE},
    {"connect", "psycopg", REACH_STORAGE}, {"connect", "asyncpg", REACH_STORAGE}, {"connect", "sqlite", REACH_STORAGE},
    {"connect", "mysql", REACH_STORAGE}, {"connect", "mongoose", REACH_STORAGE}, {"connect", "Pool", REACH_STORAGE}, {"connect", "pgx", REACH_STORAGE},
    {"Connect", "pgx", REACH_STORAGE}, {"New", "pgxpool", REACH_STORAGE}, {"Open", "sql", REACH_STORAGE}, {"Open", "gorm", REACH_STORAGE},
    {"MongoClient", NULL, REACH_STORAGE}, {"AsyncIOMotorClient", NULL, REACH_STORAGE}, {"from_url", NULL, REACH_STORAGE}, {"Redis", NULL, REACH_STORAGE},
    {"createPool", NULL, REACH_STORAGE}, {"Pool", NULL, REACH_STORAGE}, {"Sequelize", NULL, REACH_STORAGE}, {"drizzle", NULL, REACH_STORAGE},
    {"knex", NULL, REACH_STORAGE}, {"postgres", NULL, REACH_STORAGE}, {"neon", NULL, REACH_STORAGE}, {"createClient", NULL, REACH_STORAGE},
    {"create_client", NULL, REACH_STORAGE}, {"S3Client", NULL, REACH_STORAGE}, {"Minio", NULL, REACH_STORAGE}, {"PrismaClient", NULL, REACH_STORAGE},
    {"Database", NULL, REACH_STORAGE}, {"client", "boto3", REACH_STORAGE}, {"resource", "boto3", REACH_STORAGE},

    {"system", "os", REACH_CODE}, {"popen", "os", REACH_CODE}, {"run", "subprocess", REACH_CODE}, {"Popen", NULL, REACH_CODE},
    {"check_output", NULL, REACH_CODE}, {"check_call", NULL, REACH_CODE}, {"call", "subprocess", REACH_CODE},
    {"create_subprocess_shell", NULL, REACH_CODE}, {"create_subprocess_exec", NULL, REACH_CODE}, {"exec", NULL, REACH_CODE},
    {"execSync", NULL, REACH_CODE}, {"execFile", NULL, REACH_CODE}, {"execFileSync", NULL, REACH_CODE}, {"spawn", NULL, REACH_CODE},
    {"spawnSync", NULL, REACH_CODE}, {"eval", NULL, REACH_CODE}, {"Function", NULL, REACH_CODE}, {"import_module", NULL, REACH_CODE},
    {"__import__", NULL, REACH_CODE}, {"require", NULL, REACH_CODE}, {"import", NULL, REACH_CODE}, {"new", "Command", REACH_CODE},
    {"Command", "exec", REACH_CODE}, {"CommandContext", "exec", REACH_CODE}, {"run_path", NULL, REACH_CODE}, {"execa", NULL, REACH_CODE},

    {"sign", "jwt", REACH_AUTH}, {"verify", "jwt", REACH_AUTH}, {"encode", "jwt", REACH_AUTH}, {"decode", "jwt", REACH_AUTH},
    {"new", "hmac", REACH_AUTH}, {"createHmac", NULL, REACH_AUTH}, {"compare_digest", NULL, REACH_AUTH}, {"timingSafeEqual", NULL, REACH_AUTH},
    {"SignJWT", NULL, REACH_AUTH}, {"jwtVerify", NULL, REACH_AUTH},

    {"Fernet", NULL, REACH_KEY}, {"AESGCM", NULL, REACH_KEY}, {"createCipheriv", NULL, REACH_KEY}, {"createDecipheriv", NULL, REACH_KEY},
    {"privateKeyToAccount", NULL, REACH_KEY}, {"Wallet", NULL, REACH_KEY}, {"from_key", "Account", REACH_KEY}, {"mnemonicToAccount", NULL, REACH_KEY},
    {"fromSecretKey", NULL, REACH_KEY}, {"from_seed", NULL, REACH_KEY}, {"HexToECDSA", NULL, REACH_KEY},

    {"setLevel", NULL, REACH_LEVEL}, {"basicConfig", NULL, REACH_LEVEL},

    {"open", NULL, REACH_FILE}, {"readFile", NULL, REACH_FILE}, {"readFileSync", NULL, REACH_FILE}, {"writeFile", NULL, REACH_FILE},
    {"writeFileSync", NULL, REACH_FILE}, {"read_to_string", NULL, REACH_FILE}, {"ReadFile", NULL, REACH_FILE}, {"WriteFile", NULL, REACH_FILE},

    {"print", NULL, REACH_LOG}, {"log", "console", REACH_LOG}, {"info", NULL, REACH_LOG}, {"debug", NULL, REACH_LOG}, {"warning", NULL, REACH_LOG},
    {"error", "log", REACH_LOG}, {"error", "console", REACH_LOG}, {"Println", NULL, REACH_LOG}, {"Printf", NULL, REACH_LOG}, {"println", NULL, REACH_LOG},
};

enum { SINKS = sizeof sink_rows / sizeof sink_rows[0], SINK_BUCKETS = 256 };

/* Of five of its bytes and the length: most words that share it with a name are that name. */
static uint32_t word_hash(sv word)
{
    const unsigned char *p = (const unsigned char *)word.p;
    size_t n = word.n;
    uint64_t h = p[0] | (uint64_t)p[n / 4] << 8 | (uint64_t)p[n / 2] << 16 | (uint64_t)p[n * 3 / 4] << 24 | (uint64_t)p[n - 1] << 32;
    return (uint32_t)((h ^ (uint64_t)n << 40) * 0x9e3779b97f4a7c15u >> 32);
}

/* The rows by the hash of their name, in their order; one more than the row's number, 0 ends. */
struct sink_index { unsigned char first[SINK_BUCKETS], next[SINKS + 1]; uint32_t hashes[SINKS]; };

static void index_sinks(struct sink_index *x)
{
    _Static_assert(SINKS < 255, "the numbers of rows are bytes");
    for (size_t i = SINKS; i-- > 0;) {
        x->hashes[i] = word_hash(sv_from(sink_rows[i].name));
        unsigned char *first = &x->first[x->hashes[i] % SINK_BUCKETS];
        x->next[i + 1] = *first;
        *first = (unsigned char)(i + 1);
    }
}

static const struct sink_row *sink_of(const struct sink_index *x, const struct call *call)
{
    uint32_t hash = word_hash(call->name);
    for (unsigned i = x->first[hash % SINK_BUCKETS]; i != 0; i = x->next[i]) {
        const struct sink_row *row = &sink_rows[i - 1];
        if (x->hashes[i - 1] != hash || !sv_eq(call->name, sv_from(row->name)))
            continue;
        if (row->chain == NULL || sv_ihas(sv_sub(call->chain, 0, call->chain.n - call->name.n), sv_from(row->chain)))
            return row;
    }
    return NULL;
}

/* ---- programs ------------------------------------------------------------------------------------ */

struct sink { const struct sink_row *row; const struct call *call; };

/* The words of a program in their order: those of the code, and those inside strings that may hold expressions. A few
 * bits of each stand in rows of their own: hundreds of names are asked of each file, few are in it, and its tokens and
 * its text are far away by then. */
struct word_index {
    uint64_t seen[128]; /* two bits of one of them for each word */
    uint8_t *tags;      /* bits of the hash */
    uint32_t *tokens;   /* the number of the token, and bits of the hash above it */
    size_t n;
};
enum { TOKEN_BITS = 24 };

/* The words of one file until their number is known. */
struct word_rows { uint32_t *tokens, *hashes, *listed /* tokens to look at */; size_t room; };

struct flow_file {
    const struct program *program;
    const struct source *src;
    enum lang family;
    struct word_index words;
    VEC(struct sink) sinks;
    bool destructures; /* some assignments take a field out of an object: const { apiUrl } = config */
};

/* A name that holds the value. Fields go by `.name` in every file of the language; other names
 * hold in one file, locals in one function. */
struct tracked {
    sv name;
    struct flow_file *file;        /* NULL: every file of the family */
    const struct block *function;  /* NULL: everywhere in the file */
    bool field;                    /* only behind a dot, or as the key of an object */
    bool called;                   /* only with a `(` behind: the function that returns it */
    const struct naming *elsewhere; /* what it does in all files of the family; NULL where it says nothing there */
};

/* What one name does in one file, whichever value it holds. */
struct arrival { struct place place; enum input_kind kind; int rank; /* of the kind; 0 where the call says nothing of it */ };
struct arrivals {
    struct flow_file *file;
    size_t compared;                /* the comparison that admits a caller, or SV_NOT_FOUND */
    VEC(struct arrival) sinks;      /* calls that get it */
    VEC(struct assignment) targets; /* names that hold it from then on */
};

/* A name that means the same in all files of one language, and what it does there: found out once for all values. */
struct naming {
    struct tracked name;
    enum lang family;
    VEC(struct arrivals) files; /* in which it does something */
    struct naming *next;
};
enum { NAMING_BUCKETS = 256 };

/* One that the files were not asked for yet. */
struct asked { struct naming *naming; uint32_t hash; /* of the name */ };

struct concerned { const struct source *src; enum lang family; size_t number; /* of the source */ };

struct flow {
    struct facts *facts;
    struct reading *reading;
    struct sink_index sinks;
    struct flow_file **opened; /* of each source; NULL where nobody looked yet */
    struct concerned *concerned; /* programs that read variables, or name a field in which one is kept */
    size_t n_concerned;
    struct naming *namings[NAMING_BUCKETS]; /* by the hash of the name */
    ARRAY(struct asked) asked[LANG_COUNT];  /* by family */
    struct word_rows words;
    size_t *mentioned, room;    /* the mentions of one name in one file, until the next is looked for */
};

struct value {
    struct flow *flow;
    struct env_read *read;
    enum lang family;
    VEC(struct tracked) names;
    size_t followed; /* so many of the names */
    int rank; /* of the kind found so far */
};

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t seen_row(uint32_t hash) { return hash >> 25; }
static uint64_t seen_bits(uint32_t hash) { return (uint64_t)1 << (hash >> 19 & 63) | (uint64_t)1 << (hash >> 13 & 63); }
static uint8_t word_tag(uint32_t hash) { return (uint8_t)(hash >> 5); }
static uint32_t upper_tag(uint32_t hash) { return hash << TOKEN_BITS; }
static size_t word_token(const struct word_index *x, size_t k) { return x->tokens[k] & ((1u << TOKEN_BITS) - 1); }

static size_t add_words_of_string(struct word_rows *rows, size_t n, uint32_t token, sv text)
{
    for (size_t k = 0; k < text.n;) {
        size_t end = k;
        while (end < text.n && is_name_byte(text.p[end]))
            end++;
        if (end > k) {
            rows->tokens[n] = token;
            rows->hashes[n++] = word_hash(sv_sub(text, k, end));
        }
        k = end + 1;
    }
    return n;
}

static bool may_interpolate(const struct program *p, sv text)
{
    return p->lang == LANG_SHELL ? sv_find_char(text, '$') != SV_NOT_FOUND : p->lang == LANG_PYTHON && sv_find_char(text, '{') != SV_NOT_FOUND;
}

/* Gives their number. Which tokens are words cannot be guessed: they are listed without a jump, and then taken in turn. */
static size_t list_words(struct arena *a, const struct program *p, struct word_rows *rows)
{
    bool strings = p->lang == LANG_SHELL || p->lang == LANG_PYTHON;
    size_t most = p->n + (strings ? p->src->text.n / 2 : 0) + 1;
    if (rows->room < most) {
        rows->room = most * 2;
        rows->tokens = arena_array(a, uint32_t, rows->room);
        rows->hashes = arena_array(a, uint32_t, rows->room);
        rows->listed = arena_array(a, uint32_t, rows->room);
    }
    const struct token *at = p->at;
    uint32_t *listed = rows->listed, *tokens = rows->tokens, *hashes = rows->hashes;
    const size_t counts[] = {[TOKEN_WORD] = 1, [TOKEN_STRING] = strings, [TOKEN_NEWLINE] = 0};
    size_t looked_at = 0, n = 0;
    for (size_t i = 0; i < p->n; i++) {
        listed[looked_at] = (uint32_t)i;
        looked_at += counts[at[i].kind];
    }
    for (size_t k = 0; k < looked_at; k++) {
        const struct token *t = &at[listed[k]];
        if (t->kind == TOKEN_WORD) {
            tokens[n] = listed[k];
            hashes[n++] = word_hash(token_text(p->src, t));
        } else if (may_interpolate(p, token_text(p->src, t))) {
            n = add_words_of_string(rows, n, listed[k], token_text(p->src, t));
        }
    }
    return n;
}

static void index_words(struct flow *flow, struct flow_file *f)
{
    _Static_assert(LIMIT_FILE_BYTES <= 1 << TOKEN_BITS, "each token has a byte of its own");
    struct arena *a = flow->facts->arena;
    struct word_index *x = &f->words;
    size_t n = list_words(a, f->program, &flow->words);
    uint32_t *tokens = arena_array(a, uint32_t, n + 1), *hashes = flow->words.hashes, *listed = flow->words.tokens;
    uint8_t *tags = arena_array(a, uint8_t, n + 1);
    for (size_t k = 0; k < n; k++) {
        uint32_t hash = hashes[k];
        tokens[k] = listed[k] | upper_tag(hash);
        tags[k] = word_tag(hash);
        x->seen[seen_row(hash)] |= seen_bits(hash);
    }
    x->tokens = tokens;
    x->tags = tags;
    x->n = n;
}

/* The next word from number `from` on that may be the one with this hash; x->n where none is. */
static size_t next_word(const struct word_index *x, uint32_t hash, size_t from)
{
    for (size_t k = from; k < x->n; k++) {
        const uint8_t *at = memchr(x->tags + k, word_tag(hash), x->n - k);
        if (at == NULL)
            break;
        k = (size_t)(at - x->tags);
        if ((x->tokens[k] ^ upper_tag(hash)) >> TOKEN_BITS == 0)
            return k;
    }
    return x->n;
}

static bool may_have(const struct word_index *x, uint32_t hash)
{
    uint64_t bits = seen_bits(hash);
    return (x->seen[seen_row(hash)] & bits) == bits;
}

/* The number of the first word that stands at the token or behind it. */
static size_t first_word(const struct word_index *x, size_t token)
{
    size_t low = 0, high = token == 0 ? 0 : x->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (word_token(x, mid) < token)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static size_t token_index(const struct program *p, size_t offset)
{
    return token_at(&(struct tokens){.src = p->src, .at = p->at, .n = p->n}, offset);
}

static bool is_dot(const struct program *p, size_t i)
{
    return i < p->n && p->at[i].kind == TOKEN_PUNCT && sv_ends(program_token(p, i), SV("."));
}

/* `{cfg.base_url}`: what stands in braces without a dot is a local of its function, not the field of that name. */
static bool has_member(sv text, sv name)
{
    for (size_t at = 0; (at = sv_find_at(text, name, at)) != SV_NOT_FOUND; at++) {
        size_t end = at + name.n;
        if (at > 0 && text.p[at - 1] == '.' && (end >= text.n || !is_name_byte(text.p[end])))
            return true;
    }
    return false;
}

static bool mentions_at(const struct program *p, size_t i, const struct tracked *t)
{
    if (p->at[i].kind == TOKEN_STRING)
        return !t->called && program_mentions(p, i, i + 1, t->name) && (!t->field || has_member(program_token(p, i), t->name));
    if (p->at[i].kind != TOKEN_WORD || !sv_eq(program_token(p, i), t->name))
        return false;
    if (t->called)
        return i + 1 < p->n && program_is(p, i + 1, "(");
    bool behind_dot = i > 0 && is_dot(p, i - 1);
    return t->field ? behind_dot : !behind_dot;
}

/* The tokens of a range that mention one name, going up; `said`: its word stands there, in whatever place. */
struct mentions { size_t *at, n; bool said; };

static struct mentions mentions_of(struct flow *flow, struct flow_file *f, size_t from, size_t to, const struct tracked *t)
{
    struct arena *a = flow->facts->arena;
    struct mentions m = {0};
    uint32_t hash = word_hash(t->name);
    const struct word_index *x = &f->words;
    for (size_t k = first_word(x, from); (k = next_word(x, hash, k)) < x->n && word_token(x, k) < to; k++) {
        size_t i = word_token(x, k);
        if (m.n != 0 && m.at[m.n - 1] == i)
            continue;
        m.said = m.said || sv_eq(program_token(f->program, i), t->name);
        if (!mentions_at(f->program, i, t))
            continue;
        m.at = flow->mentioned = arena_grow(a, flow->mentioned, sizeof *m.at, m.n, &flow->room);
        m.at[m.n++] = i;
    }
    m.said = m.said || m.n != 0;
    return m;
}

static size_t first_in(const struct mentions *m, size_t from, size_t to)
{
    size_t low = 0, high = m->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (m->at[mid] < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low < m->n && m->at[low] < to ? m->at[low] : SV_NOT_FOUND;
}

/* ---- what an argument says ------------------------------------------------------------------------- */

/* The keyword of the argument or object entry that holds token `at`, and its number. */
static sv argument_of(const struct program *p, size_t open, size_t close, size_t at, size_t *number)
{
    *number = 0;
    size_t from = open + 1;
    for (size_t i = open + 1; i < close && i <= at; i++) {
        if (program_match(p, i) != SV_NOT_FOUND && program_match(p, i) > i && program_match(p, i) < at) {
            i = program_match(p, i);
            continue;
        }
        if (program_is(p, i, "{") && program_match(p, i) != SV_NOT_FOUND && program_match(p, i) > at)
            return argument_of(p, i, program_match(p, i), at, &(size_t){0});
        if (program_is(p, i, ",")) {
            ++*number;
            from = i + 1;
        }
    }
    if (from + 1 < close && p->at[from].kind == TOKEN_WORD && (program_is(p, from + 1, "=") || program_is(p, from + 1, ":")))
        return program_token(p, from);
    if (from + 1 < close && p->at[from].kind == TOKEN_STRING && program_is(p, from + 1, ":"))
        return program_string(p, from);
    return from == at && p->at[at].kind == TOKEN_WORD && program_is(p, open, "{") ? program_token(p, at) : SV_NONE;
}

static bool word_in(sv s, const char *list)
{
    for (sv rest = sv_from(list); rest.p != NULL;)
        if (sv_ieq(s, sv_cut(&rest, ' ')))
            return s.n != 0;
    return false;
}

static bool has_word(const struct program *p, size_t from, size_t to, const char *word)
{
    for (size_t i = from; i < to && i < p->n; i++)
        if (p->at[i].kind == TOKEN_WORD && program_is(p, i, word))
            return true;
    return false;
}

static bool kind_by_keyword(sv keyword, enum input_kind *kind)
{
    if (word_in(keyword, "base_url baseURL baseUrl url uri endpoint endpoint_url api_base apiBase openai_api_base host hostname origin rpc_url "
                         "rpcUrl server address azure_endpoint prefix_url prefixUrl"))
        *kind = KIND_ENDPOINT;
    else if (word_in(keyword, "proxy proxies verify ca cafile ssl rejectUnauthorized"))
        *kind = KIND_PROXY_CA;
    else if (word_in(keyword, "api_key apiKey token password secret auth headers authorization access_token private_key_id"))
        *kind = KIND_CREDENTIAL;
    else
        return false;
    return true;
}

/* Runs what it is given: a whole command line or program text, not one word of a fixed command. */
static bool runs_text(const struct program *p, const struct sink *s, size_t number, size_t at)
{
    sv name = s->call->name;
    if (SV_IN(name, SV("system"), SV("popen"), SV("eval"), SV("exec"), SV("execSync"), SV("Function"), SV("import_module"), SV("__import__"),
              SV("require"), SV("import"), SV("create_subprocess_shell"), SV("run_path")))
        return number == 0;
    if (has_word(p, s->call->open, s->call->close, "shell"))
        return true;
    size_t first = s->call->open + 1;
    while (first < at && p->at[first].kind == TOKEN_PUNCT)
        first++;
    const struct assignment *list = p->at[at].kind == TOKEN_WORD ? program_assigned(p, program_token(p, at), s->call->open) : NULL;
    if (list != NULL && program_is(p, list->value, "[")) /* cmd = ["program", …, value] */
        return program_names_shell(p, list->value, list->value_end);
    return first == at; /* the program itself */
}

/* The value stands behind the host of an address: `f"{base}/rooms/{id}"`, base + "/rooms/" + id. */
static bool is_path_part(const struct program *p, size_t at, const struct tracked *t)
{
    size_t text = at, in = at;
    while (in > 2 && program_is(p, in - 1, "(") && p->at[in - 2].kind == TOKEN_WORD)
        in -= 2; /* ${encodeURIComponent(id)} */
    if (p->at[at].kind != TOKEN_STRING && in > 0 && p->at[in - 1].kind == TOKEN_STRING && sv_ends(program_token(p, in - 1), SV("${"))) {
        text = in - 1;
    } else if (p->at[at].kind != TOKEN_STRING) {
        if (at < 2 || !program_is(p, at - 1, "+") || p->at[at - 2].kind != TOKEN_STRING)
            return false;
        text = at - 2;
    }
    sv before = text == in - 1 && text != at ? program_token(p, text) : program_string(p, text);
    if (text == at)
        before = sv_sub(before, 0, sv_find(before, t->name));
    size_t scheme = sv_find(before, SV("://"));
    if (scheme != SV_NOT_FOUND)
        before = sv_sub(before, scheme + 3, before.n);
    return sv_find_char(before, '/') != SV_NOT_FOUND || sv_find_char(before, '?') != SV_NOT_FOUND;
}

/* What the value is for this call; false where the call says nothing of it. */
static bool kind_at(const struct program *p, const struct sink *s, size_t at, enum input_kind *kind)
{
    size_t number;
    sv keyword = argument_of(p, s->call->open, s->call->close, at, &number);
    sv name = s->call->name;
    bool method_first = SV_IN(name, SV("request"), SV("NewRequest")) ? number <= 1 : sv_eq(name, SV("NewRequestWithContext")) ? number <= 2 : number == 0;
    switch (s->row->reach) {
    case REACH_REQUEST:
    case REACH_CLIENT:
        if (kind_by_keyword(keyword, kind))
            return true;
        *kind = KIND_ENDPOINT;
        return keyword.n == 0 && method_first;
    case REACH_STORAGE:
        *kind = KIND_STORAGE;
        if (word_in(keyword, "password token api_key apiKey secret"))
            *kind = KIND_CREDENTIAL;
        return keyword.n == 0 ? number == 0 || sv_eq(name, SV("Open")) : *kind == KIND_CREDENTIAL || kind_by_keyword(keyword, &(enum input_kind){0}) ||
                                word_in(keyword, "connectionString dsn database dbname user");
    case REACH_CODE:
        *kind = KIND_CODE;
        return runs_text(p, s, number, at);
    case REACH_AUTH:
        *kind = KIND_AUTH;
        return true;
    case REACH_KEY:
        *kind = KIND_KEY;
        return true;
    case REACH_LEVEL:
        *kind = KIND_LOG_LEVEL;
        return keyword.n == 0 || sv_ieq(keyword, SV("level"));
    case REACH_FILE:
    case REACH_LOG:
        break;
    }
    return false;
}

static int rank_of(enum input_kind k)
{
    static const enum input_kind order[] = {KIND_LOG_LEVEL, KIND_CREDENTIAL, KIND_PROXY_CA, KIND_AUTH, KIND_KEY, KIND_STORAGE, KIND_ENDPOINT, KIND_CODE};
    for (int i = 0; i < (int)(sizeof order / sizeof order[0]); i++)
        if (order[i] == k)
            return i + 1;
    return 0;
}

static struct arrival arrival_at(const struct program *p, const struct sink *s, size_t at, const struct tracked *t)
{
    struct arrival a = {.place = program_place(p, at, at + 1)};
    if (kind_at(p, s, at, &a.kind) && !(a.kind == KIND_ENDPOINT && is_path_part(p, at, t)))
        a.rank = rank_of(a.kind);
    return a;
}

static void add_use(struct value *v, struct place p)
{
    for (size_t i = 0; i < v->read->uses.n; i++) {
        const struct place *o = v->read->uses.at[i];
        if (o->src == p.src && o->start == p.start && o->end == p.end)
            return;
    }
    *vec_new(v->flow->facts->arena, &v->read->uses, struct place) = p;
}

static void arrive(struct value *v, struct arrival a)
{
    if (a.rank > v->rank) {
        v->rank = a.rank;
        v->read->kind = a.kind;
    }
    if (v->read->uses.n < USES)
        add_use(v, a.place);
}

/* ---- following ---------------------------------------------------------------------------------------- */

/* Names too common to mean one field in all files. */
static bool is_telling(sv name)
{
    return name.n >= 5 && !SV_IN(name, SV("value"), SV("default"), SV("config"), SV("options"), SV("headers"), SV("params"), SV("string"),
                                 SV("prefix"), SV("level"), SV("label"), SV("title"), SV("length"), SV("index"));
}

static const struct naming *naming_of(struct flow *flow, const struct tracked *t, enum lang family)
{
    struct arena *a = flow->facts->arena;
    struct naming **bucket = &flow->namings[sv_hash(t->name) % NAMING_BUCKETS];
    for (struct naming *n = *bucket; n != NULL; n = n->next)
        if (n->name.field == t->field && n->family == family && sv_eq(n->name.name, t->name))
            return n;
    struct naming *n = arena_new(a, struct naming);
    *n = (struct naming){.name = {.name = t->name, .field = t->field}, .family = family, .next = *bucket};
    *bucket = n;
    *array_new(a, &flow->asked[family]) = (struct asked){n, word_hash(t->name)};
    return n;
}

static void track(struct value *v, struct tracked t)
{
    if (t.name.n == 0 || v->names.n >= TRACKED)
        return;
    for (size_t i = 0; i < v->names.n; i++) {
        const struct tracked *o = v->names.at[i];
        if (sv_eq(o->name, t.name) && o->file == t.file && o->field == t.field)
            return;
    }
    if (t.file == NULL || (t.field && is_telling(t.name)))
        t.elsewhere = naming_of(v->flow, &t, v->family);
    *vec_new(v->flow->facts->arena, &v->names, struct tracked) = t;
}

/* Numbers, flags and members of a fixed list choose nothing but themselves; x == "a", x in (…): a decision, no value. */
static bool ends_flow(const struct program *p, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < p->n; i++) {
        sv s = program_token(p, i);
        if (p->at[i].kind == TOKEN_WORD && SV_IN(s, SV("int"), SV("float"), SV("parseInt"), SV("Number"), SV("parseFloat"), SV("Atoi"),
                                                 SV("ParseBool"), SV("bool"), SV("Boolean"), SV("ParseInt"), SV("u16"), SV("u64"), SV("usize"), SV("in")))
            return true;
        if (p->at[i].kind == TOKEN_PUNCT && (sv_starts(s, SV("==")) || sv_starts(s, SV("!="))))
            return true;
    }
    return false;
}

/* `self.x = …`, `config.x = …` make a field; other targets a name of the function or the file. */
static void track_target(struct value *v, struct flow_file *f, const struct assignment *a)
{
    const struct program *p = f->program;
    bool field = a->at > 0 && is_dot(p, a->at - 1);
    track(v, (struct tracked){.name = a->target, .file = f, .function = field ? NULL : program_function_at(p, a->at), .field = field});
}

/* f(x=…): a keyword, or the default of a parameter; no name that lives on. */
static bool is_keyword(const struct program *p, const struct assignment *a)
{
    if (a->at == 0 || (!program_is(p, a->at - 1, "(") && !program_is(p, a->at - 1, ",")))
        return false;
    for (size_t i = a->at, steps = 0; i-- > 0 && steps < 400; steps++) {
        if (program_match(p, i) == SV_NOT_FOUND)
            continue;
        if (program_match(p, i) < i)
            i = program_match(p, i);
        else
            return program_is(p, i, "(");
    }
    return false;
}

/* The first call that opens at `from` or behind. */
static size_t first_sink(const struct flow_file *f, size_t from)
{
    size_t low = 0, high = f->sinks.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (f->sinks.at[mid]->call->open < from)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* What a call that takes the value gives back is another value. */
static bool is_taken(const struct flow_file *f, size_t at)
{
    for (size_t i = first_sink(f, at); i-- > 0;)
        if (at < f->sinks.at[i]->call->close)
            return true;
    return false;
}

/* `auth !== `Bearer ${DEV_KEY}``, `if token != ADMIN_KEY`: compared at `i` with what a caller sent, it lets him in. */
static bool admits_at(const struct program *p, const struct mentions *m, size_t i, size_t to)
{
    static const char callers[] = "auth authorization token bearer header headers api_key apiKey x_api_key provided given supplied key";
    if (!program_is(p, i, "==") && !program_is(p, i, "!=") && !program_is(p, i, "===") && !program_is(p, i, "!=="))
        return false;
    /* A template literal is text, value, text. */
    size_t end = p->at[i + 1].kind == TOKEN_STRING ? i + 4 : i + 2;
    size_t other = first_in(m, i + 1, end < to ? end : to) != SV_NOT_FOUND ? i - 1 : first_in(m, i - 1, i) != SV_NOT_FOUND ? i + 1 : SV_NOT_FOUND;
    return other != SV_NOT_FOUND && p->at[other].kind == TOKEN_WORD && word_in(program_token(p, other), callers);
}

static size_t comparison_of(const struct program *p, const struct mentions *m, size_t from, size_t to)
{
    for (size_t k = 0; k < m->n; k++)
        for (size_t i = m->at[k] < from + 4 ? from + 1 : m->at[k] - 3; i <= m->at[k] + 1 && i + 1 < to; i++)
            if (admits_at(p, m, i, to))
                return i;
    return SV_NOT_FOUND;
}

static void find_arrivals(struct flow *flow, struct flow_file *f, const struct tracked *t, struct arrivals *out)
{
    struct arena *a = flow->facts->arena;
    const struct program *p = f->program;
    size_t from = t->function == NULL ? 0 : t->function->body, to = t->function == NULL ? p->n : t->function->body_end;
    const struct mentions m = mentions_of(flow, f, from, to, t);
    *out = (struct arrivals){.file = f, .compared = comparison_of(p, &m, from, to)};
    if (!m.said)
        return;
    size_t first = m.n == 0 ? to : m.at[0], last = m.n == 0 ? from : m.at[m.n - 1];
    for (size_t i = first_sink(f, from); i < f->sinks.n && f->sinks.at[i]->call->open < last; i++) {
        const struct sink *s = f->sinks.at[i];
        size_t at = s->call->close <= first ? SV_NOT_FOUND : first_in(&m, s->call->open + 1, s->call->close);
        if (at != SV_NOT_FOUND)
            *vec_new(a, &out->sinks, struct arrival) = arrival_at(p, s, at, t);
    }
    bool takes_out = f->destructures && t->field;
    for (size_t i = m.n == 0 && !takes_out ? p->assigns.n : 0; i < p->assigns.n; i++) {
        const struct assignment *g = &p->assigns.at[i];
        if (g->value > last && !takes_out)
            break; /* they stand in the order of their values */
        bool may_hold = g->value <= last && g->value_end > first;
        if ((!may_hold && !takes_out) || g->at < from || g->at >= to || sv_eq(g->target, t->name))
            continue;
        bool taken_out = takes_out && g->field.n != 0 && sv_eq(g->field, t->name);
        size_t at = !may_hold || taken_out ? SV_NOT_FOUND : first_in(&m, g->value, g->value_end);
        if (!taken_out && (at == SV_NOT_FOUND || is_taken(f, at) || is_path_part(p, at, t)))
            continue;
        if (!is_keyword(p, g) && (taken_out || !ends_flow(p, g->value, g->value_end)))
            vec_push(a, &out->targets, (struct assignment *)g);
    }
}

static void follow_in(struct value *v, const struct arrivals *e)
{
    const struct program *p = e->file->program;
    if (e->compared != SV_NOT_FOUND) {
        if (!v->read->guards && v->read->uses.n < USES)
            *vec_new(v->flow->facts->arena, &v->read->uses, struct place) = program_place(p, e->compared - 1, e->compared + 2);
        v->read->guards = true;
    }
    for (size_t i = 0; i < e->sinks.n; i++)
        arrive(v, *e->sinks.at[i]);
    for (size_t i = 0; i < e->targets.n; i++)
        track_target(v, e->file, e->targets.at[i]);
}

/* ---- programs that are looked at ------------------------------------------------------------------------ */

/* The rows of a file in which values are followed. */
static void list_rows(struct flow *flow, struct flow_file *file)
{
    const struct program *p = file->program;
    for (size_t i = 0; i < p->calls.n; i++) {
        const struct sink_row *row = sink_of(&flow->sinks, &p->calls.at[i]);
        if (row != NULL)
            *vec_new(flow->facts->arena, &file->sinks, struct sink) = (struct sink){row, &p->calls.at[i]};
    }
    for (size_t i = 0; i < p->assigns.n && !file->destructures; i++)
        file->destructures = p->assigns.at[i].field.n != 0 && !is_keyword(p, &p->assigns.at[i]);
}

/* NULL where the language is not read. */
static struct flow_file *open_file(struct flow *flow, size_t number)
{
    if (number == SV_NOT_FOUND || flow->opened[number] != NULL)
        return number == SV_NOT_FOUND ? NULL : flow->opened[number];
    struct facts *f = flow->facts;
    const struct source *s = flow->reading->sources[number];
    const struct program *p = read_program(f->repo, s);
    if (p == NULL)
        return NULL;
    struct flow_file *file = flow->opened[number] = arena_new(f->arena, struct flow_file);
    file->program = p;
    file->src = s;
    file->family = reads_family(s->lang);
    index_words(flow, file);
    list_rows(flow, file);
    return file;
}

/* What stands in the text where a field is taken out of its object: a dot in front, except that JavaScript also writes
 * `const { apiUrl } = config`, and that a dot of Go may end the line above. */
static sv needle_of(struct arena *a, const struct naming *n)
{
    return n->name.field && n->family != LANG_JAVASCRIPT && n->family != LANG_GO ? sv_concat(a, SV("."), n->name.name) : n->name.name;
}

/* Its words are in the index under the name, or a string is that may hold it in an expression. */
static bool may_say(const struct flow_file *f, sv name, uint32_t hash)
{
    const struct word_index *x = &f->words;
    for (size_t k = 0; (k = next_word(x, hash, k)) < x->n; k++) {
        const struct token *t = &f->program->at[word_token(x, k)];
        if (t->kind == TOKEN_STRING || sv_eq(token_text(f->src, t), name))
            return true;
    }
    return false;
}

static bool says_word(sv text, sv needle)
{
    for (size_t at = 0; (at = sv_find_at(text, needle, at)) != SV_NOT_FOUND; at++) {
        size_t end = at + needle.n;
        bool starts = needle.p[0] == '.' || at == 0 || !is_name_byte(text.p[at - 1]);
        if (starts && (end >= text.n || !is_name_byte(text.p[end])))
            return true;
    }
    return false;
}

/* Told by the text alone: programs are read where that pays, and one that was read knows better. */
static void look_in(struct flow *flow, const struct concerned *c, const struct asked *asked, const struct gram_words *needles)
{
    struct arena *a = flow->facts->arena;
    const struct grams *grams = c->src->grams;
    struct flow_file *f = flow->opened[c->number];
    for (size_t i = 0; i < needles->n; i++) {
        if (f == NULL && grams != NULL && (i = grams_next(grams, needles, i)) == needles->n)
            return;
        if (f != NULL && !may_have(&f->words, asked[i].hash))
            continue;
        sv needle = needles->all[i].word;
        struct naming *n = asked[i].naming;
        if (f != NULL && !may_say(f, n->name.name, asked[i].hash))
            continue;
        if ((grams != NULL && !grams_may_hold(grams, needle)) || (f == NULL && !says_word(c->src->text, needle)))
            continue; /* no answer is kept: it is asked for once in each file */
        f = open_file(flow, c->number);
        struct arrivals e = {0};
        if (f != NULL)
            find_arrivals(flow, f, &n->name, &e);
        if (f != NULL && (e.compared != SV_NOT_FOUND || e.sinks.n != 0 || e.targets.n != 0))
            *vec_new(a, &n->files, struct arrivals) = e;
    }
}

/* All new names at once, file by file: what a file knows of its words is near by then. */
static void look_for_asked(struct flow *flow)
{
    struct arena *a = flow->facts->arena;
    for (enum lang l = 0; l < LANG_COUNT; l++) {
        size_t n = flow->asked[l].n;
        if (n == 0)
            continue;
        sv *needles = arena_array(a, sv, n);
        for (size_t i = 0; i < n; i++)
            needles[i] = needle_of(a, flow->asked[l].at[i].naming);
        struct gram_words words = reads_words(a, needles, n);
        for (size_t i = 0; i < flow->n_concerned; i++)
            if (flow->concerned[i].family == l)
                look_in(flow, &flow->concerned[i], flow->asked[l].at, &words);
        flow->asked[l].n = 0;
    }
}

/* ---- from one name to the next -------------------------------------------------------------------------- */

/* The names that are not followed yet; true where that brings up more. */
static bool follow(struct value *v)
{
    size_t n = v->names.n;
    for (; v->followed < n; v->followed++) {
        const struct tracked *t = v->names.at[v->followed];
        struct arrivals own = {0};
        if (t->file != NULL) {
            find_arrivals(v->flow, t->file, t, &own);
            follow_in(v, &own);
        }
        for (size_t k = 0; t->elsewhere != NULL && k < t->elsewhere->files.n; k++)
            if (t->elsewhere->files.at[k]->file != t->file)
                follow_in(v, t->elsewhere->files.at[k]);
    }
    return v->names.n > n;
}

/* The statement gives the value back: `return …`, an arrow, the last expression of a Rust function. A read
 * in a condition says nothing of what the function returns. */
static bool is_returned(const struct flow_file *f, struct place p)
{
    size_t number = line_at(&f->src->lines, p.start);
    sv line = line_text(&f->src->lines, f->src->text, number);
    sv before = sv_trim(sv_sub(line, 0, p.start - f->src->lines.at[number - 1]));
    if (sv_has(before, SV("return")) || sv_has(before, SV("=>")))
        return true;
    return f->family == LANG_RUST && !sv_starts(before, SV("if ")) && !sv_starts(before, SV("let ")) && !sv_starts(before, SV("while "));
}

/* Names of the value at the line that reads it. */
static void begin(struct value *v, struct flow_file *f)
{
    const struct program *p = f->program;
    struct env_read *r = v->read;
    size_t at = token_index(p, r->place.start), end = token_index(p, r->place.end == 0 ? 0 : r->place.end - 1) + 1;
    for (size_t i = 0; i < f->sinks.n && !r->file; i++) /* that of a file is the call that opens it */
        if (f->sinks.at[i]->call->open < at && f->sinks.at[i]->call->close >= end)
            arrive(v, arrival_at(p, f->sinks.at[i], at, &(struct tracked){.name = r->name}));
    const struct block *function = program_function_at(p, at);
    bool stored = false;
    for (size_t i = 0; i < p->assigns.n && p->assigns.at[i].value <= at; i++) {
        const struct assignment *a = &p->assigns.at[i];
        if (a->value_end <= at || is_keyword(p, a))
            continue;
        stored = true;
        if (ends_flow(p, a->value, a->value_end) && (r->field.n == 0 || sv_eq(a->target, r->field)))
            return;
        track_target(v, f, a);
        if (function == NULL && (sv_is_env_name(a->target) || is_telling(a->target))) {
            track(v, (struct tracked){.name = a->target, .file = f, .field = true}); /* config.BASE_URL elsewhere */
            if (sv_is_env_name(a->target))
                track(v, (struct tracked){.name = a->target}); /* from config import BASE_URL */
        }
    }
    if (r->field.n != 0)
        track(v, (struct tracked){.name = r->field, .file = f, .field = true});
    if (!stored && r->field.n == 0 && function != NULL && function->name.n > 3 && is_returned(f, r->place))
        track(v, (struct tracked){.name = function->name, .file = f, .called = true});
}

static int name_cmp(const void *x, const void *y) { return sv_cmp(*(const sv *)x, *(const sv *)y); }

/* Elsewhere it says little what a value is called on its way. */
static void collect_concerned(struct flow *flow)
{
    struct facts *f = flow->facts;
    struct reading *r = flow->reading;
    sv *fields = arena_array(f->arena, sv, f->env_reads.n + 1);
    bool *reads = arena_array(f->arena, bool, r->n + 1);
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < f->env_reads.n; i++) {
        size_t number = reads_number(r, f->env_reads.at[i]->place.src);
        if (number != SV_NOT_FOUND)
            reads[number] = true;
        if (is_telling(f->env_reads.at[i]->field))
            fields[n++] = f->env_reads.at[i]->field;
    }
    if (n != 0)
        qsort(fields, n, sizeof *fields, name_cmp);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !sv_eq(fields[kept - 1], fields[i]))
            fields[kept++] = fields[i];
    struct gram_words words = reads_words(f->arena, fields, kept);
    flow->concerned = arena_array(f->arena, struct concerned, FILES);
    for (size_t i = 0, files = 0; i < r->n && files < FILES; i++) {
        const struct source *s = r->sources[i];
        if (!reads[i] && !source_says_of(s, &words))
            continue;
        files++;
        if (s->scope != SCOPE_TEST)
            flow->concerned[flow->n_concerned++] = (struct concerned){s, reads_family(s->lang), i};
    }
}

void reads_follow(struct reading *reading)
{
    struct facts *f = reading->facts;
    struct flow flow = {.facts = f, .reading = reading, .opened = arena_array(f->arena, struct flow_file *, reading->n + 1)};
    index_sinks(&flow.sinks);
    collect_concerned(&flow);
    struct value *values = arena_array(f->arena, struct value, f->env_reads.n);
    size_t n = 0;
    for (size_t i = 0; i < f->env_reads.n; i++) {
        struct env_read *r = f->env_reads.at[i];
        struct flow_file *file = open_file(&flow, reads_number(reading, r->place.src));
        if (file == NULL)
            continue;
        struct value *v = &values[n++];
        *v = (struct value){.flow = &flow, .read = r, .family = file->family};
        begin(v, file);
    }
    for (bool more = true; more;) {
        look_for_asked(&flow);
        more = false;
        for (size_t i = 0; i < n; i++)
            more = follow(&values[i]) || more;
    }
}
