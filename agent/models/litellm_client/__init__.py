"""litellm behind the contract: what is asked of an endpoint, and how."""
