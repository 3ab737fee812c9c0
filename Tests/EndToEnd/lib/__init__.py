"""What the end-to-end tests share: a server of their own, a browser, an HTTP client, and a way to say what was checked."""
