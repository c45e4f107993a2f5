// Keys and scanner for the desk, the folded menu of a telephone, and parts that show what changes meanwhile. A scanner
// types like a person, but fast: a barcode that is scanned outside a field goes to the page's field for scans, else to the
// search. Every page works without this file; /me switches keys and scanner off.
"use strict";
document.documentElement.classList.add("js");
const QUIET_MS = 150; // a key alone for this long was typed by a person
const SECOND_MS = 1500; // within this time a second key follows "g"
const PLACES = { t: "/today", i: "/items", f: "/fix", o: "/outbox" };
const KEYS = "office-keys";

function storedKeys() {
  try {
    return localStorage.getItem(KEYS) !== "off";
  } catch {
    return true; // the browser keeps nothing
  }
}

function inField(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function follow(selector) {
  const link = document.querySelector(selector);
  if (link) link.click();
}

let typed = "";
let timer = 0;
let before = { key: "", at: 0 };

function typedByHand(keys) {
  const last = keys.at(-1);
  const second = keys.length === 2 ? keys[0] === "g" : before.key === "g" && Date.now() - before.at < SECOND_MS;
  before = { key: keys, at: Date.now() };
  if (second && PLACES[last]) location.assign(PLACES[last]);
  else if (keys === "/") document.getElementById("find").focus();
  else if (keys === "n") follow("a[rel=next]");
  else if (keys === "p" && document.querySelector("a[rel=first]")) history.back();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && event.target.form && storedKeys()) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || inField(event.target) || !storedKeys()) return;
  if (event.key === "Enter" && typed.length > 3) {
    const find = document.getElementById("field-scan") || document.getElementById("find");
    event.preventDefault();
    clearTimeout(timer);
    find.value = typed;
    typed = "";
    find.form.requestSubmit();
    return;
  }
  if (event.key.length !== 1) return;
  if (event.key === "/") event.preventDefault(); // the browser's own search
  typed += event.key;
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (typed.length < 3) typedByHand(typed);
    typed = "";
  }, QUIET_MS);
});

const keys = document.getElementById("keys");
if (keys) {
  keys.checked = storedKeys();
  keys.closest("p").hidden = false;
  keys.addEventListener("change", () => localStorage.setItem(KEYS, keys.checked ? "on" : "off"));
}

const fold = document.querySelector(".fold");
if (fold) {
  fold.addEventListener("click", () => {
    const open = document.body.classList.toggle("unfolded");
    fold.setAttribute("aria-expanded", String(open));
  });
}

// One stream for all pages of this browser: it has few connections. The page that has the lock tells the others.
const live = document.querySelector("main[data-live]");
if (live && navigator.locks && window.EventSource && window.BroadcastChannel) {
  const channel = new BroadcastChannel("office-live");
  let asking = false;
  let stop = null;

  async function again() {
    if (asking || document.hidden || live.contains(document.activeElement) && document.activeElement !== live) return;
    asking = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-live]");
      const counts = live.querySelector(".counts");
      if (answer.ok && page) {
        const said = counts ? counts.textContent : "";
        const news = page.querySelector(".counts");
        for (const part of live.querySelectorAll("[data-part]")) {
          const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
          if (fresh) part.replaceChildren(...fresh.childNodes);
        }
        if (counts && news && news.textContent !== said) counts.textContent = news.textContent;
      }
    } catch {
      // the office is away: the page stays as it is, with the time of its making
    } finally {
      asking = false;
    }
  }

  function watch() {
    if (stop) return;
    const end = new AbortController();
    stop = () => {
      end.abort();
      stop = null;
    };
    navigator.locks
      .request("office-live", { signal: end.signal }, () => {
        const source = new EventSource("/live");
        source.addEventListener("message", () => {
          channel.postMessage("changed");
          again();
        });
        return new Promise((done) => end.signal.addEventListener("abort", () => done(source.close())));
      })
      .catch(() => {}); // given up while it waited
  }

  channel.addEventListener("message", again);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && stop) stop();
    else if (!document.hidden) {
      watch();
      again();
    }
  });
  if (!document.hidden) watch();
}

// A form is sent once: its button sleeps until the answer is there. The office acts once in any case.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && event.target.method === "post") setTimeout(() => (button.disabled = true));
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});
