"""Images of tasks: built or pulled, with names, and given back when the disk is needed.

image = images.ensure(instance_id, spec, base_commit)     # what ``SANDBOXES`` open
"""
