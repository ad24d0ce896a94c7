#!/bin/sh
# nats-server from its image, for machines with Docker and no such program. It takes nats-server's arguments;
# each absolute path among them is visible inside under the same name, so keep config and store in one folder.
set -eu
mounts=
for arg in "$@"; do
  case $arg in
    /*)
      if [ -d "$arg" ]; then folder=$arg; else folder=$(dirname "$arg"); fi
      case $folder in *[[:space:]:]*) echo "nats-server in Docker: no spaces or colons in '$folder'" >&2; exit 64 ;; esac
      mounts="$mounts -v $folder:$folder"
      ;;
  esac
done
# shellcheck disable=SC2086 # the mounts are words by construction
exec docker run --rm --init --network host --user "$(id -u):$(id -g)" $mounts \
  --entrypoint nats-server nats:2.14-alpine "$@"
