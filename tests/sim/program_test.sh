#!/usr/bin/env bash
# tixian-mock as a script sees it: keys, ready line and file, TLS and proxy with curl, clean stop, exit codes, and how
# fast it starts once its keys are there.
set -euo pipefail
mock=$(realpath "$1")
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

fail() { echo "FAILED: $*" >&2; exit 1; }
status_of() { local status=0; "$@" >out 2>err || status=$?; echo "$status"; }

[ "$(status_of "$mock" --help)" = 0 ] || fail "--help"
grep -q -- '--proxy-port' out || fail "--help names no proxy"
[ "$(status_of "$mock" --port 70000)" = 2 ] || fail "a port out of range"
[ "$(status_of "$mock" --switch unknown=true)" = 2 ] || fail "an unknown switch"
grep -q 'there is no switch unknown' err || fail "the message names the switch"
[ "$(status_of "$mock" --keys keys --init-keys --tls)" = 0 ] || fail "--init-keys"
[ "$(stat -c %a keys/tls_key.pem)" = 600 ] || fail "the TLS key is not secret"

"$mock" --keys keys --port 0 --tls --proxy-port 0 --ready-file ready >log 2>&1 &
pid=$!
for _ in $(seq 100); do [ -s ready ] && break; sleep 0.1; done
{ read -r port; read -r tls; read -r proxy; } <ready
grep -q "ready on http://127.0.0.1:$port, https://127.0.0.1:$tls, proxy on port $proxy" log || fail "the ready line"
[ "$(status_of "$mock" --keys keys --port "$port")" = 1 ] || fail "a port that is taken"

ok='{"status":"ok"}'
get() { curl --silent --show-error --noproxy '' --max-time 10 "$@"; }
[ "$(get "http://127.0.0.1:$port/_mock/healthz")" = "$ok" ] || fail "plain"
[ "$(get --cacert keys/tls_ca.pem "https://localhost:$tls/_mock/healthz")" = "$ok" ] || fail "TLS"
for host in api.mch.weixin.qq.com api2.mch.weixin.qq.com api2.wechatpay.cn; do
    [ "$(get --cacert keys/tls_ca.pem --proxy "http://127.0.0.1:$proxy" "https://$host/_mock/healthz")" = "$ok" ] ||
        fail "$host through the proxy"
done
get --proxy "http://127.0.0.1:$proxy" https://example.org/ >/dev/null 2>&1 && fail "the proxy connects elsewhere"

# The trust store as Java reads it, where there is one; else as OpenSSL does.
if command -v keytool >/dev/null; then
    keytool -list -keystore keys/tls_ca.p12 -storepass changeit >out 2>&1 || { cat out; fail "keytool"; }
    grep -q trustedCertEntry out || { cat out; fail "Java does not trust what is in tls_ca.p12"; }
else
    openssl pkcs12 -in keys/tls_ca.p12 -passin pass:changeit -nokeys >out || fail "tls_ca.p12"
    grep -q 'BEGIN CERTIFICATE' out || fail "tls_ca.p12 is empty"
fi

kill -TERM "$pid"
status=0; wait "$pid" || status=$?
pid=
[ "$status" = 0 ] || fail "stopped with $status"
echo "all as expected"
