# One image for all services; the command chooses which.
FROM python:3.11-slim-bookworm

# The services run as this account, the same as mosquitto's in its own image, so that both read the broker's files.
RUN groupadd --gid 1883 mingchu && useradd --uid 1883 --gid mingchu --no-create-home --home-dir /data mingchu \
    && mkdir /data /broker && chown mingchu:mingchu /data /broker

WORKDIR /opt/mingchu
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . ./
RUN python -c "import sysconfig; print('/opt/mingchu', file=open(sysconfig.get_path('purelib') + '/mingchu.pth', 'w'))" \
    && printf '%s\n' '#!/usr/local/bin/python' 'from mingchu.cli import main' '' 'main()' > /usr/local/bin/mingchu \
    && chmod +x /usr/local/bin/mingchu

USER mingchu
ENV MINGCHU_DATA_DIR=/data PYTHONUNBUFFERED=1
VOLUME ["/data"]
EXPOSE 8600
ENTRYPOINT ["mingchu"]
CMD ["--help"]
