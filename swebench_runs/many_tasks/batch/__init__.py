"""Tasks at once: who works on them, which begins next, and how all of it ends.

result = run_on(executor, tasks, ...)                  # result.decided, result.failed
"""
