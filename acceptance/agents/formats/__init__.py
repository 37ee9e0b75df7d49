"""Item: what becomes of the embedded model's samples, by the form in which it writes them."""
