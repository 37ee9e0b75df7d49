# The pinned packages that many tasks share, what they need of Debian, and the servers that their tests talk to.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}

ARG SYSTEM_PACKAGES=""
RUN if [ -n "${SYSTEM_PACKAGES}" ]; then \
        apt-get update \
     && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${SYSTEM_PACKAGES} \
     && apt-get clean && rm -rf /var/lib/apt/lists/*; \
    fi

COPY environment/ /tmp/environment/
ARG PIP_OPTIONS=""
RUN python -m pip install ${PIP_OPTIONS} -r /tmp/environment/pins.txt \
 && for list in /tmp/environment/services/*.txt; do \
        if [ -e "${list}" ]; then \
            home="/opt/services/$(basename "${list}" .txt)" \
         && python -m venv "${home}" \
         && "${home}/bin/python" -m pip install -r "${list}" || exit 1; \
        fi; \
    done \
 && rm -r /tmp/environment
