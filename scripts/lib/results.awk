# Reads test result files (trx) and prints one line per thing worth telling, fields separated by tabs:
#   count  TOTAL  PASSED  FAILED          once per file
#   fail   NAME   MESSAGE                 lines of the message separated by \001
#   skip   NAME   REASON
#   slow   SECONDS  NAME                  tests that took 10 s or more
function text(s) {
  gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&#xD;/, "", s); gsub(/&#xA;/, " ", s); gsub(/&amp;/, "\\&", s)
  gsub(/\t/, "  ", s); gsub(/\r/, "", s)
  return s
}
function attribute(line, name,   start, rest) {
  start = index(line, " " name "=\"")
  if (!start) return ""
  rest = substr(line, start + length(name) + 3)
  return substr(rest, 1, index(rest, "\"") - 1)
}
function finish() {
  if (outcome == "Failed" || outcome == "Error" || outcome == "Timeout" || outcome == "Aborted") printf "fail\t%s\t%s\n", test, message
  else if (outcome == "NotExecuted") printf "skip\t%s\t%s\n", test, message == "" ? "no reason given" : message
  outcome = ""
}
/<UnitTestResult / {
  test = text(attribute($0, "testName")); outcome = attribute($0, "outcome"); message = ""; inside = 0; tail = ""
  split(attribute($0, "duration"), clock, ":")
  seconds = clock[1] * 3600 + clock[2] * 60 + clock[3]
  if (seconds >= 10) printf "slow\t%d\t%s\n", seconds, test
  if ($0 ~ /\/>[[:space:]]*$/) finish()
  next
}
outcome != "" && /<Message>/ { inside = 1; sub(/^.*<Message>/, "") }
# Where a test failed is the first line of its stack that names a file.
outcome != "" && message != "" && tail == "" && / in .*:line [0-9]+/ && /^[[:space:]]*(<StackTrace>)?[[:space:]]*at / {
  tail = $0; sub(/^.* in /, "", tail); sub(/<.*$/, "", tail)
  if (outcome == "Failed") message = message "\001" "at " text(tail)
}
inside {
  line = $0
  if (line ~ /<\/Message>/) { sub(/<\/Message>.*$/, "", line); inside = 0 }
  message = message (message == "" ? "" : "\001") text(line)
}
/<\/UnitTestResult>/ { finish() }
/<Counters / { printf "count\t%d\t%d\t%d\n", attribute($0, "total"), attribute($0, "passed"), attribute($0, "failed") + attribute($0, "error") + attribute($0, "timeout") + attribute($0, "aborted") }
