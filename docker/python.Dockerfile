# A CPython in /usr/local, from an image that has one there: python:X.Y-slim, or what bootstrap.sh makes.
ARG BASE_IMAGE
ARG PYTHON_IMAGE
FROM ${PYTHON_IMAGE} AS python

FROM ${BASE_IMAGE}
COPY --from=python /usr/local/ /usr/local/

ARG PIP
ARG SETUPTOOLS
RUN ldconfig \
 && python -c 'import bz2, ctypes, lzma, readline, sqlite3, ssl, zlib' \
 && { python -m pip --version || python -m ensurepip; } \
 && python -m pip install "pip==${PIP}" "setuptools==${SETUPTOOLS}"

# For the environments in which pip builds packages: it would take the newest setuptools, which old packages break on.
# No virtual environment: tox --current-env and others lose one.
COPY constraints.txt /opt/constraints.txt
ENV PIP_CONSTRAINT=/opt/constraints.txt
