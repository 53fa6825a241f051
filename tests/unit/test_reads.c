/* Environment reads: small programs, one row for each variable and line. */
#include "reads_test.h"

/* "LINE NAME", "=default" where there is one, "!" where it is required, " > field". Several files: the
 * path in front. */
static void show(const struct facts *f, bool paths, struct buf *out)
{
    for (size_t i = 0; i < f->env_reads.n; i++) {
        const struct env_read *r = f->env_reads.at[i];
        if (paths)
            buf_printf(out, "%.*s:", SV_ARG(r->place.src->path));
        buf_printf(out, "%zu %.*s", place_line(r->place), SV_ARG(r->name));
        if (r->has_fallback)
            buf_printf(out, "=%.*s", SV_ARG(r->fallback));
        if (r->required)
            buf_puts(out, "!");
        if (r->field.n != 0)
            buf_printf(out, " > %.*s", SV_ARG(r->field));
        buf_puts(out, "\n");
    }
}

/* Says what differs; true when nothing does. */
static bool agrees(const char *what, const struct file *files, size_t n, const char *expect)
{
    struct arena a = {0};
    struct repo r;
    struct facts f;
    struct buf out = {0};
    collect(&f, &r, &a, files, n);
    size_t count = 0;
    while (count < n && files[count].path != NULL)
        count++;
    show(&f, count > 1, &out);
    buf_putc(&out, '\0');
    bool same = strcmp(out.p, expect) == 0;
    if (!same)
        print_error("%s:\n--- expected\n%s--- got\n%s", what, expect, out.p);
    buf_free(&out);
    arena_free(&a);
    return same;
}

struct row { const char *what, *path, *text, *expect; };

static void check_rows(const struct row *rows, size_t n)
{
    size_t differ = 0;
    for (size_t i = 0; i < n; i++) {
        struct file f = {rows[i].path, rows[i].text};
        differ += agrees(rows[i].what, &f, 1, rows[i].expect) ? 0 : 1;
    }
    assert_int_equal(differ, 0);
}
#define CHECK_ROWS(rows) check_rows((rows), sizeof(rows) / sizeof *(rows))

static void python_reads(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"all forms of os.environ", "a.py",
         "import os\n"
         "token = os.environ[\"BOT_TOKEN\"]\n"
         "url = os.environ.get('LLM_BASE_URL', \"https://api.example.com\")\n"
         "self.port = int(os.getenv('PORT') or '8080')\n"
         "os.environ.setdefault('MODE', 'prod')\n"
         "if 'DEBUG' in os.environ: pass\n"
         "os.environ['SET_ONLY'] = 'x'\n"
         "os.environ.pop('GONE', None)\n"
         "del os.environ['ALSO_GONE']\n",
         "2 BOT_TOKEN! > token\n3 LLM_BASE_URL=https://api.example.com > url\n4 PORT=8080 > port\n5 MODE=prod\n6 DEBUG\n"},
        {"a call over several lines", "a.py",
         "x = os.environ.get(\n    'RPC_URL',\n    'https://rpc.example.com',\n)\n", "1 RPC_URL=https://rpc.example.com > x\n"},
        {"two on one line", "a.py", "a = os.environ.get('A_URL') or os.environ.get('B_URL')\n", "1 A_URL > a\n1 B_URL > a\n"},
        {"in an f-string", "a.py", "u = f\"{os.environ['HOST_NAME']}/v1\"\n", "1 HOST_NAME! > u\n"},
        {"a constant names it", "a.py", "KEY_VAR = 'SIGNING_KEY'\nk = os.environ[KEY_VAR]\n", "2 SIGNING_KEY! > k\n"},
        {"a loop over names", "a.py", "for name in ('A_KEY', 'B_KEY'):\n    if not os.environ.get(name):\n        raise SystemExit(name)\n",
         "1 A_KEY\n1 B_KEY\n"},
        {"a prefix loop", "a.py", "for k, v in os.environ.items():\n    if k.startswith('APP_'):\n        print(k)\n", "1 APP_*\n"},
        {"another name for it", "a.py", "from os import environ as env\nx = env['A_KEY']\ny = env.get('B_KEY', '1')\n",
         "2 A_KEY! > x\n3 B_KEY=1 > y\n"},
        {"click and typer", "a.py",
         "@click.option('--url', envvar='APP_URL', default='http://x')\n"
         "def f(url): pass\n"
         "key: str = typer.Option(..., envvar=['A_KEY', 'B_KEY'])\n",
         "1 APP_URL=http://x\n3 A_KEY!\n3 B_KEY!\n"},
        {"decouple", "a.py", "from decouple import config\nURL = config('RPC_URL', default='http://x')\nKEY = config('API_KEY')\n",
         "2 RPC_URL=http://x > URL\n3 API_KEY! > KEY\n"},
        {"environs with a prefix", "a.py",
         "from environs import Env\nenv = Env()\nenv.read_env()\nport = env.int('PORT', 80)\nwith env.prefixed('DB_'):\n    host = env.str('HOST')\n",
         "4 PORT=80 > port\n6 DB_HOST! > host\n"},
        {"dynaconf", "a.py", "from dynaconf import Dynaconf\nsettings = Dynaconf(envvar_prefix='APP')\nprint(settings.rpc_url)\n",
         "3 APP_RPC_URL > rpc_url\n"},
        {"dotenv", "a.py", "cfg = dotenv_values('.env')\nkey = cfg['API_KEY']\nboth = {**dotenv_values(), **os.environ}\nurl = both.get('RPC_URL', 'http://x')\n",
         "2 API_KEY! > key\n4 RPC_URL=http://x > url\n"},
        {"not a reader of this library", "a.py", "from other import config\nURL = config('RPC_URL')\n", ""},
        {"behind the colon of a block", "a.py", "if x in os.environ:\n    pip = join(os.environ['A_DIR'], 'pip')\n", "2 A_DIR! > pip\n"},
        {"argparse", "a.py", "p.add_argument('--url', default=os.environ.get('APP_URL', 'http://x'))\n", "1 APP_URL=http://x > default\n"},
    };
    CHECK_ROWS(rows);
}

