"""The OpenAPI schema: names, errors, texts and the forms of fields, and its OpenAPI 3.0 form."""
