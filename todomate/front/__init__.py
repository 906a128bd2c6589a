"""What is open to everyone: the start page, the API's root, its schema, the page to try it out, health."""