static void pydantic_settings(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"fields, defaults, need", "a.py",
         "from pydantic_settings import BaseSettings\n"
         "class Settings(BaseSettings):\n"
         "    \"\"\"doc: text\"\"\"\n"
         "    bot_token: str\n"
         "    base_url: str = 'https://api.example.com'\n"
         "    workers: int = Field(4, ge=1)\n"
         "    api_key: SecretStr = Field(...)\n"
         "    limit: ClassVar[int] = 3\n"
         "    _private: str = 'x'\n"
         "    @property\n"
         "    def live(self) -> bool:\n"
         "        inner: str = 'no'\n"
         "        return True\n",
         "4 BOT_TOKEN! > bot_token\n5 BASE_URL=https://api.example.com > base_url\n6 WORKERS=4 > workers\n7 API_KEY! > api_key\n"},
        {"prefix of version 2, aliases", "a.py",
         "class S(BaseSettings):\n"
         "    model_config = SettingsConfigDict(env_prefix='APP_', env_file='.env')\n"
         "    url: str = ''\n"
         "    key: str = Field(validation_alias=AliasChoices('KEY_A', 'KEY_B'))\n"
         "    mode: str = Field('x', alias='run_mode')\n",
         "3 APP_URL= > url\n4 KEY_A! > key\n4 KEY_B! > key\n5 RUN_MODE=x > mode\n"},
        {"class Config of version 1", "a.py",
         "class S(BaseSettings):\n"
         "    url: str\n"
         "    other: str = Field('d', env='OTHER_NAME')\n"
         "    class Config:\n"
         "        env_prefix = 'APP_'\n"
         "        env_file = '.env'\n",
         "2 APP_URL! > url\n3 OTHER_NAME=d > other\n"},
        {"case_sensitive", "a.py", "class S(BaseSettings):\n    model_config = {'case_sensitive': True}\n    Url: str = 'x'\n", "3 Url=x > Url\n"},
        {"inherited, with the options of the base", "a.py",
         "class Base(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='P_')\n    a_url: str = ''\nclass Sub(Base):\n    b_url: str\n",
         "3 P_A_URL= > a_url\n5 P_B_URL! > b_url\n"},
        {"nested models", "a.py",
         "class Db(BaseModel):\n    url: str = 'sqlite://'\n"
         "class S(BaseSettings):\n    model_config = SettingsConfigDict(env_nested_delimiter='__')\n    db: Db = Db()\n",
         "2 DB__URL=sqlite:// > url\n"},
        {"another class is none", "a.py", "class S(BaseModel):\n    url: str = 'x'\n", ""},
    };
    CHECK_ROWS(rows);
}

static void javascript_reads(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"process.env", "a.js",
         "const port = Number(process.env.PORT ?? 3000);\n"
         "const url = process.env['API_URL'] || 'https://x';\n"
         "const cfg = { apiUrl: process.env.BASE_URL };\n"
         "process.env.SET_ONLY = '1';\n"
         "delete process.env.GONE;\n"
         "if (process.env.NODE_ENV === 'test') {}\n"
         "fetch(`${process.env.BACKEND}/v1`);\n",
         "1 PORT=3000 > port\n2 API_URL=https://x > url\n3 BASE_URL > apiUrl\n6 NODE_ENV\n7 BACKEND\n"},
        {"destructuring over lines", "a.ts",
         "const {\n  API_URL,\n  PORT = '80', // the port\n  KEY: apiKey,\n} = process.env;\n",
         "2 API_URL > API_URL\n3 PORT=80 > PORT\n4 KEY > apiKey\n"},
        {"a name for the environment", "a.ts",
         "const env = process.env;\nconst a = env.API_URL ?? 'x';\nfunction load(e: NodeJS.ProcessEnv) { return e.RPC_URL; }\n",
         "2 API_URL=x > a\n3 RPC_URL\n"},
        {"imported from node:process", "a.mjs", "import { env } from 'node:process';\nexport const k = env.API_KEY;\n", "2 API_KEY > k\n"},
        {"Vite, Deno, Bun", "a.ts",
         "const a = import.meta.env.VITE_API;\nconst m = import.meta.env.MODE;\nconst b = Deno.env.get('B_URL') ?? 'd';\nconst c = Bun.env.C_URL;\n",
         "1 VITE_API > a\n3 B_URL=d > b\n4 C_URL > c\n"},
        {"envalid", "a.ts", "const env = cleanEnv(process.env, {\n  PORT: port({ default: 80 }),\n  API_KEY: str(),\n});\n",
         "2 PORT=80 > PORT\n3 API_KEY! > API_KEY\n"},
        {"zod by name", "a.ts",
         "const Schema = z.object({\n  RPC_URL: z.string().url().default('https://rpc'),\n  KEY: z.string().min(1),\n  OPT: z.string().optional(),\n});\n"
         "export const env = Schema.parse(process.env);\n",
         "2 RPC_URL=https://rpc > RPC_URL\n3 KEY! > KEY\n4 OPT > OPT\n"},
        {"zod inline, safeParse, spread", "a.ts", "const r = z.object({ A_KEY: z.string() }).safeParse({ ...process.env });\n", "1 A_KEY! > A_KEY\n"},
        {"another object is none", "a.ts", "const S = z.object({ USER_NAME: z.string() });\nS.parse(req.body);\n", ""},
        {"t3-env", "a.ts",
         "export const env = createEnv({\n  server: { DB_URL: z.string().url() },\n  client: { NEXT_PUBLIC_URL: z.string() },\n"
         "  runtimeEnv: { DB_URL: process.env.DB_URL },\n});\n",
         "2 DB_URL! > DB_URL\n3 NEXT_PUBLIC_URL! > NEXT_PUBLIC_URL\n4 DB_URL > DB_URL\n"},
        {"convict", "a.js", "const convict = require('convict');\nconvict({ port: { format: 'port', default: 80, env: 'PORT' } });\n", "2 PORT=80 > port\n"},
        {"NestJS", "a.ts",
         "import { ConfigService } from '@nestjs/config';\n"
         "const url = this.config.get<string>('API_URL', 'http://x');\nconst k = this.config.getOrThrow('API_KEY');\nthis.map.get(key);\n",
         "2 API_URL=http://x > url\n3 API_KEY! > k\n"},
        {"dotenv", "a.js", "const env = require('dotenv').config().parsed;\nconst k = env.API_KEY;\n", "2 API_KEY > k\n"},
        {"dotenv, destructured", "a.ts", "import dotenv from 'dotenv';\nconst { parsed } = dotenv.config();\nconst k = parsed.API_KEY;\n", "3 API_KEY > k\n"},
        {"envsafe and znv", "a.ts",
         "const a = envsafe({ A_URL: url({ default: 'http://x' }) });\nconst b = parseEnv(process.env, { B_KEY: z.string() });\n",
         "1 A_URL=http://x > A_URL\n2 B_KEY! > B_KEY\n"},
        {"a loop over names", "a.js", "for (const k of ['A_KEY', 'B_KEY']) if (!process.env[k]) throw k;\n", "1 A_KEY\n1 B_KEY\n"},
        {"a write through another name", "a.js", "const env = process.env;\nenv.FOO_BAR = '1';\n", ""},
    };
    CHECK_ROWS(rows);
}

