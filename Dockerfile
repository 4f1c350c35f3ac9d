# TuneTrace in one image: the web server as an ordinary user, static files collected at build time.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 HOST=0.0.0.0 STATE_DIR=/data/state \
    SQLITE_DATABASE_URL=sqlite:////data/app.db
WORKDIR /app
COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock
COPY . .
RUN SECRET_KEY=only-for-this-build-step DEBUG=false python manage.py collectstatic --noinput \
    && useradd --create-home tunetrace && mkdir /data && chown tunetrace /data
USER tunetrace
VOLUME /data
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')"]
CMD ["python", "manage.py", "serve"]
