"""A GitHub App's server: webhooks come in, are checked and queued on disk, and workers take them from there."""
