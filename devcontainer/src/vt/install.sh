#!/bin/sh
# Installs the vt executable for this machine from a release, after its checksum was verified. The
# devcontainer Feature and the GitHub Action run it, and so can any other script. Settings are variables:
#
#   VERSION        which release, as 0.1.0; `latest` is the default
#   CHECKSUM       the SHA-256 of the archive; without it SHA256SUMS of the release says it
#   RELEASES       where the releases are, as https://<host>/<owner>/<repository>/releases
#   VT_INSTALL_DIR where vt goes; /usr/local/bin is the default, of other users than root ~/.local/bin
set -eu

# Whoever publishes the Feature fills this in.
default_releases=

main() {
  version=${VERSION:-latest}
  version=${version#v}
  releases=${RELEASES:-$default_releases}
  [ -n "$releases" ] || fail "nothing says where the releases of vt are" "set RELEASES (the option \`releases\`)"
  case $version in
    latest | [0-9]*) ;;
    *) fail "\`$version\` is no version of vt" "write one as 0.1.0, or \`latest\`" ;;
  esac
  if [ "$(id -u)" = 0 ]; then directory=/usr/local/bin; else directory=${HOME:-}/.local/bin; fi
  directory=${VT_INSTALL_DIR:-$directory}
  find_target
  bring_tools

  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 1' HUP INT TERM
  if [ "$version" = latest ]; then base=$releases/latest/download; else base=$releases/download/v$version; fi
  find_archive
  echo "vt: downloading $base/$archive"
  download "$base/$archive" "$scratch/$archive"
  verify
  unpack
}

# What went wrong, and what to do about it.
fail() {
  echo "vt: $1" >&2
  [ $# -lt 2 ] || echo "hint: $2" >&2
  exit 1
}

# Names this machine as the releases do.
find_target() {
  case $(uname -m) in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) fail "there is no vt for $(uname -m)" ;;
  esac
  program=vt
  suffix=tar.gz
  case $(uname -s) in
    Linux) if is_musl; then target=linux-$cpu-musl; else target=linux-$cpu; fi ;;
    Darwin) target=darwin-$cpu ;;
    MINGW* | MSYS* | CYGWIN*)
      target=windows-$cpu
      program=vt.exe
      suffix=zip
      ;;
    *) fail "there is no vt for $(uname -s)" ;;
  esac
}

# A machine may have the loaders of both.
is_musl() {
  [ ! -f /etc/alpine-release ] || return 0
  ! getconf GNU_LIBC_VERSION >/dev/null 2>&1 || return 1
  for loader in /lib/ld-musl-*; do [ ! -e "$loader" ] || return 0; done
  return 1
}

# In an image there may be nothing to download with. Alpine needs the libraries that vt is linked against, too.
bring_tools() {
  if [ "$(id -u)" = 0 ] && command -v apk >/dev/null 2>&1; then
    apk add --no-cache libgcc libstdc++ >/dev/null || fail "apk could not add libgcc and libstdc++"
  fi
  ! has_downloader || return 0
  [ "$(id -u)" = 0 ] || fail "neither curl nor wget is installed" "install one of them"
  if command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates curl >/dev/null
  elif command -v apk >/dev/null 2>&1; then
    apk add --no-cache ca-certificates curl >/dev/null
  fi
  has_downloader || fail "neither curl nor wget could be installed" "install one of them"
}

has_downloader() {
  command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1
}

# download <url> <file>
download() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL --retry 3 -o "$2" "$1" || fail "$1 cannot be downloaded"
  else
    wget -q -O "$2" "$1" || fail "$1 cannot be downloaded"
  fi
}

# The archive for this machine, and its checksum. Which version is the latest, the list alone says.
find_archive() {
  checksum=${CHECKSUM:-}
  wanted=vt-$version-$target.$suffix
  if [ -n "$checksum" ]; then
    [ "$version" != latest ] || fail "a checksum belongs to one version, not to \`latest\`" "set the version, too"
    archive=$wanted
    return
  fi
  [ "$version" != latest ] || wanted="vt-*-$target.$suffix"
  download "$base/SHA256SUMS" "$scratch/SHA256SUMS"
  while read -r sum name; do
    # shellcheck disable=SC2254 # It is a pattern.
    case $name in
      */*) ;;
      $wanted)
        checksum=$sum
        archive=$name
        ;;
    esac
  done <"$scratch/SHA256SUMS"
  [ -n "$checksum" ] || fail "$base/SHA256SUMS names no archive for $target"
}

verify() {
  if command -v sha256sum >/dev/null 2>&1; then
    actual=$(sha256sum "$scratch/$archive")
  else
    actual=$(shasum -a 256 "$scratch/$archive")
  fi
  actual=${actual%% *}
  [ "$actual" = "$checksum" ] ||
    fail "$archive is not what was published: its SHA-256 is $actual, expected $checksum" "nothing was installed"
}

# Whoever starts vt meanwhile gets the old one or the new one, never a part.
unpack() {
  if [ "$suffix" = zip ]; then
    unzip -q -o "$scratch/$archive" "$program" -d "$scratch"
  else
    tar -xzf "$scratch/$archive" -C "$scratch" "$program"
  fi
  mkdir -p "$directory"
  cp "$scratch/$program" "$directory/.$program.$$"
  chmod 755 "$directory/.$program.$$"
  mv -f "$directory/.$program.$$" "$directory/$program"
  said=$("$directory/$program" --version 2>&1) ||
    fail "$directory/$program was installed and does not start: $said" "on Alpine it needs the packages libgcc and libstdc++"
  echo "vt: $said is installed as $directory/$program"
}

main
