"use strict";

// In a file of its own, as the Content-Security-Policy forbids inline scripts.
const container = document.getElementById("swagger-ui");
const search = document.getElementById("search");
const found = document.getElementById("found");
const groups = document.getElementById("groups");

/** Find operations by all words of a phrase, in any order. Swagger UI's own filter knows tags only. */
function findOperations(taggedOperations, phrase) {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (tag, one) => {
    const operation = one.get("operation");
    const texts = ["operationId", "summary", "description"].map((name) => operation.get(name));
    const text = [tag, one.get("method"), one.get("path"), ...texts].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return taggedOperations
    .map((group, tag) =>
      group.update("operations", (all) => all.filter((one) => matches(tag, one))),
    )
    .filter((group) => group.get("operations").size > 0);
}

const ui = SwaggerUIBundle({
  url: container.dataset.schema,
  domNode: container,
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [() => ({ fn: { opsFilter: findOperations }, components: { FilterContainer: () => null } })],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  // The badge would send a request to a third party.
  validatorUrl: null,
  // The access token is kept in this page only: reloading it signs out.
  persistAuthorization: false,
  onComplete: listGroups,
});

// ---- dark colours, as the person's system has them

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const setColours = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", setColours);
setColours();

// ---- search and groups

function showOnly(phrase) {
  ui.layoutActions.updateFilter(phrase.trim() || true);
  const all = ui.specSelectors.taggedOperations();
  const left = phrase.trim() ? findOperations(all, phrase) : all;
  found.textContent = left.size ? "" : search.dataset.none;
}

function listGroups() {
  for (const tag of ui.specSelectors.taggedOperations().keySeq()) {
    const link = document.createElement("a");
    link.href = `#/${encodeURIComponent(tag)}`;
    link.textContent = tag;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      search.value = "";
      showOnly("");
      requestAnimationFrame(() => goTo(tag));
    });
    const item = document.createElement("li");
    item.append(link);
    groups.append(item);
  }
}

function goTo(tag) {
  const heading = container.querySelector(`.opblock-tag[data-tag="${CSS.escape(tag)}"]`);
  heading.scrollIntoView();
  history.replaceState(null, "", `#/${encodeURIComponent(tag)}`);
}

search.addEventListener("input", () => showOnly(search.value));

// ---- signing in, and a new access token before the old one expires

const form = document.querySelector("#sign-in form");
// On a phone it would fill the first screen.
if (window.matchMedia("(max-width: 40rem)").matches) form.parentElement.open = false;
const REFRESH_AFTER = 10 * 60 * 1000; // milliseconds; an access token lasts 15 minutes
const TRY_AGAIN_AFTER = 30 * 1000;
let refreshing = 0;

async function post(url, body) {
  const headers = { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
}

const scheme = () => ui.specSelectors.securityDefinitions().keySeq().first();

function authorize(tokens) {
  ui.preauthorizeApiKey(scheme(), tokens.access);
  refreshLater(tokens, REFRESH_AFTER);
}

function refreshLater(tokens, delay) {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => refresh(tokens), delay);
}

/** Get new tokens. Try again later if the server does not answer, is busy or fails. */
async function refresh(tokens) {
  let status = 0;
  let answer = {};
  try {
    [status, answer] = await post(form.dataset.refresh, { refresh: tokens.refresh });
  } catch {
    // No network, or an answer of a proxy that is no JSON.
  }
  if (status === 200) authorize(answer);
  else if (status === 400 || status === 401 || status === 403) signOut();
  else refreshLater(tokens, TRY_AGAIN_AFTER);
}

function signOut() {
  ui.authActions.logout([scheme()]);
  form.parentElement.open = true;
  form.querySelector("[role=status]").textContent = form.dataset.ended;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = form.querySelector("[role=status]");
  status.textContent = "";
  const body = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  try {
    const [code, answer] = await post(form.action, body);
    const ok = code === 200;
    if (ok) authorize(answer);
    const needsCode = answer.code === "second_factor_required";
    form.elements.code.parentElement.hidden &&= !needsCode;
    status.textContent = ok ? form.dataset.done : answer.errors?.[0].detail ?? answer.detail;
  } catch {
    status.textContent = form.dataset.failed;
  }
});
