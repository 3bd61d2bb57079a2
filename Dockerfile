# syntax=docker/dockerfile:1
ARG NODE=node:24-slim

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The base image is a Node that runs TypeScript: the packaged one would only weigh. The mark tells bin/munadi.mjs to take
# the packages as they are.
RUN npm ci --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* \
  && touch node_modules/.munadi-image

FROM ${NODE}
# npm writes its log there, so that the rest of the file system may be read-only.
ENV NODE_ENV=production \
    NPM_CONFIG_CACHE=/tmp/.npm \
    NPM_CONFIG_UPDATE_NOTIFIER=false
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json package-lock.json LICENSE ./
COPY bin ./bin
COPY scripts/setup.mjs ./scripts/setup.mjs
COPY scripts/setup ./scripts/setup
COPY config ./config
COPY examples ./examples
COPY src ./src
COPY workers ./workers
# The one folder that is written to; volumes mounted over it keep its owner. 1000 is "node".
RUN mkdir data && chown 1000:1000 data
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
# For processes that serve HTTP. A worker shows in the API's /ready instead.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/munadi.mjs"]
CMD ["start"]
