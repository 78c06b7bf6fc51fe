// What pages do beyond forms and links; each of them works without it. No dependencies but htmx, for saving as one types.
"use strict";

(() => {
  const root = document.documentElement;
  const words = document.getElementById("words")?.dataset ?? {};
  root.classList.add("has-script");

  // A sentence for screen readers, wherever the focus is.
  const say = (text) => {
    const live = document.getElementById("announce");
    if (!live) return;
    live.textContent = "";
    setTimeout(() => (live.textContent = text), 60);
  };
  document.addEventListener("say", (event) => say(event.detail));

  // What the browser keeps for this tab; a browser may refuse.
  const store = {
    get: (key) => { try { return sessionStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* full or forbidden: the page still holds it */ } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch { /* the same */ } },
    keys: () => { try { return Object.keys(sessionStorage); } catch { return []; } },
  };

  // After a step the focus goes to what the new page is about; a reload and the back button leave it alone.
  const focusStart = () => {
    const before = store.get("page");
    store.set("page", location.pathname);
    const how = performance.getEntriesByType("navigation")[0]?.type;
    const wrong = document.querySelector("[aria-invalid=true]");
    if (wrong) return wrong.focus();
    if (location.hash) return focusPlace(location.hash.slice(1));
    if (how === "navigate" && before !== null && before !== location.pathname) {
      document.getElementById("heading")?.focus({ preventScroll: true });
    }
  };

  const focusPlace = (id) => {
    const place = document.getElementById(id);
    if (!place) return;
    const target = place.matches("[tabindex], a, button, input, textarea, select, summary") ? place : place.querySelector("[tabindex='-1']");
    target?.focus({ preventScroll: true });
  };
  addEventListener("hashchange", () => focusPlace(location.hash.slice(1)));

  // Copying -------------------------------------------------------------------------------------------------------
  const textOf = (element) => ("value" in element ? element.value : element.innerText).trim();

  const copyByHand = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return document.execCommand("copy");
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    let done = true;
    try {
      await navigator.clipboard.writeText(textOf(source));
    } catch {
      done = copyByHand(source);
    }
    if (!done) return say(button.dataset.failed);
    const label = button.querySelector("span");
    const before = button.dataset.label ?? label.textContent;
    button.dataset.label = before;
    button.dataset.copied = "";
    label.textContent = button.dataset.done;
    say(button.dataset.done);
    clearTimeout(button.timer);
    button.timer = setTimeout(() => { label.textContent = before; delete button.dataset.copied; }, 2500);
  };

  // Dialogs -------------------------------------------------------------------------------------------------------
  const openDialog = (opener, event) => {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog?.showModal) return;
    event.preventDefault();
    dialog.showModal();
    dialog.querySelector("[tabindex='-1']")?.focus();
  };

  document.addEventListener("click", (event) => {
    const element = event.target.closest?.("[data-copy], [data-dialog], [data-close]");
    if (element?.matches("[data-copy]")) copy(element);
    else if (element?.matches("[data-dialog]")) openDialog(element, event);
    else if (element) element.closest("dialog")?.close();
    else if (event.target.matches?.("dialog[open]")) event.target.close();
  });

  // A button that takes a while says so. ---------------------------------------------------------------------------
  const busy = (form, is) => {
    const label = form.querySelector("button[type=submit] span, button:not([type]) span");
    if (!label) return;
    if (is) {
      form.dataset.label = label.textContent;
      label.textContent = form.dataset.busy;
      say(form.dataset.busy);
    } else if (form.dataset.label) label.textContent = form.dataset.label;
  };
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.elt.dataset?.busy && busy(event.detail.elt, true));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.dataset?.busy && busy(event.detail.elt, false));

  // The colours of the page ---------------------------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("[data-look]");
    if (!form) return;
    const theme = new FormData(form).get("theme");
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.querySelector("meta[name=color-scheme]").content = theme === "auto" ? "light dark" : theme;
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" }).catch(() => {});
  });

  // Several things, one per line: shown as they are understood.
  const showChips = (area) => {
    const list = document.querySelector(`[data-chips-of="${CSS.escape(area.id)}"]`);
    if (!list) return;
    const lines = area.value.split("\n").map((line) => line.replace(/^\s*(?:[-*•]\s+)?/, "").trim()).filter(Boolean);
    list.replaceChildren(...lines.map((line) => {
      const chip = document.createElement("li");
      chip.className = "chip";
      chip.dir = "auto";
      chip.textContent = line;
      return chip;
    }));
  };

  // Saving as one types -------------------------------------------------------------------------------------------
  // htmx posts; here is what the person sees meanwhile, another try when the server is away, and a copy in this tab of
  // what is not saved yet, which comes back after a reload.
  const saving = new WeakMap();
  const stateOf = (element) => {
    if (!saving.has(element)) saving.set(element, { typed: 0, sent: 0, saved: 0, failures: 0, timer: 0 });
    return saving.get(element);
  };
  const savers = () => [...document.querySelectorAll("[data-save]")];
  const saverOf = (control) => control.closest("[data-save]");
  const isDirty = (element) => stateOf(element).typed > stateOf(element).saved;
  const controlsOf = (element) =>
    (element.matches("form") ? [...element.elements] : [element]).filter((each) => each.name && each.matches("textarea, input[type=text]"));
  const keyOf = (control) => `typed:${location.pathname}:${control.name}`;

  const show = (element, text, failed = false) => {
    const place = document.querySelector(element.getAttribute("hx-target"));
    if (!place) return;
    const line = document.createElement("span");
    line.className = failed ? "saved-text saved-failed" : "saved-text";
    line.textContent = text;
    place.replaceChildren(line);
  };

  document.addEventListener("input", (event) => {
    const control = event.target;
    if (control.closest("[data-chips]")) showChips(control);
    const element = saverOf(control);
    if (!element || !control.name) return;
    stateOf(element).typed += 1;
    if (control.matches("textarea, input[type=text]")) store.set(keyOf(control), control.value);
    if (!stateOf(element).failures) show(element, words.unsaved);
  });

  // A field that was empty and is not any more: the reproach goes, and nothing moves under the hand that types.
  document.addEventListener("input", ({ target }) => {
    if (target.getAttribute("aria-invalid") !== "true" || target.defaultValue?.trim() || !target.value.trim()) return;
    target.removeAttribute("aria-invalid");
    target.closest(".field")?.classList.add("is-settled");
    document.querySelector(`#problems a[href="#${CSS.escape(target.id)}"]`)?.closest("li").classList.add("is-settled");
  });

  const isSaver = (event) => event.detail.elt?.matches?.("[data-save]");

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isSaver(event)) return;
    const state = stateOf(event.detail.elt);
    state.sent = state.typed;
    clearTimeout(state.timer);
    if (!state.failures) show(event.detail.elt, words.saving);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isSaver(event)) return;
    const element = event.detail.elt;
    const state = stateOf(element);
    const status = event.detail.xhr?.status ?? 0;
    if (event.detail.successful) {
      state.failures = 0;
      state.saved = state.sent;
      if (!isDirty(element)) controlsOf(element).forEach((control) => store.drop(keyOf(control)));
      return;
    }
    if (status >= 400 && status < 500 && status !== 429) return show(element, words.unsaved, true);
    state.failures += 1;
    show(element, words.failed, true);
    if (state.failures === 1) say(words.failed);
    state.timer = setTimeout(() => htmx.trigger(element, "change"), Math.min(1000 * 2 ** state.failures, 10000));
  });

  // The answer to what was typed a moment ago would say "Saved" too early.
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const element of savers()) {
      const { typed, sent } = stateOf(element);
      if (typed > sent && document.querySelector(element.getAttribute("hx-target")) === event.detail.target) show(element, words.unsaved);
    }
  });

  // Leaving the page before the pause is over: what is typed goes along.
  addEventListener("pagehide", () => {
    for (const element of savers().filter(isDirty)) {
      const form = element.matches("form") ? element : element.form;
      const body = new URLSearchParams();
      for (const [name, value] of form ? new FormData(form) : [[element.name, element.value]]) {
        if (typeof value === "string") body.append(name, value);
      }
      fetch(element.getAttribute("hx-post"), { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
    }
  });

  document.addEventListener("submit", (event) => {
    for (const element of savers()) {
      if (event.target !== element && !event.target.contains(element)) continue;
      const state = stateOf(element);
      state.saved = state.typed; // the form itself carries it
      clearTimeout(state.timer);
    }
    store.set("sent", location.pathname);
  });

  const restore = () => {
    const sent = store.get("sent");
    store.drop("sent");
    if (sent && sent !== location.pathname) {
      store.keys().filter((key) => key.startsWith(`typed:${sent}:`)).forEach(store.drop);
    }
    for (const element of savers()) {
      let changed = false;
      for (const control of controlsOf(element)) {
        const kept = store.get(keyOf(control));
        store.drop(keyOf(control));
        if (kept === null || kept.trim() === control.value.trim()) continue;
        control.value = kept;
        control.dispatchEvent(new Event("input", { bubbles: true }));
        changed = true;
      }
      if (changed) {
        show(element, words.restored);
        say(words.restored);
      }
    }
  };

  const prepare = (part) => {
    part.querySelectorAll?.("[data-copy][hidden]").forEach((button) => (button.hidden = false));
    part.querySelector?.("[data-focus]")?.focus();
  };
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));

  prepare(document);
  addEventListener("load", restore);
  focusStart();
})();
