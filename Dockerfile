# The gate as a container: docker build -t portcullis . && docker run -p 8321:8321 -v portcullis:/data portcullis
FROM node:26-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY tools tools
COPY src src
RUN npm ci && npm run build && npm prune --omit=dev

FROM node:26-bookworm-slim
ENV NODE_ENV=production PORTCULLIS_DATA=/data PORTCULLIS_HOST=0.0.0.0
WORKDIR /opt/portcullis
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/bin bin
COPY --from=build /build/tools tools
COPY --from=build /build/dist dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8321
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch('http://127.0.0.1:8321/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/portcullis.mjs"]
CMD ["serve"]
