# TuneTrace in one image, for amd64 and arm64: an ordinary user, static files collected at build time.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 HOST=0.0.0.0 STATE_DIR=/data/state \
    SQLITE_DATABASE_URL=sqlite:////data/app.db
WORKDIR /app
COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock
COPY . .
# Loading the settings makes STATE_DIR: what this step leaves there belongs to root and goes again.
RUN SECRET_KEY=only-for-this-build-step DEBUG=false STATE_DIR=.build \
    python manage.py collectstatic --noinput && rm -r .build \
    && useradd --uid 10001 --create-home tunetrace && mkdir /data && chown tunetrace /data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')"]
CMD ["python", "manage.py", "serve"]