static void wrappers(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Python", "a.py",
         "def env(name, default=None):\n    value = os.environ.get(name)\n    return value if value else default\n"
         "URL = env('RPC_URL', 'http://x')\nKEY = env('API_KEY')\n",
         "4 RPC_URL=http://x > URL\n5 API_KEY > KEY\n"},
        {"an arrow function", "a.ts",
         "const getEnv = (key: string, fallback = '') => process.env[key] ?? fallback;\nexport const url = getEnv('API_URL', 'http://x');\n",
         "2 API_URL=http://x > url\n"},
        {"a function that throws", "a.js",
         "function must(name) {\n  const v = process.env[name];\n  if (!v) throw new Error(name);\n  return v;\n}\nconst k = must('API_KEY');\n",
         "6 API_KEY! > k\n"},
        {"Go", "a.go",
         "func getEnv(key, def string) string {\n\tif v := os.Getenv(key); v != \"\" {\n\t\treturn v\n\t}\n\treturn def\n}\n"
         "var url = getEnv(\"RPC_URL\", \"http://x\")\n",
         "7 RPC_URL=http://x > url\n"},
        {"Rust", "a.rs",
         "fn env_non_empty(name: &str) -> Option<String> {\n    std::env::var(name).ok().filter(|v| !v.is_empty())\n}\n"
         "let key = env_non_empty(\"API_KEY\");\n",
         "4 API_KEY > key\n"},
        {"one wrapper in another", "a.py",
         "def raw(name):\n    return os.getenv(name)\ndef flag(key):\n    return raw(key) == '1'\nDEBUG = flag('DEBUG_MODE')\n", "5 DEBUG_MODE > DEBUG\n"},
        {"two names", "a.rs",
         "fn secret(file_var: &str, var: &str) -> Option<String> {\n    if let Ok(p) = std::env::var(file_var) { return read(p); }\n    std::env::var(var).ok()\n}\n"
         "let k = secret(\"API_KEY_FILE\", \"API_KEY\");\n",
         "5 API_KEY > k\n5 API_KEY_FILE > k\n"},
        {"no wrapper", "a.py", "def env(name):\n    return cache.get(name)\nURL = env('RPC_URL')\n", ""},
    };
    CHECK_ROWS(rows);
    static const struct file files[] = {{"src/util.ts", "export function getEnv(k: string) { return process.env[k]; }\n"},
                                        {"src/app.ts", "import { getEnv } from './util';\nconst u = getEnv('API_URL');\nconst v = getEnv('lower');\n"}};
    assert_true(agrees("in another file", files, 2, "src/app.ts:2 API_URL > u\n"));
    static const struct file own[] = {{"src/a.rs", "const name: &str = \"ANY_NAME\";\n"},
                                      {"src/b.rs", "fn get(name: &str) -> String { std::env::var(name).unwrap() }\nlet a = get(\"A_KEY\");\n"}};
    assert_true(agrees("its own header is no call", own, 2, "src/b.rs:2 A_KEY > a\n"));
}

