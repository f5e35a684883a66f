// Opens the links of real mails as people would: presses the button, presses it twice, comes too
// late, chooses a weak password; on a phone, in the dark, without JavaScript.
//
//   node account_pages.js http://127.0.0.1:PORT DATA_DIRECTORY LOG_FILE [--pictures DIRECTORY]
//
// The server must demand that addresses are verified, and write mails into files.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { launch, openPage, overflow } from "./browser.js";
import { linkFrom } from "./mails.js";

const [baseUrl, dataDirectory, logFile] = process.argv.slice(2);
const pictures = process.argv[5] === "--pictures" ? process.argv[6] : undefined;
const mails = path.join(dataDirectory, "mails");

const PHONE = { viewport: { width: 360, height: 640 } };
const DARK_PHONE = { ...PHONE, colorScheme: "dark" };
const DESK = { viewport: { width: 1280, height: 800 } };
const PASSWORD = "violet-saddle-canyon-5";
const NEW_PASSWORD = "amber-gravel-window-6";
const PAGES = ["verify-email", "confirm-email", "reset-password"];

const complaints = [];
const links = [];

async function call(operation, body, expected, accessToken) {
  const headers = { "Content-Type": "application/json" };
  if (accessToken !== undefined) {
    headers.Authorization = `Bearer ${accessToken}`;
  }
  const request = { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(`${baseUrl}/api/v1/auth/${operation}`, request);
  const text = await answer.text();
  assert.equal(answer.status, expected, `${operation}: ${text}`);
  return text === "" ? null : JSON.parse(text);
}

const signIn = (address, password, expected) =>
  call("login", { identifier: address, password }, expected);

async function mailed(kind, address, seen) {
  const link = await linkFrom(mails, kind, address, seen);
  assert.ok(link.startsWith(`${baseUrl}/`), link);
  links.push(link);
  return link;
}

async function picture(page, name) {
  assert.equal(await overflow(page), 0, `${name} is wider than its window`);
  if (pictures !== undefined) {
    await page.screenshot({ path: path.join(pictures, `${name}.png`) });
  }
}

/** Opens a link in a page of its own, in which the token must not stay in sight. */
async function open(browser, link, options) {
  const page = await openPage(browser, baseUrl, complaints, options);
  page.posts = [];
  page.on("request", (request) => {
    if (request.method() === "POST") {
      page.posts.push(request.url());
    }
  });
  await page.goto(link);
  if (options.javaScriptEnabled !== false) {
    const [address] = link.split("#");
    assert.equal(page.url(), address, "the token leaves the address bar");
    assert.equal(await page.evaluate(() => history.length <= 2), true);
  }
  return page;
}

const submit = (page) => page.locator("button[type=submit]");
const outcome = (page) => page.locator("#outcome");

async function ends(page, kind, text) {
  await page.locator(`#outcome.${kind}`).waitFor();
  assert.match(await outcome(page).innerText(), text);
}

async function finishes(page, kind, text) {
  await ends(page, kind, text);
  assert.equal(await submit(page).isVisible(), false, "nothing is left to press");
}

/** What scanners of mail do: nothing is used up by it. */
async function lookAt(link) {
  for (const method of ["HEAD", "GET", "GET"]) {
    const answer = await fetch(link, { method });
    assert.equal(answer.status, 200, `${method} ${link}`);
    await answer.arrayBuffer();
  }
}

async function verification(browser) {
  const address = "ada@example.org";
  await call("register", { username: "ada", email: address, password: PASSWORD }, 202);
  const link = await mailed("verify_email", address);
  await lookAt(link);
  const idle = await open(browser, link, DESK);
  await picture(idle, "verify-email");
  assert.deepEqual(idle.posts, [], "opening it asks for nothing");
  await signIn(address, PASSWORD, 403);

  const page = await open(browser, link, PHONE);
  await picture(page, "verify-email-phone");
  await submit(page).dblclick();
  await finishes(page, "done", /is confirmed/);
  assert.equal(page.posts.length, 1, "a double click is one request");
  await picture(page, "verify-email-phone-done");
  await signIn(address, PASSWORD, 200);

  // The one that was opened before and not used: its link is spent.
  await submit(idle).click();
  await finishes(idle, "problem", /does not work any more/);
  await picture(idle, "verify-email-spent");
  return address;
}

async function change(browser, address) {
  const { access_token: token } = await signIn(address, PASSWORD, 200);
  const changed = "ada@new.example.org";
  await call("email/change", { email: changed, password: PASSWORD }, 202, token);
  const link = await mailed("confirm_email_change", changed);
  await lookAt(link);
  // With a slash too much, as some programs make of it.
  const page = await open(browser, link.replace("#", "/#"), DARK_PHONE);
  await picture(page, "confirm-email-phone-dark");
  await submit(page).click();
  await finishes(page, "done", /your account uses/);
  await picture(page, "confirm-email-phone-dark-done");
  await signIn(changed, PASSWORD, 200);
  return changed;
}

async function reset(browser, address) {
  await call("password/forgot", { email: address }, 202);
  const link = await mailed("reset_password", address);
  await lookAt(link);
  const page = await open(browser, link, DARK_PHONE);
  const field = page.getByLabel("New password");
  await picture(page, "reset-password-phone-dark");
  await submit(page).click();
  assert.deepEqual(page.posts, [], "an empty field is not sent");

  await field.fill("password1");
  await page.getByRole("button", { name: "Show" }).click();
  await submit(page).click();
  await page.locator("#new-password[aria-invalid=true]").waitFor();
  assert.match(await page.locator("#new-password-problem").innerText(), /^The password /);
  assert.equal(await outcome(page).innerText(), "");
  await picture(page, "reset-password-phone-dark-weak");
  await page.getByRole("button", { name: "Hide" }).click();

  await field.fill(NEW_PASSWORD);
  await field.press("Enter");
  await finishes(page, "done", /new password is set/);
  assert.equal(page.posts.length, 2);
  assert.equal(await field.inputValue(), "", "the password does not stay in the page");
  await picture(page, "reset-password-phone-dark-done");
  await signIn(address, PASSWORD, 401);
  await signIn(address, NEW_PASSWORD, 200);

  const late = await open(browser, link, PHONE);
  await late.getByLabel("New password").fill("copper-thistle-harbour-8");
  await submit(late).click();
  await finishes(late, "problem", /does not work any more/);
  await signIn(address, NEW_PASSWORD, 200);
}

async function withoutToken(browser) {
  for (const name of PAGES) {
    const page = await open(browser, `${baseUrl}/${name}`, PHONE);
    await ends(page, "problem", /not complete/);
    assert.equal(await submit(page).isVisible(), false);
    await picture(page, `${name}-incomplete`);
    const cut = await open(browser, `${baseUrl}/${name}#token=uhv_12`, PHONE);
    if (name === "reset-password") {
      await cut.getByLabel("New password").fill(NEW_PASSWORD);
    }
    await submit(cut).click();
    await finishes(cut, "problem", /not complete|does not work any more/);
  }
}

async function withoutScripts(browser) {
  for (const name of PAGES) {
    const page = await open(browser, `${baseUrl}/${name}#token=uhv_12`, {
      ...PHONE,
      javaScriptEnabled: false,
    });
    assert.match(await page.locator("noscript").innerText(), /JavaScript/);
    assert.equal(await submit(page).isVisible(), false);
    if (pictures !== undefined) {
      await page.screenshot({ path: path.join(pictures, `${name}-no-scripts.png`) });
    }
  }
}

async function nothingIsLogged() {
  const log = await readFile(logFile, "utf8");
  assert.ok(log.includes("/api/v1/auth/email/verify"), "the log of this server");
  for (const link of links) {
    const token = new URL(link).hash.slice("#token=".length);
    assert.match(token, /^uh[a-z]_[0-9a-f]{64}$/);
    assert.ok(!log.includes(token), "a token stands in the log");
  }
}

const browser = await launch();
try {
  const address = await verification(browser);
  await reset(browser, await change(browser, address));
  await withoutToken(browser);
  await withoutScripts(browser);
} finally {
  await browser.close();
}
await nothingIsLogged();
assert.deepEqual(complaints, []);
console.log(`Browser: verified, changed and reset at ${baseUrl} by mailed links, nothing complained`);
