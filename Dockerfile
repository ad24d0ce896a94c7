# syntax=docker/dockerfile:1.7
# One image for everything: the last stages differ only in what they start, so they share all their layers.
#   docker build --target policy --tag countersign-policy:0.1.0 .
# Targets: intake, policy, notification, credentials, audit, cli, and setup (keys and certificates for compose).
# The base is pinned by tag. Pin it by digest too where you build for production:
#   docker build --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:… …
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS builder
WORKDIR /src
COPY . .
# Install scripts stay off: nothing that is built here needs one, and none can then run on the builder.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund && npm run build
# Compiled code of the services and the command line, and the packages they need in production.
RUN --mount=type=cache,target=/root/.npm node scripts/image-tree.mjs /out

FROM ${NODE_IMAGE} AS runtime
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Countersign" \
      org.opencontainers.image.description="Action-level approval: agents and jobs ask, a verified person decides, exactly the reviewed action runs, once." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# What installs packages is no part of what serves.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg \
  && install -d -m 0700 -o 10001 -g 10001 /var/lib/countersign
WORKDIR /opt/countersign
COPY --from=builder /out ./
ENV NODE_ENV=production \
    COUNTERSIGN_MODE=production \
    COUNTERSIGN_HOST=0.0.0.0 \
    COUNTERSIGN_PORT=7420 \
    COUNTERSIGN_DATA=/var/lib/countersign/data
# A number, so that Kubernetes can tell that it isn't root. Everything but this folder and /tmp may be read-only.
USER 10001:10001
VOLUME /var/lib/countersign
EXPOSE 7420
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7420/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS intake
CMD ["node", "apps/intake/dist/main.js"]

FROM runtime AS policy
CMD ["node", "apps/policy/dist/main.js"]

FROM runtime AS notification
CMD ["node", "apps/notification/dist/main.js"]

FROM runtime AS credentials
CMD ["node", "apps/credentials/dist/main.js"]

FROM runtime AS audit
CMD ["node", "apps/audit/dist/main.js"]

FROM runtime AS cli
HEALTHCHECK NONE
ENTRYPOINT ["node", "apps/cli/bin/countersign.mjs"]

FROM runtime AS setup
USER 0:0
RUN apt-get update && apt-get install -y --no-install-recommends openssl && rm -rf /var/lib/apt/lists/*
COPY scripts/nats-access.mjs scripts/
COPY deploy/compose/setup deploy/compose/setup
COPY deploy/nats deploy/nats
COPY deploy/samples deploy/samples
HEALTHCHECK NONE
CMD ["node", "deploy/compose/setup/main.mjs", "/setup", "10001"]