static void go_and_rust(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"os.Getenv", "a.go", "url := os.Getenv(\"RPC_URL\")\nif p, ok := os.LookupEnv(\"PORT\"); ok {\n}\n", "1 RPC_URL > url\n2 PORT > p\n"},
        {"a constant", "a.go", "const EnvKey = \"API_KEY\"\nvar k = os.Getenv(EnvKey)\n", "2 API_KEY > k\n"},
        {"struct tags", "a.go",
         "type Config struct {\n\tURL string `env:\"RPC_URL,required\"`\n\tPort int `env:\"PORT\" envDefault:\"80\"`\n\tName string `json:\"name\"`\n}\n",
         "2 RPC_URL! > URL\n3 PORT=80 > Port\n"},
        {"nested prefix", "a.go",
         "type Db struct {\n\tHost string `env:\"HOST\"`\n}\ntype C struct {\n\tDB Db `envPrefix:\"DB_\"`\n}\n", "2 DB_HOST > Host\n"},
        {"envconfig", "a.go",
         "type C struct {\n\tURL string `envconfig:\"URL\" default:\"x\"`\n}\nfunc f() { envconfig.Process(\"app\", &c) }\n", "2 APP_URL=x > URL\n2 URL=x > URL\n"},
        {"urfave/cli", "a.go", "f := &cli.StringFlag{Name: \"url\", Value: \"http://x\", EnvVars: []string{\"APP_URL\"}}\n", "1 APP_URL=http://x\n"},
        {"viper", "a.go",
         "import \"github.com/spf13/viper\"\nviper.SetEnvPrefix(\"app\")\nviper.AutomaticEnv()\nviper.BindEnv(\"key\", \"API_KEY\")\nu := viper.GetString(\"url\")\n",
         "4 API_KEY > key\n5 APP_URL > u\n"},
        {"viper's defaults", "a.go",
         "import \"github.com/spf13/viper\"\nv.AutomaticEnv()\nv.SetEnvKeyReplacer(strings.NewReplacer(\".\", \"_\"))\nv.SetDefault(\"llm.url\", \"http://x\")\n",
         "4 LLM_URL=http://x > llm.url\n"},
        {"std::env::var", "a.rs",
         "let a = std::env::var(\"A_URL\").unwrap_or_else(|_| \"http://x\".to_string());\nlet b = env::var(\"B_KEY\")?;\n"
         "let c = env::var_os(\"C_DIR\");\nlet d = env!(\"CARGO_PKG_VERSION\");\nlet e = option_env!(\"GIT_COMMIT\").unwrap_or(\"none\");\n"
         "let f = std::env::var(\n    \"F_URL\",\n)\n.expect(\"F_URL\");\n",
         "1 A_URL=http://x > a\n2 B_KEY! > b\n3 C_DIR > c\n5 GIT_COMMIT=none > e\n6 F_URL! > f\n"},
        {"clap", "a.rs",
         "#[derive(Parser)]\nstruct Args {\n    /// the url\n    #[arg(long, env = \"RPC_URL\", default_value = \"http://x\")]\n    rpc_url: String,\n"
         "    #[clap(long, env)]\n    pub api_key: String,\n    #[arg(long, env = \"OPT\")]\n    opt: Option<String>,\n    #[arg(long)]\n    no: u8,\n}\n",
         "4 RPC_URL=http://x > rpc_url\n6 API_KEY! > api_key\n8 OPT > opt\n"},
        {"envy", "a.rs",
         "#[derive(Deserialize)]\nstruct Config {\n    rpc_url: String,\n    #[serde(default)]\n    port: u16,\n    key: Option<String>,\n}\n"
         "fn load() { let c = envy::prefixed(\"APP_\").from_env::<Config>(); }\n",
         "3 APP_RPC_URL! > rpc_url\n5 APP_PORT= > port\n6 APP_KEY > key\n"},
        {"serde's default", "a.rs",
         "struct Config {\n    #[serde(default = \"default_url\")]\n    rpc_url: String,\n}\nfn default_url() -> String { \"http://x\".to_string() }\n"
         "fn load() { envy::from_env::<Config>() }\n",
         "3 RPC_URL=http://x > rpc_url\n"},
        {"inside Default", "a.rs", "impl Default for C {\n    fn default() -> Self {\n        Self { url: std::env::var(\"C_URL\").unwrap_or_default() }\n    }\n}\n",
         "3 C_URL= > url\n"},
        {"envconfig and confique", "a.rs",
         "struct C {\n    #[envconfig(from = \"A_URL\", default = \"http://x\")]\n    a: String,\n    #[config(env = \"B_KEY\")]\n    b: String,\n}\n",
         "2 A_URL=http://x > a\n4 B_KEY! > b\n"},
        {"a prefix loop", "a.rs", "for (k, v) in std::env::vars() {\n    if k.starts_with(\"APP_\") {}\n}\n", "1 APP_*\n"},
        {"figment and config", "a.rs",
         "struct Db {\n    url: String,\n}\nstruct Settings {\n    db: Db,\n}\nimpl Settings {\n    fn new() -> Result<Self, ConfigError> {\n"
         "        Config::builder().add_source(Environment::with_prefix(\"APP\").separator(\"__\")).build()?.try_deserialize()\n    }\n}\n",
         "2 APP__DB__URL! > url\n"},
    };
    CHECK_ROWS(rows);
}

static void other_languages(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Java", "A.java", "String u = System.getenv(\"RPC_URL\");\n@Value(\"${app.llm-url:http://x}\") String v;\n", "1 RPC_URL > u\n2 APP_LLMURL=http://x\n2 APP_LLM_URL=http://x\n"},
        {"Spring's and MicroProfile's properties", "A.java",
         "String k = env.getRequiredProperty(\"llm.key\");\n@ConfigProperty(name = \"llm.url\", defaultValue = \"http://x\") String u;\n",
         "1 LLM_KEY > k\n2 LLM_URL=http://x\n"},
        {"Kotlin", "a.kt", "val port = System.getenv(\"PORT\") ?: \"80\"\n", "1 PORT=80 > port\n"},
        {"C#", "a.cs", "var u = Environment.GetEnvironmentVariable(\"RPC_URL\") ?? \"http://x\";\nvar k = Configuration[\"Llm:Key\"];\n",
         "1 RPC_URL=http://x > u\n2 Llm__Key > k\n"},
        {"a connection string of .NET", "a.cs", "o.UseNpgsql(cfg.GetConnectionString(\"Main\"));\n", "1 ConnectionStrings__Main\n"},
        {"Ruby", "a.rb", "url = ENV['RPC_URL'] || 'http://x'\nport = ENV.fetch('PORT', '80')\n", "1 RPC_URL=http://x > url\n2 PORT=80 > port\n"},
        {"PHP", "a.php", "<?php\n$u = getenv('RPC_URL') ?: 'http://x';\n$k = $_ENV['API_KEY'];\nreturn ['db' => env('DB_URL', 'mysql')];\n",
         "2 RPC_URL=http://x > $u\n3 API_KEY > $k\n4 DB_URL=mysql\n"},
        {"Elixir", "a.exs", "url = System.get_env(\"RPC_URL\", \"http://x\")\nkey = System.fetch_env!(\"API_KEY\")\n", "1 RPC_URL=http://x > url\n2 API_KEY! > key\n"},
        {"Swift", "a.swift", "let u = ProcessInfo.processInfo.environment[\"RPC_URL\"] ?? \"http://x\"\n", "1 RPC_URL=http://x > u\n"},
        {"C", "a.c", "const char *u = getenv(\"RPC_URL\");\n", "1 RPC_URL > u\n"},
        {"Solidity", "a.sol", "uint256 k = vm.envUint(\"PRIVATE_KEY\");\naddress o = vm.envOr(\"OWNER\", msg.sender);\n", "1 PRIVATE_KEY! > k\n2 OWNER=msg.sender > o\n"},
        {"Nix", "a.nix", "{ commit = builtins.getEnv \"GIT_COMMIT\"; }\n", "1 GIT_COMMIT > commit\n"},
    };
    CHECK_ROWS(rows);
}

