# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/hotline
COPY requirements.lock ./
RUN /opt/hotline/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY language/ language/
COPY topics/ topics/
COPY storage/ storage/
COPY crawler/ crawler/
COPY digest/ digest/
COPY scheduler/ scheduler/
COPY hotline/ hotline/
RUN /opt/hotline/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin hotline \
    && install -d -o hotline -g hotline /data /config
COPY --from=build /opt/hotline /opt/hotline
ENV PATH=/opt/hotline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOTLINE_CONFIG=/config/hotline.yaml \
    HOTLINE_STORAGE__URL=sqlite:////data/hotline.db
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/config"]
# Docker sends SIGTERM; the service ends within 25 seconds and loses nothing.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=20s --start-period=1m --retries=3 CMD ["hotline", "status", "--running"]
ENTRYPOINT ["hotline"]
CMD ["run"]
