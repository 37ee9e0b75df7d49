"""Runs the judging part of a script over plain values: the other text of what is started inside a sandbox.

It is compiled in the parent process (``driver``) alone, and only where there is something to judge; like that one it
imports nothing, not even ``ast``, whose import takes as long as a short test.
"""


class _Unsure(BaseException):
    """It cannot be judged from outside."""


class _Shown:
    """A value of another type than Python's plain ones: known by what it shows of itself."""

    def __init__(self, texts):
        self._texts = texts

    def __eq__(self, other):
        if repr(other) not in self._texts:
            raise _Unsure
        return True

    __hash__ = None

    def __repr__(self):
        return self._texts[0]

    def __str__(self):
        return self._texts[1]

    def __getattr__(self, name):
        raise _Unsure

    def _unsure(self, *_):
        raise _Unsure

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __call__ = __lt__ = __le__ = __gt__ = __ge__ = _unsure
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = __round__ = __float__ = __int__ = _unsure


def _read(tree):
    """Make values of what the child has sent: none has a class of the child's making."""
    kind, value, texts = tree
    if kind == "shown":
        return _Shown(texts)
    base = _BASES[kind] if kind else None
    if base is dict:
        value = {_read(key): _read(one) for key, one in value}
    elif kind in _MANY:
        value = base([_read(one) for one in value])
    if not texts:
        return value
    methods = {"__repr__": lambda _: texts[0], "__str__": lambda _: texts[1]}
    return type("value", (base,), methods)(value)


def judge(sent, tail, path):
    """Run the script's last part over plain values: E, F, or nothing where that cannot be."""
    seen = []

    def issue_present(*why):
        if why and not seen:
            print(*why)
        seen.append(why)
        raise _Unsure

    def unsure(*_):
        raise _Unsure

    def evaluate(text, *_):
        try:
            return _literal(text.strip())
        except (ValueError, SyntaxError):  # it takes the repository's own names
            raise _Unsure

    try:
        names = {name: _read(tree) for name, tree in _literal(sent.decode("ascii")).items()}
        names.update(__name__="__main__", issue_present=issue_present, eval=evaluate, exec=unsure, open=unsure)
        exec(compile(tail, path, "exec", dont_inherit=True), names)
    except BaseException:  # whatever it is, the child judges then, as it does any script that cannot be judged apart
        return b"F" if seen else b""
    return b"F" if seen else b"E"


_BASES = {base.__name__: base for base in (str, bytes, int, float, list, tuple, set, frozenset, dict)}
_MANY = ("list", "tuple", "set", "frozenset")
_ONLY_AST = 0x400


def _literal(text):
    """Return the value of a literal, as ``ast.literal_eval`` does."""
    return _made(compile(text, "values", "eval", _ONLY_AST, True).body)


def _made(node):
    kind = type(node).__name__
    if kind in ("Constant", "NameConstant"):
        return node.value
    if kind in ("Num", "Str", "Bytes"):  # before 3.8
        return node.n if kind == "Num" else node.s
    if kind in ("Tuple", "List", "Set"):
        return {"Tuple": tuple, "List": list, "Set": set}[kind]([_made(one) for one in node.elts])
    if kind == "Dict" and None not in node.keys:
        return {_made(key): _made(value) for key, value in zip(node.keys, node.values)}
    if kind == "UnaryOp" and type(node.op).__name__ == "USub":
        return -_made(node.operand)
    raise ValueError(kind)
