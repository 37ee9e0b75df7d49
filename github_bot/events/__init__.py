"""From what GitHub sends to a typed request, or to the reason why there is none.

request = read_request(payload, config)      # what somebody asks for; Ignored: nothing for the bot
refusal = refused(request, config, github)   # asked of GitHub: may they, and can the bot work here?
"""
