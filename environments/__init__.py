"""Makes sandboxes: task types, repositories, bubblewrap, the workbench that runs tests, task synthesis."""
