# One image for both processes: the web server (the default) and, as its command, `python manage.py worker`.
FROM python:3.13-slim AS packages
COPY deploy/requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.13-slim
# git carries the embedded repository, for portals without GitHub
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --uid 10001 portal \
 && install -d -o portal /data
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data HOST=0.0.0.0 PORT=8000
COPY --from=packages /venv /venv
WORKDIR /portal
COPY manage.py LICENSE ./
COPY infrallm_portal infrallm_portal
COPY provisioning provisioning
COPY static static
COPY terraform_templates terraform_templates
RUN python manage.py collectstatic --noinput
USER portal
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "web"]
