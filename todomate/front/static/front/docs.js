"use strict";

// A file of its own, as the Content-Security-Policy lets no script stand in the page.
const place = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  // The badge would ask a server that is not ours.
  validatorUrl: null,
  // The access token is kept in this page alone: reloading it signs out.
  persistAuthorization: false,
});