static void shell_reads(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"defaults, need, plain", "a.sh",
         "#!/bin/sh\nPORT=${PORT:-80}\n: \"${API_KEY:?needed}\"\necho \"$DOMAIN\"\necho $DOMAIN $PORT\necho ${1:-${NODE_NAME:-x}} $HOME $? $lower\n",
         "2 PORT=80 > PORT\n3 API_KEY!\n4 DOMAIN\n6 NODE_NAME=x\n"},
        {"what the script sets", "a.sh",
         "NAME=x\nexport URL=\"http://$HOST_PART/\"\nread -r ANSWER\nfor I in 1 2; do echo $I; done\necho $NAME $URL $ANSWER\nlocal_fn() { echo $LATER; }\nLATER=1\n",
         "2 HOST_PART > URL\n"},
        {"read and set on one line", "a.sh", "if ! DOMAIN=$(clean \"$DOMAIN\"); then exit 1; fi\necho $DOMAIN\n", "1 DOMAIN > DOMAIN\n"},
        {"a declaration is no use, nor is a placeholder", "a.sh", "declare -a LIST_A\nexport ADDR=<YOUR_ADDR>\n", ""},
        {"export hands on", "a.sh", "A_SET=1\nexport A_SET B_PASSED\n", "2 B_PASSED\n"},
        {"quotes and comments", "a.sh", "# $COMMENTED\necho '$QUOTED' \\$ESCAPED \"it's $SEEN\"\n", "2 SEEN\n"},
        {"here-documents", "a.sh",
         "cat <<EOF\nurl=${API_URL:-x}\n'$STILL'\nEOF\ncat <<'EOF'\n$NOT_HERE\nEOF\necho $AFTER\n", "2 API_URL=x\n3 STILL\n8 AFTER\n"},
        {"every default, once plain", "a.sh", "echo ${EVERY:-1}\necho ${EVERY:-2} $PLAIN_ONE\necho $PLAIN_ONE\n", "1 EVERY=1\n2 EVERY=2\n2 PLAIN_ONE\n"},
        {"arrays, lengths, patterns", "a.sh", "LIST=(a b)\necho ${LIST[@]} ${#NAME_X} ${FILE_Y%.txt} ${ARR_Z[0]}\n", "2 NAME_X\n2 FILE_Y\n"},
        {"arithmetic and case", "a.sh", "case \"$MODE_A\" in\n  x) FOO_B=1 ;;\nesac\necho $((1 + FOO_B)) $FOO_B\n", "1 MODE_A\n"},
    };
    CHECK_ROWS(rows);
    static const struct file files[] = {
        {"s/entrypoint.sh", "PORT=${PORT:-80}\n. /s/lib.sh\nexec /s/run.sh\n"}, {"s/lib.sh", "setup() { INFO_ID=1; }\necho ${PORT:-1} $OWN_LIB\n"},
        {"s/run.sh", "source lib.sh\necho $PORT $INFO_ID $OWN_RUN\n"}, {"deploy.sh", "OWN_RUN=1 exec s/run.sh\n"}};
    assert_true(agrees("scripts that hand over", files, 4, "s/entrypoint.sh:1 PORT=80 > PORT\ns/lib.sh:2 OWN_LIB\ns/run.sh:2 OWN_RUN\n"));
}

