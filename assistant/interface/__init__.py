"""The doors to people and programs: pages, HTTP, OpenAI's wire format."""
