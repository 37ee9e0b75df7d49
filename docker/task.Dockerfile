# One task's tree, set up and committed. The archive says whose the files are: a chown here would store each of them twice.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}

ADD testbed.tar /testbed/
COPY set_up/ /tmp/set_up/
WORKDIR /testbed
RUN bash /tmp/set_up/set_up.sh /tmp/set_up && rm -r /tmp/set_up

USER runoff
