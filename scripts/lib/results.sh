# shellcheck shell=bash
# Running test projects and telling what came out. Sourced after common.sh.

RESULTS="$ROOT/TestResults"
PASSED=0 FAILED=0 SKIPPED=0
SKIPS="$RESULTS/skipped.txt" FAILURES="$RESULTS/failed.txt" SLOW="$RESULTS/slow.txt"

begin_results() {
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS" "$LOGS"
  : >"$SKIPS"; : >"$FAILURES"; : >"$SLOW"
}

# run_tests PROJECT FILTER: runs one test project that is already built, and adds up what came out.
# A single test that hangs is ended after 5 minutes and named; a project after 20.
run_tests() {
  local project=$1 filter=$2 name log folder status=0 began=$SECONDS total=0 passed=0 failed=0 found
  name="$(basename "$project" .csproj)"
  log="$LOGS/$name.log" folder="$RESULTS/$name"
  local arguments=(test "$project" -c Release --no-build -nologo -v:quiet -tl:off --logger "trx;LogFileName=$name.trx" --results-directory "$folder"
    --blame-hang --blame-hang-timeout 5min --blame-hang-dump-type none)
  if [[ -n $filter ]]; then arguments+=(--filter "$filter"); fi
  start_heartbeat "$name"
  timeout --foreground -k 20 1200 dotnet "${arguments[@]}" >"$log" 2>&1 </dev/null || status=$?
  stop_heartbeat
  found="$folder/$name.trx"
  if [[ -s $found ]]; then
    local summary="$folder/summary.txt"
    awk -f "$ROOT/scripts/lib/results.awk" "$found" >"$summary"
    read -r total passed failed < <(awk -F'\t' '$1 == "count" { print $2, $3, $4 }' "$summary") || true
    awk -F'\t' '$1 == "skip" { print $3 "\t" $2 }' "$summary" >>"$SKIPS"
    awk -F'\t' '$1 == "fail" { print $2 "\t" $3 }' "$summary" >>"$FAILURES"
    awk -F'\t' '$1 == "slow" { print $2 "\t" $3 }' "$summary" >>"$SLOW"
  fi
  local skipped=$((total - passed - failed))
  if (( status != 0 && failed == 0 )); then
    failed=1
    local reason="the run ended with exit code $status before all tests were done; ${log#"$ROOT/"} has what it printed"
    if (( status == 124 || status == 137 )); then reason="ended after 20 minutes; ${log#"$ROOT/"} has what it printed"; fi
    local running
    running="$(sed -n 's/.*Name="\([^"]*\)".*Completed="False".*/\1/p' "$folder"/*/Sequence*.xml 2>/dev/null | paste -sd' ' - || true)"
    if [[ -z $running ]]; then running="$(grep -A3 'running when the crash occurred' "$log" | tail -n +2 | paste -sd' ' - || true)"; fi
    printf '%s\t%s\n' "$name" "$reason${running:+$'\001'running at that moment: $running}" >>"$FAILURES"
  fi
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
  local line="$passed passed"
  if (( failed )); then line+=", $failed FAILED"; fi
  if (( skipped )); then line+=", $skipped skipped"; fi
  if (( total == 0 && failed == 0 )); then line="no tests"; fi
  printf '  %-28s %s (%d s)\n' "$name" "$line" $((SECONDS - began))
}

# A check that is not a test of a test project: record NAME passed|failed|skipped [REASON]
record() {
  case $2 in
    passed) PASSED=$((PASSED + 1)) ;;
    failed) FAILED=$((FAILED + 1)); printf '%s\t%s\n' "$1" "${3:-}" >>"$FAILURES" ;;
    skipped) SKIPPED=$((SKIPPED + 1)); printf '%s\t%s\n' "${3:-}" "$1" >>"$SKIPS" ;;
  esac
}

# What was skipped and why, what failed and why, and the closing line. Returns 1 on any failure or when nothing ran.
end_results() {
  if [[ -s $SLOW ]]; then
    say ""; say "Longest tests:"
    sort -rn "$SLOW" | head -n 5 | awk -F'\t' '{ printf "  %4d s  %s\n", $1, $2 }'
  fi
  if [[ -s $SKIPS ]]; then
    say ""; say "SKIPPED, by reason:"
    sort "$SKIPS" | awk -F'\t' '
      function tell() {
        if (count) printf "  %d x %s%s%s\n", count, title, names, (count > 4 ? "\n      and " (count - 4) " more" : "")
        count = 0; names = ""
      }
      $1 != reason { tell(); reason = title = $1; gsub(/\001/, " ", title) }
      ++count <= 4 { names = names "\n      " $2 }
      END { tell() }'
  fi
  if [[ -s $FAILURES ]]; then
    say ""; say "FAILED:"
    awk -F'\t' '{ gsub(/\001/, "\n      ", $2); print "  " $1 "\n      " $2 }' "$FAILURES"
  fi
  say ""
  say "Results: TestResults, output of each project: artifacts/logs ($(elapsed))"
  say "$PASSED passed, $FAILED failed, $SKIPPED skipped"
  (( FAILED == 0 && PASSED > 0 ))
}
