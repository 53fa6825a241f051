#!/bin/sh
# Installs what building (or testing) needs and pkg-config misses; does nothing when nothing is missing.
#   bootstrap.sh build|test             install, as root or through sudo; exit 2 with the command otherwise
#   bootstrap.sh --missing build|test   print what is missing; exit 1 when something is
#   bootstrap.sh --print build|test     print the command that installs it on this platform
set -u
action=install
case ${1:-} in --missing | --print) action=${1#--}; shift ;; esac
what=${1:-build}
case $what in build | test) ;; *) echo "usage: bootstrap.sh [--missing|--print] build|test" >&2; exit 2 ;; esac

has() { command -v "$1" >/dev/null 2>&1; }

modules="libpcre2-8 yaml-0.1 libcjson libcrypto"
[ "$what" = build ] || modules="$modules cmocka"
config=${PKG_CONFIG:-pkg-config}

# openssl@3 of Homebrew is kept out of the default search path.
if has brew && [ -z "${PKG_CONFIG_PATH:-}" ]; then
    PKG_CONFIG_PATH=$(brew --prefix openssl@3 2>/dev/null)/lib/pkgconfig
    export PKG_CONFIG_PATH
fi

list_missing() {
    missing=
    has make || missing="make"
    has "${CC:-cc}" || missing="$missing C-compiler"
    if has "$config"; then
        for module in $modules; do "$config" --exists "$module" || missing="$missing $module"; done
    else
        missing="$missing $config $modules"
    fi
    missing=${missing# }
}

# Packages of this platform: always the whole list, the package manager knows what is there.
platform() {
    if has nix-shell && ! has apt-get && ! has dnf && ! has pacman && ! has apk && ! has zypper; then
        manager=nix
        command="nix-shell -p gcc gnumake pkg-config pcre2 libyaml cjson openssl cmocka"
        return
    fi
    for manager in apt-get dnf pacman apk zypper brew none; do if has "$manager"; then break; fi; done
    extra=
    case $manager in
    apt-get)
        [ "$what" = build ] || extra=" libcmocka-dev"
        command="apt-get install -y --no-install-recommends gcc libc6-dev make pkg-config libpcre2-dev libyaml-dev libcjson-dev libssl-dev$extra"
        ;;
    dnf)
        [ "$what" = build ] || extra=" libcmocka-devel libasan libubsan"
        command="dnf install -y gcc make pkgconf-pkg-config pcre2-devel libyaml-devel cjson-devel openssl-devel$extra"
        ;;
    pacman)
        [ "$what" = build ] || extra=" cmocka"
        command="pacman -S --needed --noconfirm gcc make pkgconf pcre2 libyaml cjson openssl$extra"
        ;;
    apk)
        [ "$what" = build ] || extra=" cmocka-dev"
        command="apk add gcc musl-dev make pkgconf pcre2-dev yaml-dev cjson-dev openssl-dev bash$extra"
        ;;
    zypper)
        [ "$what" = build ] || extra=" libcmocka-devel"
        command="zypper --non-interactive install gcc make pkg-config pcre2-devel libyaml-devel cJSON-devel libopenssl-devel$extra"
        ;;
    brew)
        [ "$what" = build ] || extra=" cmocka"
        command="brew install pkgconf pcre2 libyaml cjson openssl@3$extra"
        ;;
    none)
        command="(install a C compiler, make, pkg-config and the development files of: $modules)"
        ;;
    esac
}

# The command as a person types it.
shown() {
    case $manager in
    apt-get | dnf | pacman | apk | zypper) prefix=; [ "$(id -u)" = 0 ] || prefix="sudo " ;;
    *) prefix= ;;
    esac
    [ "$manager" != apt-get ] || printf '%sapt-get update && ' "$prefix"
    printf '%s%s\n' "$prefix" "$command"
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
nix) give_up "on Nix, work inside a shell that has the libraries" ;;
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
