# shellcheck shell=bash
# Debian packages that tests and the native build need. Sourced after common.sh.

# What each package is for, and a check that costs nothing. One line each: package|test command|what needs it.
TEST_PACKAGES=(
  "mosquitto-clients|command -v mosquitto_pub|tests with mosquitto_pub and mosquitto_sub"
  "mosquitto|command -v mosquitto || [ -x /usr/sbin/mosquitto ]|comparison with another broker"
  "kcat|command -v kcat|tests with kcat"
  "python3-kafka|/usr/bin/python3 -c 'import kafka'|tests with python3-kafka"
  "nodejs|command -v node|tests with KafkaJS and @platformatic/kafka"
  "npm|command -v npm|tests with KafkaJS and @platformatic/kafka"
  "strace|command -v strace|tests that make the kernel refuse a sync"
)
NATIVE_PACKAGES=(
  "clang|command -v clang|the native build"
  "zlib1g-dev|[ -e /usr/include/zlib.h ]|the native build"
)
# Only where a folder with the load generator or with Kafka was named.
LOAD_PACKAGES=("gcc|command -v gcc|building the MQTT load generator" "make|command -v make|building the MQTT load generator" "libc6-dev|[ -e /usr/include/stdio.h ]|building the MQTT load generator")
# Only where the SDK has to be downloaded.
DOWNLOAD_PACKAGES=("curl|command -v curl || command -v wget|downloading the .NET SDK" "ca-certificates|[ -e /etc/ssl/certs/ca-certificates.crt ]|downloading the .NET SDK")
KAFKA_PACKAGES=("default-jre-headless|command -v java|tests against a real Kafka (KAFKA_HOME)")

# ensure_javascript: the npm packages that tests/Edge.Conformance.Tests/js pins, where npm is there and may reach a registry; else those tests skip.
ensure_javascript() {
  local folder=$ROOT/tests/Edge.Conformance.Tests/js
  [[ -d $folder/node_modules/kafkajs || ${NO_INSTALL:-} == 1 ]] && return 0
  command -v npm >/dev/null || return 0
  step "installing JavaScript clients (package-lock.json)" npm-ci timeout 180 npm ci --prefix "$folder" --no-audit --no-fund --ignore-scripts ||
    say "  - npm could not install them: tests with KafkaJS and @platformatic/kafka are skipped."
}

# missing_packages ENTRY...: prints the packages that are not there.
missing_packages() {
  local entry package check
  for entry in "$@"; do
    package=${entry%%|*}
    check=${entry#*|}
    check=${check%|*}
    bash -c "$check" >/dev/null 2>&1 || printf '%s\n' "$package"
  done
}

# The command to become root with: empty as root, sudo where it asks for no password; fails where neither works.
root_prefix() {
  if (( EUID == 0 )); then printf ''; return; fi
  command -v sudo >/dev/null && sudo -n true 2>/dev/null && printf 'sudo'
}

# ensure_packages ENTRY...: installs what is missing when it may. Where it may not, it says the one line to type and
# goes on: the tests that need the package skip, and say so.
ensure_packages() {
  local missing prefix
  missing="$(missing_packages "$@" | paste -sd' ' -)"
  [[ -z $missing ]] && return
  local line="sudo apt-get install -y --no-install-recommends $missing"
  if [[ ${NO_INSTALL:-} == 1 ]]; then
    say "  - missing: $missing (NO_INSTALL=1). What needs them is skipped. To have it, type: $line"
  elif ! command -v apt-get >/dev/null; then
    say "  - missing: $missing, and there is no apt-get here. What needs them is skipped."
  elif ! prefix="$(root_prefix)"; then
    say "  - missing: $missing, and installing needs rights. What needs them is skipped. To have it, type: $line"
  else
    # shellcheck disable=SC2086 # the list is a list
    step "installing Debian packages: $missing" apt install_packages "$prefix" $missing ||
      say "    What needs them is skipped. To try again, type: $line"
  fi
}

POLICY=/usr/sbin/policy-rc.d POLICY_IS_OURS=0
remove_policy() { if (( POLICY_IS_OURS )); then $1 rm -f "$POLICY"; POLICY_IS_OURS=0; fi; }

install_packages() { # PREFIX PACKAGE...
  local prefix=$1 status=0
  shift
  # The broker of the mosquitto package would take port 1883 from the appliance: a package installed here starts no service.
  if [[ ! -e $POLICY ]]; then
    # shellcheck disable=SC2064 # the prefix of now
    trap "stop_heartbeat; remove_policy '$prefix'" EXIT
    POLICY_IS_OURS=1
    printf '#!/bin/sh\nexit 101\n' | $prefix tee "$POLICY" >/dev/null && $prefix chmod 755 "$POLICY"
  fi
  # shellcheck disable=SC2206 # no prefix is no word
  local apt=($prefix env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2)
  "${apt[@]}" update || true # an old list may still do
  if ! "${apt[@]}" install -y --no-install-recommends "$@"; then
    # One name that this release does not have must not keep the others away.
    local package
    for package in "$@"; do "${apt[@]}" install -y --no-install-recommends "$package" || status=$?; done
  fi
  remove_policy "$prefix"
  if [[ " $* " == *" mosquitto "* ]] && command -v systemctl >/dev/null && [[ -d /run/systemd/system ]]; then
    $prefix systemctl disable mosquitto.service || true # nor at the next boot
  fi
  return "$status"
}
