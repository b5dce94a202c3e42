# The redaction worker. It opens no port and needs no way out but the queue and the object store.
#   docker build -f deploy/images/redaction-worker.Dockerfile -t mangping/redaction-worker:0.1.0 .
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY deploy/images/build.lock build.lock
COPY services/redaction-worker/requirements.lock requirements.lock
RUN python -m venv /opt/mangping \
 && pip install --require-hashes --no-deps --only-binary :all: -r build.lock \
 && /opt/mangping/bin/pip install --require-hashes --no-deps --only-binary :all: -r requirements.lock
COPY deploy/stubs deploy/stubs
COPY shared shared
COPY services/redaction-worker services/redaction-worker
RUN pip wheel --no-deps --no-build-isolation -w wheels \
      ./deploy/stubs/opencv-contrib-python ./shared ./services/redaction-worker \
 && /opt/mangping/bin/pip install --no-deps wheels/*.whl \
 && /opt/mangping/bin/python -m compileall -q /opt/mangping/lib \
 && /opt/mangping/bin/pip uninstall --yes pip

FROM python:3.11-slim-bookworm
# No runtime may report home, and one thread each: processes are the unit of scaling. Memory in large pages where the
# system gives them on request: half the faults, a fiftieth of a page's time.
ENV PATH=/opt/mangping/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 \
    ORT_DISABLE_TELEMETRY=1 OMP_NUM_THREADS=1 GLIBC_TUNABLES=glibc.malloc.hugetlb=1 HOME=/tmp
RUN install -d -o 10001 -g 10001 -m 0700 /objects
COPY --from=build /opt/mangping /opt/mangping
COPY deploy/images/alive.py /opt/mangping/alive.py
USER 10001:10001
WORKDIR /tmp
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["python", "/opt/mangping/alive.py"]
CMD ["python", "-m", "mangping_redaction.worker"]
