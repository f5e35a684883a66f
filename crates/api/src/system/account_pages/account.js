"use strict";

// Sends the token of a mailed link. It stands in the fragment, which no browser
// sends along: opening the page changes nothing, only its button does.

const form = document.querySelector("form");
const submit = form.querySelector("button[type=submit]");
const outcome = document.getElementById("outcome");
const password = document.getElementById("new-password");
const passwordProblem = document.getElementById("new-password-problem");
const reveal = document.getElementById("reveal");

const INCOMPLETE = "This link is not complete. Open the one in the mail once more, or copy all of it.";
const UNREACHABLE = "The server cannot be reached, or takes too long. Try again in a moment.";
const FAILED = "That did not work, because of a fault on our side. Try again in a moment.";
const BY_CODE = {
  token_invalid:
    "This link does not work any more: it was used before, it has expired, or there is a newer one. Ask for another.",
  email_taken: "This address belongs to another account by now, so yours keeps the one it has.",
  edit_conflict: "Your account was changed at the same moment. Try once more.",
};

const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (location.hash) {
  // Neither the history nor somebody who copies the address gets to see it.
  history.replaceState(null, "", location.pathname);
}

function say(text, kind) {
  outcome.className = kind;
  outcome.textContent = text;
}

function complain(text) {
  passwordProblem.textContent = text;
  password.setAttribute("aria-invalid", String(text !== ""));
}

function finish(text, kind) {
  form.hidden = true;
  form.reset();
  say(text, kind);
  outcome.focus();
}

/** What is wrong with the new password, as sentences; empty where nothing is. */
function passwordProblems(problem) {
  const errors = Array.isArray(problem.errors) ? problem.errors : [];
  return errors
    .filter((error) => error.field === "new_password")
    .map((error) => `The password ${error.detail}`.replace(/\.?$/, "."))
    .join(" ");
}

function duration(seconds) {
  const [count, unit] = seconds > 90 ? [Math.ceil(seconds / 60), "minute"] : [seconds, "second"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function explain(answer, problem) {
  const seconds = Number(answer.headers.get("Retry-After"));
  const wrongPassword = password ? passwordProblems(problem) : "";
  if (wrongPassword) {
    say("", "");
    complain(wrongPassword);
    password.focus();
  } else if (problem.code === "token_invalid") {
    finish(BY_CODE.token_invalid, "problem");
  } else if (answer.status === 429) {
    say(`That was tried too often. Try again in ${duration(seconds || 60)}.`, "problem");
  } else if (answer.status === 422) {
    finish(INCOMPLETE, "problem");
  } else {
    say(BY_CODE[problem.code] || FAILED, "problem");
  }
}

async function send() {
  const body = password ? { token, new_password: password.value } : { token };
  // Relative, so that it leads to wherever this page was served from.
  const answer = await fetch(form.dataset.operation, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    signal: AbortSignal.timeout(20000),
  });
  if (answer.ok) {
    finish(form.dataset.done, "done");
  } else {
    explain(answer, await answer.json().catch(() => ({})));
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (submit.disabled) {
    return;
  }
  submit.disabled = true;
  say("One moment …", "");
  if (password) {
    complain("");
  }
  send()
    .catch(() => say(UNREACHABLE, "problem"))
    .finally(() => {
      submit.disabled = false;
    });
});

if (reveal) {
  reveal.addEventListener("click", () => {
    const isShown = password.type === "text";
    password.type = isShown ? "password" : "text";
    reveal.textContent = isShown ? "Show" : "Hide";
    reveal.setAttribute("aria-pressed", String(!isShown));
    password.focus();
  });
}

// Another link that is opened in this window changes nothing but the fragment.
addEventListener("hashchange", () => {
  if (location.hash) {
    location.reload();
  }
});

if (token) {
  form.hidden = false;
} else {
  say(INCOMPLETE, "problem");
}
