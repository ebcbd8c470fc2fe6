ARG BASE_IMAGE=python:3.11.14-slim-bookworm
FROM ${BASE_IMAGE}

ENV AIRFLOW_HOME=/opt/airflow \
    PATH=/opt/ketaclaims/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    DO_NOT_TRACK=1 \
    SCARF_NO_ANALYTICS=1 \
    GX_ANALYTICS_ENABLED=False \
    DBT_SEND_ANONYMOUS_USAGE_STATS=False

WORKDIR /opt/ketaclaims
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY include/ketaclaims/__init__.py include/ketaclaims/__init__.py
RUN python3 -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock \
    && .venv/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation -e .
COPY include include
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations

RUN useradd --create-home --uid 50000 airflow \
    && mkdir -p /opt/airflow /data \
    && chown -R airflow:0 /opt/airflow /data \
    && chmod -R g+rwX /opt/airflow /data
USER airflow
CMD ["airflow", "version"]
