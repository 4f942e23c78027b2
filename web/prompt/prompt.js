// Checks while somebody types. The page works without it: the server checks every answer anyway.
(() => {
  "use strict";

  const form = document.querySelector("form");
  const WAIT = 400; // ms after the last key

  function say(status, text, isGood) {
    status.textContent = text || "";
    status.classList.toggle("status-good", Boolean(text) && isGood === true);
    status.classList.toggle("status-bad", Boolean(text) && isGood === false);
  }

  // The policy's pattern is written for the whole text or a part of it, as RegExp.test takes it.
  function patternOf(input) {
    try {
      return input.dataset.pattern ? new RegExp(input.dataset.pattern, "u") : null;
    } catch {
      return null;
    }
  }

  function watchUserName(input, url) {
    const status = document.getElementById(input.id + "-status");
    const texts = status.dataset;
    let timer = 0;
    let asked = null;

    function offer(suggestion) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = texts.suggestion.replace("{suggestion}", suggestion);
      button.addEventListener("click", () => {
        input.value = suggestion;
        input.focus();
        ask();
      });
      status.append(button);
    }

    function show(answer) {
      if (answer.available) return say(status, texts.available, true);
      const own = answer.reason === "taken" ? texts.taken : answer.detail || texts.refused;
      say(status, own, false);
      if (answer.suggestion) offer(answer.suggestion);
    }

    async function ask() {
      if (asked) asked.abort();
      asked = null;
      const name = input.value;
      if (name.trim() === "") return say(status, "");
      const current = (asked = new AbortController());
      say(status, texts.checking);
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { "Content-Type": "application/json", Accept: "application/json" },
          body: JSON.stringify({ userName: name }),
          credentials: "same-origin",
          signal: current.signal,
        });
        const answer = response.ok ? await response.json() : null;
        if (asked !== current) return;
        if (answer && typeof answer.available === "boolean") show(answer);
        else say(status, "");
      } catch {
        // Nothing is known then, and nothing is said: the server checks again.
        if (asked === current) say(status, "");
      }
    }

    input.addEventListener("input", () => {
      if (asked) asked.abort();
      asked = null;
      say(status, "");
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
  }

  function watchPasswords(password, confirmation) {
    const ownStatus = document.getElementById(password.id + "-status");
    const status = document.getElementById(confirmation.id + "-status");
    const pattern = patternOf(password);

    function compare() {
      if (confirmation.value === "") return say(status, "");
      const same = confirmation.value === password.value;
      // Who is still typing is not told that the passwords differ.
      if (!same && document.activeElement === confirmation &&
          password.value.startsWith(confirmation.value)) {
        return say(status, "");
      }
      say(status, same ? status.dataset.match : status.dataset.differ, same);
    }

    password.addEventListener("input", () => {
      say(ownStatus, "");
      compare();
    });
    password.addEventListener("change", () => {
      const refused = pattern && password.value !== "" && !pattern.test(password.value);
      say(ownStatus, refused ? ownStatus.dataset.refused : "", false);
    });
    confirmation.addEventListener("input", compare);
    confirmation.addEventListener("change", compare);
  }

  function addReveal(password, confirmation) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "reveal";
    button.textContent = password.dataset.show;
    button.addEventListener("click", () => {
      const isShown = password.type === "text";
      for (const input of [password, confirmation]) {
        if (input) input.type = isShown ? "password" : "text";
      }
      button.textContent = isShown ? password.dataset.show : password.dataset.hide;
    });
    password.after(button);
    // A browser remembers what was typed into a text field.
    form.addEventListener("submit", () => {
      for (const input of [password, confirmation]) if (input) input.type = "password";
    });
  }

  if (!form) return;
  const userName = form.elements.userName;
  const password = form.elements.password;
  const confirmation = form.elements.passwordConfirmation;
  if (userName && form.dataset.checkUrl) watchUserName(userName, form.dataset.checkUrl);
  if (password && confirmation) watchPasswords(password, confirmation);
  if (password) addReveal(password, confirmation);

  // A second press of the button would be a second answer.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
})();
