"""Choosing among anyone's predictions (``runoff select``), and fitting what chooses.

select([Path("preds.json"), Path("others/")], subset="lite").choices
"""
