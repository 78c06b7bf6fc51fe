// Follows a draft by its event stream, and keeps the parts of the page that depend on it fresh. Without this file
// everything still works, by reloading.
"use strict";

(() => {
  const TRY_AGAIN_MS = 2000;

  // --- the stream -------------------------------------------------------------------------------------------------

  let source = null;
  let last = 0;
  let refreshing = false;
  let again = false;

  const box = () => document.getElementById("draft");

  function apply(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    let fresh = false;
    for (const piece of holder.content.children) {
      const how = piece.dataset.how;
      const target = document.getElementById(piece.dataset.target || "");
      if (how === "fresh") fresh = true;
      else if (!target) continue;
      else if (how === "add") target.append(piece.content);
      else if (how === "put") target.replaceChildren(piece.content);
      else if (how === "swap") target.replaceWith(piece.content);
    }
    return fresh;
  }

  function onMessage(event) {
    const number = Number(event.lastEventId);
    if (number <= last) return; // it came before the line broke
    last = number;
    lineIs(true);
    const fresh = apply(event.data);
    if (event.type === "end") stop();
    if (fresh) refresh();
  }

  function follow() {
    const here = box();
    if (!here || !here.dataset.events || source) return;
    last = Math.max(last, Number(here.dataset.after || 0));
    source = new EventSource(`${here.dataset.events}&after=${last}`);
    source.addEventListener("draft", onMessage);
    source.addEventListener("end", onMessage);
    source.addEventListener("open", () => lineIs(true));
    source.addEventListener("error", () => {
      lineIs(false);
      if (!source || source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      stop();
      window.setTimeout(async () => {
        if (await refresh(true)) last = 0;
        follow();
      }, TRY_AGAIN_MS);
    });
  }

  function stop() {
    if (source) source.close();
    source = null;
  }

  function lineIs(up) {
    const told = document.getElementById("draft-line");
    if (told) told.hidden = up;
  }

  // --- what depends on it -----------------------------------------------------------------------------------------

  function isTypedIn(element) {
    const active = document.activeElement;
    return Boolean(active && element.contains(active) && active.matches("input, textarea, select"));
  }

  // Bring every part of the page up to date that says it may; what somebody types in stays as it is.
  async function refresh(withBox = false) {
    if (refreshing) {
      again = true;
      return false;
    }
    refreshing = true;
    let done = false;
    try {
      const answer = await fetch(location.href.split("#")[0], { headers: { accept: "text/html" } });
      if (answer.ok) {
        const made = new DOMParser().parseFromString(await answer.text(), "text/html");
        const places = document.querySelectorAll(withBox ? "[data-fresh], #draft" : "[data-fresh]");
        for (const old of places) replace(old, made.getElementById(old.id));
        showEnding(made.getElementById("draft"));
        // Where nothing but the steps stays fresh by itself, the page is loaded anew.
        if (!document.querySelector("[data-fresh]:not(#stepper)") && !source) location.reload();
        done = true;
      }
    } catch {
      done = false; // nobody answers: the stream tries again, and so do we
    }
    refreshing = false;
    if (again) {
      again = false;
      refresh();
    }
    return done;
  }

  // The box's text came with the last message; how it ended stands on the box itself.
  function showEnding(made) {
    const here = box();
    if (!here || !made || made.dataset.events) return;
    here.className = made.className;
    delete here.dataset.events;
  }

  function replace(old, made) {
    if (!made || isTypedIn(old) || old.innerHTML === made.innerHTML) return;
    const open = [...old.querySelectorAll("details[id][open]")].map((each) => each.id);
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    const fresh = document.adoptNode(made);
    old.replaceWith(fresh);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    if (window.htmx) window.htmx.process(fresh);
  }

  // --- forms that need no new page --------------------------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-quiet]") || !source) return;
    event.preventDefault();
    try {
      await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    } catch {
      form.removeAttribute("data-quiet");
      form.requestSubmit();
    }
  });

  // --- where a sentence comes from --------------------------------------------------------------------------------

  // The number behind a sentence opens its source in a window of this page; so does the sentence, for a pointer.
  function numberOf(element) {
    const link = element.closest("a.ask");
    if (link) return link;
    const said = element.closest(".said");
    if (!said || element.closest("a") || !document.querySelector("#show-sources:checked")) return null;
    let next = said.nextElementSibling;
    while (next && !next.matches("a.ask")) next = next.nextElementSibling;
    return next;
  }

  document.addEventListener("click", async (event) => {
    const window_ = document.getElementById("source-window");
    const link = window_ && event.target instanceof Element ? numberOf(event.target) : null;
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.status === 204) throw new Error(String(answer.status));
      document.getElementById("source-body").innerHTML = await answer.text();
      window_.showModal();
      window_.addEventListener("close", () => link.focus({ preventScroll: true }), { once: true });
    } catch {
      location.assign(link.href);
    }
  });

  // --- how long it has taken --------------------------------------------------------------------------------------

  window.setInterval(() => {
    for (const place of document.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.round((Date.now() - Date.parse(place.dataset.since)) / 1000));
      place.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
  }, 1000);

  document.addEventListener("DOMContentLoaded", () => {
    follow();
  });
})();
