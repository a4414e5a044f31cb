#!/usr/bin/env bash
# scripts/bench --kafka [--records N]
#
# The Kafka listener beside Apache Kafka (KAFKA_HOME), same machine, in turn, with Kafka's own load generators: acks=all, linger 5 ms, 100 B and 1 KiB
# records, 1 and 4 partitions; then consuming. Kafka runs with G1 and a 1 GB heap and its defaults, which do not sync; the appliance syncs every batch.
# Both are warmed up by one run that is not counted. Loopback only; nothing else should run meanwhile.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

records=1000000
while (( $# )); do
  case $1 in
    --records) records=${2:?--records needs a number}; shift ;;
    *) die "unknown argument '$1' of --kafka." "It takes --records N." ;;
  esac
  shift
done
[[ -x ${KAFKA_HOME:-}/bin/kafka-storage.sh ]] || die "KAFKA_HOME does not name a Kafka distribution, which is what is compared with."
command -v java >/dev/null || die "java is not installed." "sudo apt-get install -y default-jre-headless"
edge=$ROOT/artifacts/edge-aot/edge
[[ -x $edge ]] || edge=$ROOT/artifacts/edge/edge
[[ -x $edge ]] || die "there is no appliance to measure." "Type: scripts/build"
export KAFKA_JVM_PERFORMANCE_OPTS="-XX:+UseG1GC"

work=$(mktemp -d) server=''
stop_server() {
  if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=''; fi
}
trap 'stop_server; rm -rf "$work"' EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

start_edge() {
  bootstrap=127.0.0.1:$(free_port)
  "$edge" run --data "$work/edge" --set Mqtt:Port=0 --set Http:Port=0 --set "Kafka:Port=${bootstrap#*:}" --set Sensors:0:Driver=host --set Sensors:0:Interval=1d >"$work/edge.out" 2>"$work/edge.log" &
  server=$!
  for _ in {1..100}; do grep -q '"ready"' "$work/edge.out" && return; sleep 0.1; done
  die "the appliance is not ready; see its log:" "$(tail -n 3 "$work/edge.log")"
}

start_kafka() {
  local controller
  bootstrap=127.0.0.1:$(free_port) controller=127.0.0.1:$(free_port)
  printf '%s\n' process.roles=broker,controller node.id=1 "controller.quorum.voters=1@$controller" "listeners=PLAINTEXT://$bootstrap,CONTROLLER://$controller" \
    "advertised.listeners=PLAINTEXT://$bootstrap" controller.listener.names=CONTROLLER listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT \
    "log.dirs=$work/kafka" offsets.topic.replication.factor=1 transaction.state.log.replication.factor=1 transaction.state.log.min.isr=1 >"$work/server.properties"
  "$KAFKA_HOME/bin/kafka-storage.sh" format -t 4L6g3nShT-eMCtK--X86sw -c "$work/server.properties" >"$work/format.log" 2>&1 || die "Kafka's storage cannot be formatted." "$(tail -n 3 "$work/format.log")"
  KAFKA_HEAP_OPTS="-Xmx1g -Xms1g" "$KAFKA_HOME/bin/kafka-server-start.sh" "$work/server.properties" >"$work/kafka.log" 2>&1 &
  server=$!
  for _ in {1..60}; do "$KAFKA_HOME/bin/kafka-topics.sh" --bootstrap-server "$bootstrap" --list >/dev/null 2>&1 && return; sleep 1; done
  die "Kafka is not ready; see its log:" "$(tail -n 3 "$work/kafka.log")"
}

# tool NAME ARGUMENT...
tool() { "$KAFKA_HOME/bin/$1.sh" --bootstrap-server "$bootstrap" "${@:2}" 2>>"$work/tools.log"; }

# produce TOPIC BYTES COUNT: prints records/s and p99 in ms
produce() {
  tool kafka-producer-perf-test --topic "$1" --num-records "$3" --record-size "$2" --throughput -1 --producer-props acks=all linger.ms=5 2>/dev/null |
    awk '/99th/ { for (i = 1; i <= NF; i++) { if ($i == "records/sec") rate = $(i - 1); if ($i == "99th,") p99 = $(i - 2) } printf "%d %s", rate, p99 }'
}

# consume TOPIC COUNT: prints records/s
consume() { tool kafka-consumer-perf-test --topic "$1" --num-records "$2" --timeout 60000 | awk -F', *' 'NF >= 6 && $6 ~ /^[0-9.]+$/ { rate = $6 } END { printf "%d", rate }'; }

printf 'cores %s, load %s, records %s\n\n| server | partitions | record bytes | produced/s | p99 ms | consumed/s | RSS MiB |\n|---|--:|--:|--:|--:|--:|--:|\n' "$(nproc)" "$(cut -d' ' -f1 /proc/loadavg)" "$records"
for name in edge kafka; do
  "start_$name"
  tool kafka-topics --create --topic warm --partitions 1 >/dev/null
  produce warm 100 $(( records / 4 )) >/dev/null
  for partitions in 1 4; do
    for bytes in 100 1024; do
      topic=t$partitions-$bytes count=$records
      (( bytes == 100 )) || count=$(( records / 4 ))
      tool kafka-topics --create --topic "$topic" --partitions "$partitions" >/dev/null
      read -r rate p99 <<<"$(produce "$topic" "$bytes" "$count")"
      printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$name" "$partitions" "$bytes" "$rate" "$p99" "$(consume "$topic" "$count")" "$(awk '/VmRSS/ { printf "%d", $2 / 1024 }' "/proc/$server/status")"
    done
  done
  stop_server
done
