// Progressive enhancement only: every page works without it. Strict CSP: no inline script, no eval.
const root = document.documentElement;
const live = () => document.getElementById("live");

// The stylesheet hides what needs this file until the file is here.
root.classList.add("has-script");

// The theme changes at once; the form behind the button would set the same cookie.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-theme-form]") && event.submitter) {
    event.preventDefault();
    const theme = event.submitter.value;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    root.dataset.theme = theme;
    document.querySelector('meta[name="color-scheme"]').content = theme;
    form.querySelector(`button[value="${theme === "dark" ? "light" : "dark"}"]`).focus();
  }
  // A second click while the first one is on its way is dropped; the server would recognize it too.
  if (form.matches("[data-once]") && !event.defaultPrevented && !event.submitter?.hasAttribute("formaction")) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  }
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent);
  document.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
});

async function copy(button, text) {
  await navigator.clipboard?.writeText(text);
  live().textContent = "Copied to the clipboard.";
  const label = button.querySelector("[data-label]");
  if (!label || label.dataset.was) return;
  label.dataset.was = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => {
    label.textContent = label.dataset.was;
    delete label.dataset.was;
  }, 1500);
}

function textOf(element) {
  const lines = [...element.querySelectorAll(".line")];
  return lines.length ? lines.map((line) => line.textContent).join("\n") + "\n" : element.textContent.trim();
}

document.addEventListener("click", (event) => {
  const target = (selector) => event.target.closest(selector);
  const copied = target("[data-copy]");
  if (copied) copy(copied, textOf(document.getElementById(copied.dataset.copy)));
  const link = target("[data-copy-link]");
  if (link) copy(link, location.origin + location.pathname);
  const shown = target("[data-show]");
  if (shown) {
    const field = document.getElementById(shown.dataset.show);
    const reveals = field.type === "password";
    field.type = reveals ? "text" : "password";
    shown.setAttribute("aria-pressed", String(reveals));
    shown.textContent = reveals ? "Hide" : "Show";
  }
  const example = target("[data-fill]");
  if (example && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const text = document.getElementById("text");
    text.value = example.dataset.fill;
    text.focus();
    document.getElementById("preview-button").click();
  }
});

document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key === "Enter" && event.target.id === "text") {
    event.preventDefault();
    event.target.form.requestSubmit(document.getElementById("submit-button"));
  }
});

// Running times count on between two looks, in the words of provisioning/display/words.py.
function duration(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
const seen = new WeakMap();
setInterval(() => {
  document.querySelectorAll("[data-elapsed]").forEach((element) => {
    if (!seen.has(element)) seen.set(element, performance.now() - 1000 * Number(element.dataset.elapsed));
    element.textContent = duration((performance.now() - seen.get(element)) / 1000);
  });
}, 500);

// Polling through trouble: a quiet line, and 2, then 5, then 15 seconds between two tries.
let failures = 0;
let nextTry = 0;
const polled = (event) => event.detail.elt?.matches?.("[data-polled]");
function lost() {
  failures += 1;
  nextTry = performance.now() + [2, 5, 15][Math.min(failures, 3) - 1] * 1000;
  const line = document.getElementById("lost");
  if (line) line.hidden = false;
}
document.addEventListener("htmx:beforeRequest", (event) => {
  if (polled(event) && performance.now() < nextTry - 100) event.preventDefault();
});
document.addEventListener("htmx:sendError", (event) => polled(event) && lost());
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status >= 400 && requestConfig.elt.matches("[data-polled]")) {
    event.detail.shouldSwap = false;
    lost();
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!polled(event) || !event.detail.successful) return;
  failures = nextTry = 0;
  const line = document.getElementById("lost");
  if (line) line.hidden = true;
});

// A preview of what no longer stands above it says so, and cannot be opened. The server refuses it as well.
const plain = (value) => value.replace(/\r\n/g, "\n").trim();
function noticeStale() {
  const preview = document.querySelector("#preview [data-of]");
  if (!preview) return;
  const now = ["text", "environment", "team", "service"].map((id) => plain(document.getElementById(id).value));
  const stale = JSON.parse(preview.dataset.of).some((value, index) => plain(value) !== now[index]);
  if (stale && !preview.matches(".stale")) live().textContent = "The preview is out of date. Preview it again.";
  preview.classList.toggle("stale", stale);
  document.getElementById("stale-note").hidden = !stale;
}
document.addEventListener("input", (event) => event.target.form?.id === "composer" && noticeStale());
window.addEventListener("pageshow", noticeStale);

// Folds that are open stay open when a part of the page is rendered anew.
let opened = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  opened = [...event.detail.target.querySelectorAll("details[id][open]")].map((fold) => fold.id);
});
document.addEventListener("htmx:afterSwap", () => {
  opened.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  opened = [];
  noticeStale();
});
