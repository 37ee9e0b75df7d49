"""A grammar for answers with one fenced block, for weak models whose endpoint can hold them to it."""

from __future__ import annotations

FENCED = r"""
root ::= thought? block
thought ::= [^`\n]{1,240} "\n\n"
block ::= bash | view | replace | insert | create | undo | check | submit
bash ::= "```bash\n" line{1,8} "```"
view ::= "```view " path (" " number "-" number)? "\n```"
replace ::= "```replace " path "\n<<<<<<< SEARCH\n" line{1,20} "=======\n" line{0,30} ">>>>>>> REPLACE\n```"
insert ::= "```insert " path " " number "\n" line{1,30} "```"
create ::= "```create " path "\n" line{1,40} "```"
undo ::= "```undo " path "\n```"
check ::= "```check\n```"
submit ::= "```submit" (" keep " path)? "\n```"
path ::= [A-Za-z0-9_./-]{1,120}
number ::= [0-9]{1,5}
line ::= "\n" | [^`=<>\n] [^\n]{0,160} "\n"
""".strip()
"""One line of thought, then one call. No line of a block begins with what ends a part of it."""
