#!/bin/sh
# Asks Signet whether a digest may run in an environment now, and ends as it answers:
# 0 admitted · 1 not admitted · 2 called wrongly · 3 no answer (to be taken for a no).
#
#   SIGNET_URL=https://signet.example.com SIGNET_TOKEN=sgn_… \
#     sh signet-admission.sh sha256:2c7d… production-eu
#
# The signed answer goes to the output, so that it can be kept and checked (check_admission.py).
# SIGNET_TOKEN is a token of the scope "admit"; it is never among the arguments of a program.
set -eu

digest=${1:-} environment=${2:-}
if [ -z "$digest" ] || [ -z "$environment" ] || [ -z "${SIGNET_URL:-}" ] || [ -z "${SIGNET_TOKEN:-}" ]; then
  echo "Usage: SIGNET_URL=… SIGNET_TOKEN=… $0 DIGEST ENVIRONMENT" >&2
  exit 2
fi

if ! answer=$(
  printf 'header = "Authorization: Bearer %s"\n' "$SIGNET_TOKEN" |
    curl --config - --silent --show-error --fail-with-body --get --max-time 10 --retry 2 \
      --data-urlencode "digest=$digest" --data-urlencode "environment=$environment" \
      "${SIGNET_URL%/}/api/v1/admission"
); then
  echo "$answer" >&2
  echo "Signet did not answer." >&2
  exit 3
fi

printf '%s\n' "$answer"
# A quote inside a text is written \", so this stands there only as the field itself.
case $answer in
  *'"admitted":true'*) exit 0 ;;
  *'"admitted":false'*) exit 1 ;;
  *) exit 3 ;;
esac