static void config_files(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"Caddy", "Caddyfile", "{$DOMAIN:localhost} {\n  # {$NOT_THIS}\n  reverse_proxy {$UPSTREAM_URL}\n  header X {env.API_TOKEN}\n}\n",
         "1 DOMAIN=localhost\n3 UPSTREAM_URL\n4 API_TOKEN\n"},
        {"an nginx template", "nginx/default.conf.template", "proxy_pass ${BACKEND_URL};\nproxy_set_header Host $host;\nset $x ${lower};\n", "1 BACKEND_URL\n"},
        {"plain nginx has variables of its own", "nginx/default.conf", "proxy_pass ${BACKEND_URL};\n", ""},
        {"Spring", "src/main/resources/application.yml", "llm:\n  url: ${LLM_URL:https://x}\n  key: ${llm.api-key}\n", "2 LLM_URL=https://x\n3 LLM_APIKEY!\n"},
        {"Spring properties", "application-prod.properties", "llm.url=${LLM_URL}\n", "1 LLM_URL!\n"},
        {"Prisma", "prisma/schema.prisma", "datasource db {\n  url = env(\"DATABASE_URL\")\n}\n", "2 DATABASE_URL\n"},
        {"Traefik", "traefik/dynamic.yml", "url: '{{ env \"BACKEND_URL\" }}'\n", "1 BACKEND_URL\n"},
        {"a Go template", "config.yaml.tmpl", "url: {{ .Env.BACKEND_URL }}\n", "1 BACKEND_URL\n"},
        {"the collector", "otel.yaml",
         "receivers:\n  otlp:\nexporters:\n  otlp: {endpoint: '${env:OTLP_URL}'}\nservice:\n  pipelines:\n    x: ${LEVEL:-info}\n", "4 OTLP_URL\n7 LEVEL=info\n"},
        {"LiteLLM", "litellm.yaml", "model_list:\n  - litellm_params:\n      api_base: os.environ/LLM_BASE\n", "3 LLM_BASE\n"},
        {"supervisord", "supervisord.conf", "[program:a]\ncommand=a --url %(ENV_A_URL)s\n", "2 A_URL\n"},
        {"HOCON", "application.conf", "url = ${?LLM_URL}\n", "1 LLM_URL\n"},
        {"node-config", "config/custom-environment-variables.json", "{\"llm\": {\"url\": \"LLM_URL\"}}\n", "1 LLM_URL\n"},
        {"HAProxy", "haproxy.cfg", "server a \"${BACKEND}:80\"\n", "1 BACKEND\n"},
        {"other configuration names nothing", "settings.yaml", "url: ${LLM_URL}\n", ""},
    };
    CHECK_ROWS(rows);
}

/* "line NAME=default package" for each implicit read. */
static void libraries(void **state)
{
    (void)state;
    static const struct { const char *what; struct file files[2]; const char *expect; } rows[] = {
        {"a client without an address", {{"a.py", "from openai import AsyncOpenAI\nc = AsyncOpenAI(api_key=k, organization=o)\n"}},
         "2 OPENAI_BASE_URL=https://api.openai.com/v1 openai\n"},
        {"all given", {{"a.py", "import openai\nc = openai.OpenAI(base_url=u, api_key=k, organization=o)\n"}}, ""},
        {"no manifest names it", {{"a.py", "import openai\nc = openai.OpenAI()\n"}, {"requirements.txt", "flask\n"}}, ""},
        {"imported only", {{"a.py", "import sentry_sdk\n"}, {"requirements.txt", "sentry-sdk==2\n"}}, ""},
        {"initialised without its DSN", {{"a.py", "import sentry_sdk\nsentry_sdk.init(environment='x')\n"}, {"requirements.txt", "sentry-sdk==2\n"}},
         "2 SENTRY_DSN sentry-sdk\n"},
        {"the guest agent's SDK", {{"a.ts", "import { DstackClient } from '@phala/dstack-sdk';\nconst c = new DstackClient();\n"}},
         "2 DSTACK_SIMULATOR_ENDPOINT @phala/dstack-sdk\n"},
        {"the guest agent at a fixed place", {{"a.py", "from dstack_sdk import DstackClient\nc = DstackClient('/var/run/dstack.sock')\n"}}, ""},
        {"a proxy for Go", {{"a.go", "package a\nimport \"net/http\"\nvar r, _ = http.Get(\"https://x\")\n"}},
         "3 HTTPS_PROXY net/http\n3 HTTP_PROXY net/http\n3 ALL_PROXY net/http\n3 NO_PROXY net/http\n"},
        {"a server only", {{"a.go", "package a\nimport \"net/http\"\nfunc f() { http.ListenAndServe(\":80\", nil) }\n"}}, ""},
        {"the log level of Rust", {{"a.rs", "fn main() {\n    env_logger::init();\n}\n"}, {"Cargo.toml", "env_logger = \"1\"\n"}}, "2 RUST_LOG env_logger\n"},
        {"tests do not count", {{"tests/a.py", "import openai\nc = openai.OpenAI()\n"}}, ""},
        {"a class of one's own", {{"a.py", "import openai\nclass OpenAI(Base):\n    pass\n"}}, ""},
    };
    size_t differ = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r;
        struct facts f;
        struct buf out = {0};
        collect(&f, &r, &a, rows[i].files, 2);
        for (size_t k = 0; k < f.library_reads.n; k++) {
            const struct env_read *read = f.library_reads.at[k];
            buf_printf(&out, "%zu %.*s%s%.*s %.*s\n", place_line(read->place), SV_ARG(read->name), read->has_fallback ? "=" : "",
                       SV_ARG(read->fallback), SV_ARG(read->idiom));
            assert_true(read->implicit && read->origin.n != 0);
        }
        buf_putc(&out, '\0');
        if (strcmp(out.p, rows[i].expect) != 0) {
            print_error("%s:\n--- expected\n%s--- got\n%s", rows[i].what, rows[i].expect, out.p);
            differ++;
        }
        buf_free(&out);
        arena_free(&a);
    }
    assert_int_equal(differ, 0);
}

