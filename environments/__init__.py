"""Makes sandboxes and runs things in them: trees, images, the workbench that runs tests, made-up tasks.

with BubblewrapSandbox.create([layer], root=host_root(), run_id="mine") as base, base.fork() as sandbox:
    sandbox.run("python -m pytest", timeout=60)
"""
