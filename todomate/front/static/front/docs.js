"use strict";

// In a file of its own, as the Content-Security-Policy forbids inline scripts.
const container = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: container.dataset.schema,
  domNode: container,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  // The badge would send a request to a third party.
  validatorUrl: null,
  // The access token is kept in this page only: reloading it signs out.
  persistAuthorization: false,
});
