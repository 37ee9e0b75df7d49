# A CPython in /usr/local, from an image that has one there: python:X.Y-slim, or what bootstrap.sh makes.
ARG BASE_IMAGE
ARG PYTHON_IMAGE
FROM ${PYTHON_IMAGE} AS python

FROM ${BASE_IMAGE}
COPY --from=python /usr/local/ /usr/local/

ARG PIP
ARG SETUPTOOLS
ARG WHEEL
# The pip that comes with CPython 3.6 breaks on PIP_NO_CACHE_DIR=1.
RUN ldconfig \
 && python -c 'import bz2, ctypes, lzma, readline, sqlite3, ssl, zlib' \
 && { python -m pip --version || python -m ensurepip; } \
 && env -u PIP_NO_CACHE_DIR python -m pip install --no-cache-dir \
        "pip==${PIP}" "setuptools==${SETUPTOOLS}" "wheel==${WHEEL}"

# For the environments in which pip builds packages: it would take the newest setuptools, which old packages break on.
# No virtual environment: tox --current-env and others lose one.
COPY constraints.txt /opt/constraints.txt
ENV PIP_CONSTRAINT=/opt/constraints.txt
