# shellcheck shell=bash
# Building the appliance and the solution. Sourced after common.sh and sdk.sh.

HOST=edge/Edge.Host/Edge.Host.csproj
# Terminal decorations off: the output goes to a log. No build node outlives the build.
MSBUILD=(-nologo -v:quiet -tl:off -clp:NoSummary -nr:false)

# The runtime identifier of this machine, as .NET names it.
host_rid() {
  case "$(uname -m)" in
    x86_64) printf 'linux-x64' ;;
    aarch64) printf 'linux-arm64' ;;
    *) die "this machine is a $(uname -m); the appliance runs on 64-bit x64 and arm64." ;;
  esac
}

# up_to_date STAMP: true when nothing that the appliance is built from changed since.
up_to_date() {
  [[ -e $1 ]] || return 1
  [[ -z "$(find edge cloud-sync hardware Directory.*.props Directory.*.targets BannedSymbols.txt .editorconfig global.json scripts/lib/build.sh \
    \( -name bin -o -name obj \) -prune -o -newer "$1" -print -quit)" ]]
}

# restore [--locked] TARGET: brings the packages in. Locked: exactly those of the lock files, else it fails.
restore() {
  local locked=()
  if [[ $1 == --locked ]]; then locked=(--locked-mode); shift; fi
  step "restoring packages${locked:+ (exactly those of the lock files)}" restore dotnet restore "$1" "${MSBUILD[@]}" "${locked[@]}" && return
  if (( ${#locked[@]} )) && grep -q NU1004 "$LOGS/restore.log"; then
    warn "    The lock files do not fit the project files. Run 'dotnet restore' and commit the packages.lock.json files it changes."
  fi
  die "the packages could not be restored; the reason is above." \
    "Restoring needs a package source: the public one (dotnet nuget list source) or a mirror named in a NuGet.config."
}

# The appliance on the shared runtime, in artifacts/edge. Builds it unless it is built.
build_appliance() {
  local stamp=artifacts/edge/.built
  if up_to_date "$stamp"; then say "  - artifacts/edge/edge is up to date"; return; fi
  rm -f "$stamp"
  step "building the appliance" build-edge dotnet publish "$HOST" -c Release --no-self-contained -o artifacts/edge "${MSBUILD[@]}" ||
    die "the appliance does not build; the errors are above."
  touch "$stamp"
}

# The native appliance, in artifacts/edge-aot. Its intermediate files and its lock live apart (artifacts/aot), so that
# building it never disturbs the ordinary build: it restores with the runtime's own packs.
build_native() { # RID OUTPUT
  local rid=$1 output=$2 stamp="$2/.built"
  if up_to_date "$stamp"; then say "  - $output/edge is up to date"; return; fi
  rm -f "$stamp"
  step "building the native appliance ($rid; this takes a minute or three)" build-aot \
    dotnet publish "$HOST" -c Release -r "$rid" -p:NativeBuild=true --artifacts-path "$ROOT/artifacts/aot" -o "$output" "${MSBUILD[@]}" || return
  # The warnings that two libraries are known for are exempt by name; the same ones about anything else are not.
  local warnings
  warnings="$(grep -E 'warning IL[0-9]+' "$LOGS/build-aot.log" | grep -vE "IL(2104|3053): Assembly '(LiteDB|Confluent\.Kafka)'" || true)"
  if [[ -n $warnings ]]; then
    warn "    the native build warns about more than the known two libraries:"
    warn "$(sed 's/^ */    | /' <<<"$warnings")"
    return 1
  fi
  # Debug symbols stay in artifacts/aot. Which build of librdkafka is shipped is decided in Edge.Host.csproj.
  rm -f "$output"/*.dbg "$output"/*.pdb
  touch "$stamp"
}

# Fails, saying what is missing, where the native build cannot work.
native_tools_missing() { missing_packages "${NATIVE_PACKAGES[@]}" | paste -sd' ' -; }
