# shellcheck shell=bash
# What every script shares: strict mode, where the checkout is, and progress a person can follow.
# Sourced, never run.
set -Eeuo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
LOGS="$ROOT/artifacts/logs"
SCRIPT="scripts/${0##*/}"
cd "$ROOT"

# The command line tools of .NET: no banner, no telemetry, and no need for the ICU libraries.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_GENERATE_ASPNET_CERTIFICATE=false DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

say()  { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }

# Ends with the reason: the first argument what is wrong, the others lines that help.
die() {
  warn ""
  warn "$SCRIPT cannot go on: $1"
  shift
  local line
  for line in "$@"; do warn "  $line"; done
  exit 2
}

HEARTBEAT=
# Runs before the script ends, however it ends. A script with more to clean up calls this from its own trap.
stop_heartbeat() {
  if [[ -n $HEARTBEAT ]]; then kill "$HEARTBEAT" 2>/dev/null || true; wait "$HEARTBEAT" 2>/dev/null || true; HEARTBEAT=; fi
}
trap stop_heartbeat EXIT

# A line every 20 s while something long runs, so that silence always means that something is wrong.
# The loop looks for its parent, so that it ends even when the script is killed.
start_heartbeat() { # WHAT
  local what=$1 parent=$$
  ( began=$SECONDS
    next=20
    while sleep 1 >/dev/null 2>&1 && kill -0 "$parent" 2>/dev/null; do
      if (( SECONDS - began >= next )); then
        printf '      ... %s, %d s\n' "$what" "$((SECONDS - began))"
        next=$((next + 20))
      fi
    done ) &
  HEARTBEAT=$!
}

# step TITLE LOG COMMAND...: one line when it starts, one when it is done; what the command prints goes to
# artifacts/logs/LOG.log, and when it fails, the lines of it that say why. Returns the command's exit code.
step() {
  local title=$1 log="$LOGS/$2.log" began=$SECONDS status=0
  shift 2
  mkdir -p "$LOGS"
  say "  - $title"
  start_heartbeat "still at it"
  "$@" >"$log" 2>&1 </dev/null || status=$?
  stop_heartbeat
  if (( status != 0 )); then
    warn "    failed after $((SECONDS - began)) s (exit code $status); the whole output is in ${log#"$ROOT/"}"
    why "$log" >&2
  elif (( SECONDS - began >= 3 )); then
    say "      done in $((SECONDS - began)) s"
  fi
  return "$status"
}

# The errors in a log, each once; where it has none, its last lines.
why() {
  local errors
  errors="$(grep -E '(^|[ :])error( [A-Za-z]+[0-9]+)? ?:|^E: ' "$1" | sed -e 's/^ *//' -e "s|$ROOT/||g" -e 's/ \[[^]]*proj[^]]*\]$//' | awk '!seen[$0]++' | head -n 25 || true)"
  if [[ -n $errors ]]; then printf '%s\n' "$errors"; else tail -n 25 "$1"; fi | sed 's/^/    | /'
}

# The help of a script is the block of comments at its top.
usage() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; }

# The number of seconds since the script started, for people.
elapsed() { local s=$SECONDS; (( s < 60 )) && printf '%d s' "$s" || printf '%d min %d s' $((s / 60)) $((s % 60)); }
