"use strict";
// Single keys answer the question in focus. The form works without this file as well.
(() => {
  const questions = [...document.querySelectorAll("fieldset")];
  const form = document.querySelector("form");
  // From a button at the end, going up leads to the last question.
  const current = () => {
    const place = questions.findIndex((each) => each.contains(document.activeElement));
    return place >= 0 ? place : document.activeElement.tagName === "BUTTON" ? questions.length : 0;
  };
  const focus = (place) => {
    const question = questions[Math.min(Math.max(place, 0), questions.length - 1)];
    const choice = question.querySelector("input:checked") || question.querySelector("input");
    choice.focus();
    question.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const place = current();
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      focus(place + (event.key === "j" ? 1 : -1));
      return;
    }
    if (event.key === "Enter" && document.activeElement.tagName !== "BUTTON" && document.activeElement.tagName !== "SUMMARY") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button"));
      return;
    }
    const choice = questions[place]?.querySelector(`input[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    if (place + 1 < questions.length) focus(place + 1);
    else form.querySelector("button").focus();
  });
  focus(Math.max(0, questions.findIndex((each) => each.classList.contains("open"))));
})();
