"""How much each feature counts: ``ALONE`` was fitted on the half of the tasks that nothing is reported of, the rest of
``TOGETHER`` was set by hand."""

ALONE: dict[str, float] = {
    "code.body": 0.23,
    "f.module": 0.73,
    "f.named": 0.66,
    "f.path": 0.39,
    "f.phrase": 0.74,
    "k.class": -0.71,
    "k.dunder": 0.13,
    "k.function": 0.52,
    "k.method": 0.46,
    "k.size": 0.26,
    "k.variable": -0.22,
    "n.call": 0.17,
    "n.code": 0.88,
    "n.dotted": 0.44,
    "n.frame": 0.72,
    "n.import": 1.9,
    "n.line": 2.5,
    "n.owner": 1.09,
    "n.phrase": 0.51,
    "n.prose": 0.18,
    "output.body": 1.08,
    "output.name": 0.65,
    "output.path": 0.91,
    "prose.body": 2.28,
    "prose.file": 0.24,
    "prose.name": 1.02,
    "prose.path": 1.31,
    "title.body": 2.06,
    "title.doc": 0.35,
    "title.file": 2.23,
    "title.name": 2.04,
    "title.path": 0.11,
}
"""What says something of a symbol by itself; fitted."""

TOGETHER: dict[str, float] = ALONE | {
    "g.callee": 1.0,
    "g.caller": 0.3,
    "g.base": 1.0,
    "g.import": 0.5,
    "g.test": 0.5,
    "k.size": -0.1,  # of two that are as likely, the shorter leaves more room
}
"""The same with what the likeliest symbols say of others, and a penalty of length: set by hand, not fitted."""
