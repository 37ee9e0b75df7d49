# What every task needs below its Python: git, a compiler for what has no wheel, a locale, a user.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}

# Certificate authorities (*.crt) of a network that has its own; usually none.
COPY ca/ /usr/local/share/ca-certificates/

# The libraries are those that CPython's own modules are linked to. libffi and OpenSSL come with git and ca-certificates,
# under names that differ from one Debian to the next.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates g++ gcc git libbz2-1.0 libc6-dev liblzma5 libncursesw6 libreadline8 libsqlite3-0 locales make \
        patch zlib1g \
 && update-ca-certificates \
 && echo 'en_US.UTF-8 UTF-8' > /etc/locale.gen && locale-gen \
 && apt-get clean && rm -rf /var/lib/apt/lists/*

# Repositories belong to the user below and are also worked on by root, who sets them up.
RUN groupadd --gid 1000 runoff \
 && useradd --uid 1000 --gid 1000 --create-home --shell /bin/bash runoff \
 && install -d -o runoff -g runoff /testbed \
 && git config --system safe.directory '*' \
 && git config --system user.name Runoff \
 && git config --system user.email runoff@localhost

# OPENBLAS_*: old numpy wheels misjudge new processors; these fit every x86-64 with AVX2, and nothing else reads them.
# PIP_CERT: pip's own list of authorities does not have what was added above.
ENV LANG=C.UTF-8 \
    OPENBLAS_CORETYPE=Haswell \
    OPENBLAS_L2_SIZE=512 \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_PROGRESS_BAR=off \
    PIP_ROOT_USER_ACTION=ignore
