# The fees service, its worker and its migrations. Build from the root of the repository:
#   docker build -f deploy/images/fees.Dockerfile -t mangping/fees:0.1.0 .
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY deploy/images/build.lock build.lock
COPY services/fees/requirements.lock requirements.lock
RUN python -m venv /opt/mangping \
 && pip install --require-hashes --no-deps --only-binary :all: -r build.lock \
 && /opt/mangping/bin/pip install --require-hashes --no-deps --only-binary :all: -r requirements.lock
COPY shared shared
COPY services/fees services/fees
RUN pip wheel --no-deps --no-build-isolation -w wheels ./shared ./services/fees \
 && /opt/mangping/bin/pip install --no-deps wheels/*.whl \
 && /opt/mangping/bin/python -m compileall -q /opt/mangping/lib \
 && /opt/mangping/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm
ENV PATH=/opt/mangping/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 MANGPING_FEES_BIND=0.0.0.0:8100
# The object folder of the single-machine setup belongs to the service's user, so that a fresh volume does too.
RUN install -d -o 10001 -g 10001 -m 0700 /objects
COPY --from=build /opt/mangping /opt/mangping
COPY deploy/images/alive.py /opt/mangping/alive.py
USER 10001:10001
WORKDIR /tmp
EXPOSE 8100
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8100/readyz', timeout=2)"]
CMD ["python", "-m", "mangping_fees"]
