# Somebody's checkout over what its own Dockerfile, or its metadata, asks for. Nothing here assumes more than bash and git.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}

USER 0
COPY set_up/ /tmp/set_up/
RUN ["/bin/bash", "/tmp/set_up/take_over.sh", "/tmp/set_up"]
ADD testbed.tar /testbed/
WORKDIR /testbed
RUN ["/bin/bash", "-c", "bash /tmp/set_up/set_up.sh /tmp/set_up && rm -r /tmp/set_up"]

USER 1000:1000
ENTRYPOINT []
CMD []
HEALTHCHECK NONE