/* "NAME kind path:line …" for each read. */
static void values_are_followed(void **state)
{
    (void)state;
    static const struct { const char *what; struct file files[3]; const char *expect; } rows[] = {
        {"straight into a call", {{"a.py", "r = requests.post(os.environ['API_URL'], json=x)\n"}}, "API_URL endpoint a.py:1\n"},
        {"a name in between", {{"a.py", "U = os.getenv('TARGET')\ndef f():\n    url = f'{U}/v1'\n    return httpx.get(url)\n"}}, "TARGET endpoint a.py:4\n"},
        {"fields of a settings class in other files",
         {{"app/config.py", "class S(BaseSettings):\n    llm_where: str = 'x'\n    llm_secret: str = ''\n"},
          {"app/llm.py", "from .config import settings\nclient = AsyncOpenAI(base_url=settings.llm_where, api_key=settings.llm_secret)\n"}},
         "LLM_WHERE endpoint app/llm.py:2\nLLM_SECRET credential app/llm.py:2\n"},
        {"a config object of JavaScript",
         {{"src/config.ts", "export const config = {\n  mockApi: process.env.MOCK_API,\n};\n"},
          {"src/app.ts", "import { config } from './config';\nconst r = await fetch(`${config.mockApi}/x`, { method: 'POST' });\n"}},
         "MOCK_API endpoint src/app.ts:2\n"},
        {"kept in an object's own field",
         {{"a.py", "class A:\n    def __init__(self):\n        self.where = os.environ.get('WHERE')\n    def go(self):\n        return requests.get(self.where + '/x')\n"}},
         "WHERE endpoint a.py:5\n"},
        {"the environment, unless another one is passed",
         {{"a.py", "def load(env=None):\n    e = os.environ if env is None else env\n    return requests.post(e.get('API_URL'), json=x)\n"}}, "API_URL endpoint a.py:3\n"},
        {"another file's local of that name is no field of it",
         {{"app/config.py", "class S(BaseSettings):\n    base_where: str = 'x'\n"},
          {"app/a.py", "def f(base_where):\n    return requests.get(f'{base_where}/v1')\n"},
          {"app/b.py", "def f(settings):\n    return requests.get(f'{settings.base_where}/v1')\n"}},
         "BASE_WHERE endpoint app/b.py:2\n"},
        {"from field to field, back to a file asked before",
         {{"app/a.py", "def go(x, first_where):\n    return requests.get(x.second_where)\n"},
          {"app/b.py", "class B:\n    def __init__(self, s):\n        self.second_where = s.third_where\n        self.third_where = s.first_where\n"},
          {"app/config.py", "class S(BaseSettings):\n    first_where: str = 'x'\n"}},
         "FIRST_WHERE endpoint app/a.py:2\n"},
        {"a field that looks the same to the index of words",
         {{"app/config.py", "class S(BaseSettings):\n    base_where: str = 'x'\n"},
          {"app/a.py", "# settings.base_where\ndef f(settings):\n    return requests.get(settings.bosx_wxexe)\n"}},
         "BASE_WHERE other\n"},
        {"run as a command", {{"a.js", "const c = process.env.HOOK;\nexecSync(c);\n"}}, "HOOK code a.js:2\n"},
        {"one word of a fixed command", {{"a.py", "m = os.environ['MAIL_TO']\nsubprocess.run(['certbot', '--email', m])\n"}}, "MAIL_TO other a.py:2\n"},
        {"a database", {{"a.go", "dsn := os.Getenv(\"WHERE\")\ndb, err := sql.Open(\"postgres\", dsn)\n"}}, "WHERE storage a.go:2\n"},
        {"a signing key", {{"a.js", "const S = process.env.SOMETHING;\njwt.verify(token, S);\n"}}, "SOMETHING auth a.js:2\n"},
        {"numbers end it", {{"a.py", "p = int(os.environ['WHAT'])\nrequests.get(p)\n"}}, "WHAT other\n"},
        {"comparisons end it", {{"a.py", "p = os.environ['WHAT'] == 'x'\nrequests.get(p)\n"}}, "WHAT other\n"},
        {"sent, not contacted", {{"a.py", "m = os.environ['MODEL_X']\nrequests.post('https://h', json={'model': m})\n"}}, "MODEL_X other a.py:2\n"},
        {"another function's name is another",
         {{"a.py", "def f():\n    url = os.environ['ONE']\n    return url\ndef g(url):\n    return requests.get(url)\n"}}, "ONE other\n"},
        {"returned by a function", {{"a.rs", "fn rpc_where() -> String { std::env::var(\"WHERE\").unwrap() }\nlet p = reqwest::get(rpc_where()).await?;\n"}},
         "WHERE endpoint a.rs:2\n"},
        {"asked for in a condition", {{"a.py", "def where():\n    if 'WHAT' in os.environ:\n        return 1\nrequests.get(where())\n"}}, "WHAT other\n"},
        {"a constant imported elsewhere",
         {{"cfg.py", "BASE_WHERE = os.environ.get('BW', 'x')\n"}, {"use.py", "from cfg import BASE_WHERE\nrequests.get(BASE_WHERE)\n"}},
         "BW endpoint use.py:2\n"},
    };
    static const char *const kinds[] = {"endpoint", "image", "code", "proxy-ca", "storage", "credential", "key",
                                        "auth", "log-level", "feature", "identity", "tuning", "other"};
    size_t differ = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena a = {0};
        struct repo r;
        struct facts f;
        struct buf out = {0};
        collect(&f, &r, &a, rows[i].files, 3);
        for (size_t k = 0; k < f.env_reads.n; k++) {
            const struct env_read *read = f.env_reads.at[k];
            buf_printf(&out, "%.*s %s", SV_ARG(read->name), kinds[read->kind]);
            for (size_t u = 0; u < read->uses.n; u++)
                buf_printf(&out, " %.*s:%zu", SV_ARG(read->uses.at[u]->src->path), place_line(*read->uses.at[u]));
            buf_puts(&out, "\n");
        }
        buf_putc(&out, '\0');
        if (strcmp(out.p, rows[i].expect) != 0) {
            print_error("%s:\n--- expected\n%s--- got\n%s", rows[i].what, rows[i].expect, out.p);
            differ++;
        }
        buf_free(&out);
        arena_free(&a);
    }
    assert_int_equal(differ, 0);
}

