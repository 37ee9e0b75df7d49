def _NAME_made():
    import json
    import os

    opened, write, close, dumps = os.open, os.write, os.close, json.dumps
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    scalars, many = (str, bytes, int, float), (list, tuple, set, frozenset)

    def tree(value, depth):
        if value is None or value is True or value is False:
            return ["", value]
        base = next((one for one in (*scalars, *many, dict) if isinstance(value, one)), None)
        if base is None or depth > 20:
            return ["shown", repr(value)[:5000], str(value)[:5000]]
        if base is bytes:
            content = bytes.decode(bytes.join(b"", [value]), "latin-1")
        elif base is str:
            content = str.join("", [value])
        elif base in scalars:
            content = base.__repr__(value)
        elif base is dict:
            content = [[tree(key, depth + 1), tree(one, depth + 1)] for key, one in dict.items(value)]
        else:
            content = [tree(one, depth + 1) for one in base.__iter__(value)]
        own = type(value).__eq__ is not base.__eq__
        return [base.__name__, content, own]

    def send(number, value):
        try:
            said = dumps([number, tree(value, 0)])
        except Exception:
            said = dumps([number, ["odd"]])
        if len(said) > 65536:
            said = dumps([number, ["odd"]])
        stream = opened("/tmp/NAME", flags, 0o666)
        try:
            write(stream, (said + "\n").encode("ascii"))
        finally:
            close(stream)
        return True

    return send


NAME = _NAME_made()
