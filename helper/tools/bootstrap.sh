#!/bin/sh
# Installs what building (or testing) needs and this machine misses; does nothing when nothing is missing.
#   bootstrap.sh build|test|e2e              install, as root or through sudo; exit 2 with the command otherwise
#   bootstrap.sh --missing build|test|e2e    print what is missing; exit 1 when something is
#   bootstrap.sh --print build|test|e2e      print the command that installs it on this platform
set -u
action=install
case ${1:-} in --missing | --print) action=${1#--}; shift ;; esac
what=${1:-build}
case $what in build | test | e2e) ;; *) echo "usage: bootstrap.sh [--missing|--print] build|test|e2e" >&2; exit 2 ;; esac

has() { command -v "$1" >/dev/null 2>&1; }

modules="libpcre2-8 yaml-0.1 libcjson libcrypto" programs=make
case $what in
test) modules="$modules cmocka" ;;
e2e) programs="git node npm" ;;
esac
config=${PKG_CONFIG:-pkg-config}

# openssl@3 of Homebrew is kept out of the default search path.
if has brew && [ -z "${PKG_CONFIG_PATH:-}" ]; then
    PKG_CONFIG_PATH=$(brew --prefix openssl@3 2>/dev/null)/lib/pkgconfig
    export PKG_CONFIG_PATH
fi

list_missing() {
    missing=
    for program in $programs; do has "$program" || missing="$missing $program"; done
    if [ "$what" != e2e ]; then
        compiler=${CC:-cc}
        has "${compiler%% *}" || missing="$missing C-compiler"
        if has "$config"; then
            for module in $modules; do "$config" --exists "$module" || missing="$missing $module"; done
        else
            missing="$missing $config $modules"
        fi
    fi
    missing=${missing# }
}

# need BUILD TEST E2E: the packages for each of them. Always the whole list, the package manager knows what is there.
need() {
    case $what in
    build) command="$install $1" ;;
    test) command="$install $1 $2" ;;
    e2e) command="$install $3" ;;
    esac
}

platform() {
    for manager in apt-get dnf pacman apk zypper brew nix-shell none; do if has "$manager"; then break; fi; done
    case $manager in
    apt-get)
        install="apt-get install -y --no-install-recommends"
        need "gcc libc6-dev make pkg-config libpcre2-dev libyaml-dev libcjson-dev libssl-dev" "libcmocka-dev python3 python3-yaml python3-jsonschema" "git nodejs npm bubblewrap socat iproute2 openssl"
        ;;
    dnf)
        install="dnf install -y"
        need "gcc make pkgconf-pkg-config pcre2-devel libyaml-devel cjson-devel openssl-devel" "libcmocka-devel libasan libubsan python3 python3-pyyaml python3-jsonschema" "git nodejs npm"
        ;;
    pacman)
        install="pacman -S --needed --noconfirm"
        need "gcc make pkgconf pcre2 libyaml cjson openssl" "cmocka python python-yaml python-jsonschema" "git nodejs npm"
        ;;
    apk)
        install="apk add"
        need "gcc musl-dev make pkgconf pcre2-dev yaml-dev cjson-dev openssl-dev bash" "cmocka-dev python3 py3-yaml py3-jsonschema" "git nodejs npm"
        ;;
    zypper)
        install="zypper --non-interactive install"
        need "gcc make pkg-config pcre2-devel libyaml-devel cJSON-devel libopenssl-devel" "libcmocka-devel python3 python3-PyYAML python3-jsonschema" "git nodejs npm"
        ;;
    brew)
        install="brew install"
        need "pkgconf pcre2 libyaml cjson openssl@3" "cmocka" "git node"
        ;;
    nix-shell)
        install="nix-shell -p"
        need "gcc gnumake pkg-config pcre2 libyaml cjson openssl" "cmocka" "git nodejs"
        ;;
    none)
        command="(install $missing, development files included)"
        ;;
    esac
}

# The command as a person types it.
shown() {
    whole=$command become=
    case $manager in brew | nix-shell | none) ;; *) [ "$(id -u)" = 0 ] || become=$(has sudo && echo sudo || echo su) ;; esac
    [ "$become" != sudo ] || whole="sudo $whole"
    [ "$manager" != apt-get ] || whole="${whole%%apt-get*}apt-get update && $whole"
    [ "$become" != su ] || whole="su -c '$whole'"
    printf '%s\n' "$whole"
}

give_up() {
    printf 'dstack-audit: %s. Missing: %s\nInstall it with:\n    %s\n' "$1" "$missing" "$(shown)" >&2
    exit 2
}

# $1: "" or sudo
install() {
    [ "$manager" != apt-get ] || $1 apt-get update -q || return 1
    # shellcheck disable=SC2086 # words of a list above
    DEBIAN_FRONTEND=noninteractive $1 $command
}

list_missing
platform
case $action in
missing) echo "$missing"; [ -z "$missing" ]; exit ;;
print) shown; exit ;;
esac
[ -n "$missing" ] || exit 0
case $manager in
none) give_up "no package manager that this script knows" ;;
nix-shell) give_up "on Nix, work inside a shell that has the libraries" ;;
esac
sudo=
if [ "$(id -u)" != 0 ] && [ "$manager" != brew ]; then
    has sudo || give_up "packages are missing and neither root nor sudo is at hand"
    # With a terminal sudo may ask for the password; without one it must not have to.
    [ -t 2 ] || sudo -n true 2>/dev/null || give_up "packages are missing and sudo needs a password"
    sudo=sudo
fi
printf 'dstack-audit: installing what is missing: %s\n' "$missing" >&2
install "$sudo" >&2 || give_up "the package manager failed"
list_missing
[ -z "$missing" ] || give_up "still missing after the installation"