/* Where the chain of an address is shown: beside it, by number, by host, for the whole file; not by several. */
static void chains(void **state)
{
    (void)state;
#define ADDRESS "0x2f83172A49584C017F2B256F0FB2Dca14126Ba9C"
    static const struct file files[] = {
        {"a.py", "KMS = '" ADDRESS "'  # on sepolia\n"},
        {"b.json", "{\"address\": \"" ADDRESS "\",\n \"chainId\": 8453}\n"},
        {"c.ts", "const rpc = 'https://mainnet.base.org'\n\n\n\n\n\n\nconst app = '" ADDRESS "'\n"},
        {"d.ts", "const link = 'https://sepolia.basescan.org/address/" ADDRESS "'\n"},
        {"e.ts", "const a = 'https://mainnet.base.org'\nconst b = 'https://arb1.arbitrum.io/rpc'\n\n\n\n\n\n\nconst app = '" ADDRESS "'\n"},
        {"f.sh", "#!/bin/sh\ncast send --chain 84532 " ADDRESS " 'f()'\n"},
        {"g.py", "database = 1\napp = '" ADDRESS "'\n"},
    };
    static const char *const wanted[] = {"sepolia", "base", "base", "base-sepolia", "", "base-sepolia", ""};
    struct arena a = {0};
    struct repo r;
    struct facts f;
    collect(&f, &r, &a, files, sizeof files / sizeof *files);
    assert_int_equal(f.contracts.n, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < f.contracts.n; i++)
        assert_true(sv_eq(f.contracts.at[i]->chain, sv_from(wanted[i])));
    arena_free(&a);
}

/* "USE HOST path:line" for each place, "CHAIN address", "WHAT line". */
static void outside(void **state)
{
    (void)state;
    static const struct file files[] = {
        {"src/app.py",
         "import requests\nfrom dstack_sdk import DstackClient\n"
         "r = requests.post('https://api.example.io/v1', json=x)\n"
         "print('docs: https://docs.example.io/a')\n# https://comment.example.io\n"
         "u = f'https://{host}/x'\nv = 'http://db:5432'\nw = 'http://127.0.0.1:80'\n"
         "BASE_REGISTRY = '0x2f83172A49584C017F2B256F0FB2Dca14126Ba9C'\nzero = '0x0000000000000000000000000000000000000000'\n"
         "hash = '0x2f83172A49584C017F2B256F0FB2Dca14126Ba9C00'\n"
         "q = DstackClient().get_quote(b'x')\nraise ValueError('see https://help.example.io')\n"},
        {"config.yaml", "# https://comment.example.io\nupstream: https://api.example.io/v2 # https://more.example.io\nport: 1\n"},
        {"other.py", "cache.getKey('a')\nstore.get_key('b')\n"},
        {"page.html", "<script src=\"https://cdn.example.io/x.js\"></script>\n<a href=\"https://link.example.io\">x</a>\n"},
        {"tests/test_a.py", "u = 'https://test.example.io'\n"},
    };
    static const char *const uses[] = {"code", "config", "script", "display"};
    struct arena a = {0};
    struct repo r;
    struct facts f;
    struct buf out = {0};
    collect(&f, &r, &a, files, sizeof files / sizeof *files);
    for (size_t i = 0; i < f.hosts.n; i++) {
        buf_printf(&out, "%s %.*s", uses[f.hosts.at[i]->use], SV_ARG(f.hosts.at[i]->name));
        for (size_t k = 0; k < f.hosts.at[i]->places.n; k++)
            buf_printf(&out, " %.*s:%zu", SV_ARG(f.hosts.at[i]->places.at[k]->src->path), place_line(*f.hosts.at[i]->places.at[k]));
        buf_puts(&out, "\n");
    }
    for (size_t i = 0; i < f.contracts.n; i++)
        buf_printf(&out, "%.*s %zu\n", SV_ARG(f.contracts.at[i]->chain), place_line(f.contracts.at[i]->place));
    for (size_t i = 0; i < f.attestation.n; i++)
        buf_printf(&out, "%.*s %zu\n", SV_ARG(f.attestation.at[i]->what), place_line(f.attestation.at[i]->place));
    buf_putc(&out, '\0');
    assert_string_equal(out.p, "code api.example.io src/app.py:3\n"
                               "code cdn.example.io page.html:1\n"
                               "display comment.example.io config.yaml:1 src/app.py:5\n"
                               "display docs.example.io src/app.py:4\n"
                               "display help.example.io src/app.py:13\n"
                               "display link.example.io page.html:2\n"
                               "display more.example.io config.yaml:2\n"
                               "base 9\n"
                               "sdk:python 12\nget-quote 12\n");
    buf_free(&out);
    arena_free(&a);
}

static void hostile_text_ends(void **state)
{
    (void)state;
    static const char *const pieces[] = {"class A(BaseSettings):\n x: int=", "def f(a", "os.environ.get(", "process.env[", "{", "(", "const {A", "fn f(", "${A:-",
                                         "$(", "\"", "`${", "<<E\n", "env(", "#[arg(env", "struct S {", "a=(b)=>"};
    static const char *const paths[] = {"a.py", "a.ts", "a.go", "a.rs", "a.sh", "a.java", "a.php", "a.rb"};
    char text[20000];
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++)
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
            size_t n = 0, length = strlen(pieces[i]);
            while (n + length + 1 < sizeof text) {
                memcpy(text + n, pieces[i], length);
                n += length;
            }
            text[n] = '\0';
            struct arena a = {0};
            struct repo r;
            struct facts f;
            struct file file = {paths[p], text};
            collect(&f, &r, &a, &file, 1);
            for (size_t k = 0; k < f.env_reads.n; k++)
                assert_true(f.env_reads.at[k]->place.end <= n && f.env_reads.at[k]->place.start <= f.env_reads.at[k]->place.end);
            arena_free(&a);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_reads), cmocka_unit_test(pydantic_settings), cmocka_unit_test(javascript_reads),
        cmocka_unit_test(wrappers),     cmocka_unit_test(go_and_rust),       cmocka_unit_test(other_languages),
        cmocka_unit_test(shell_reads),  cmocka_unit_test(config_files), cmocka_unit_test(libraries),
        cmocka_unit_test(values_are_followed), cmocka_unit_test(chains), cmocka_unit_test(outside),       cmocka_unit_test(hostile_text_ends),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
