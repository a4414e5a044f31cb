# shellcheck shell=bash
# Finds a .NET SDK that global.json accepts; where there is none, brings one into .dotnet inside the checkout.
# Sourced after common.sh.

SDK_CHANNEL=10.0
SDK_FOLDER="$ROOT/.dotnet"
INSTALL_SCRIPT_ADDRESS=https://dot.net/v1/dotnet-install.sh

# An SDK of this version band answers with its version; any other says what it misses and fails.
sdk_works() { command -v dotnet >/dev/null && dotnet --version >/dev/null 2>&1; }

use_local_sdk() {
  export DOTNET_ROOT="$SDK_FOLDER" PATH="$SDK_FOLDER:$PATH"
}

ensure_sdk() {
  if [[ -x $SDK_FOLDER/dotnet ]]; then
    use_local_sdk
    sdk_works && return
  elif sdk_works; then
    return
  fi
  local found="no dotnet command was found"
  if command -v dotnet >/dev/null; then
    found="dotnet is there ($(command -v dotnet)), but has no SDK that global.json accepts (it has: $(dotnet --list-sdks 2>/dev/null | awk '{print $1}' | paste -sd' ' - || true))"
  fi
  if [[ ${NO_INSTALL:-} == 1 ]]; then
    die "the .NET SDK $SDK_CHANNEL is missing and NO_INSTALL=1 forbids installing it; $found." "$(how_to_install)"
  fi
  say "The .NET SDK $SDK_CHANNEL is missing: $found."
  install_sdk
}

how_to_install() {
  cat <<END
To bring it into this checkout (nothing outside .dotnet is touched), type:
    curl -fsSL $INSTALL_SCRIPT_ADDRESS -o dotnet-install.sh
    bash dotnet-install.sh --channel $SDK_CHANNEL --install-dir "$SDK_FOLDER" --no-path
  and start $SCRIPT again. Where that address cannot be reached, carry the script over and name it:
    DOTNET_INSTALL_SCRIPT=/path/to/dotnet-install.sh $SCRIPT
  or install the SDK any other way, so that 'dotnet --version' says $SDK_CHANNEL.
END
}

# Copies or downloads Microsoft's install script to $1.
fetch_install_script() {
  local from=${DOTNET_INSTALL_SCRIPT:-$INSTALL_SCRIPT_ADDRESS}
  if [[ $from != *://* ]]; then
    [[ -r $from ]] || die "DOTNET_INSTALL_SCRIPT names $from, which cannot be read." "Give a path or an address (https://...) of Microsoft's dotnet-install.sh."
    say "  - taking the install script from $from"
    cp "$from" "$1"
  elif command -v curl >/dev/null; then
    say "  - downloading the install script from $from"
    curl -fsSL --connect-timeout 20 --max-time 120 --retry 2 -o "$1" "$from" || die "$from cannot be reached (curl ended with $?)." "$(how_to_install)"
  elif command -v wget >/dev/null; then
    say "  - downloading the install script from $from"
    wget -q --timeout=20 --tries=3 -O "$1" "$from" || die "$from cannot be reached (wget ended with $?)." "$(how_to_install)"
  else
    die "neither curl nor wget is here to download the .NET SDK with." "Type: sudo apt-get install -y curl ca-certificates" "and start $SCRIPT again."
  fi
  # A portal's log-in page or a proxy's error page must not be run as a script.
  [[ $(head -c 2 "$1") == '#!' ]] || die "what came from $from is not a shell script (its first line: $(head -n 1 "$1" | cut -c 1-80))." "$(how_to_install)"
}

install_sdk() {
  local script="$ROOT/artifacts/dotnet-install.sh"
  mkdir -p "$ROOT/artifacts"
  say "Bringing it into .dotnet inside this checkout with Microsoft's install script (about 250 MB to download, 800 MB on disk; remove the folder to undo)."
  fetch_install_script "$script"
  step "downloading and unpacking the SDK $SDK_CHANNEL" sdk-install \
    bash "$script" --channel "$SDK_CHANNEL" --install-dir "$SDK_FOLDER" --no-path ||
    die "Microsoft's install script failed; its reason is above." "$(how_to_install)"
  use_local_sdk
  sdk_works || die "the SDK was installed into .dotnet but does not start: $(dotnet --version 2>&1 | head -n 3 | paste -sd' ' - || true)" \
    "It needs a few system libraries; type: sudo apt-get install -y ca-certificates libc6 libgcc-s1 libstdc++6 libssl3 zlib1g" "and start $SCRIPT again."
  say "  - SDK $(dotnet --version) is ready in .dotnet"
}
