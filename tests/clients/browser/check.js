// Uses /docs as a person would: authorize with name and password, list users, look at the answer;
// then a problem page on a phone. Nothing may leave the machine, and nothing may be complained
// about in the console.
//
//   node check.js http://127.0.0.1:PORT [--screenshot FILE]
//
// The administrator's name and password stand in USERHUB_ADMIN and USERHUB_ADMIN_PASSWORD, the
// browser in CHROMIUM (otherwise the one on PATH).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";
import { seed } from "./seed.js";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:8000";
const screenshot = process.argv[3] === "--screenshot" ? process.argv[4] : undefined;
const admin = process.env.USERHUB_ADMIN ?? "olivia";
const password = process.env.USERHUB_ADMIN_PASSWORD ?? "";

const complaints = [];

async function openPage(browser, viewport) {
  const context = await browser.newContext({ viewport });
  context.setDefaultTimeout(20_000);
  // What another host is asked for is refused and remembered.
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(`${baseUrl}/`) || url.startsWith("data:") || url.startsWith("blob:")) {
      return route.continue();
    }
    complaints.push(`a request leaves the machine: ${url}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(`script: ${error.message}`));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  // Violations of the content security policy, also those that the console leaves out.
  await page.exposeFunction("reportViolation", (text) => complaints.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  return page;
}

async function everyWayLeadsToTheDocumentation(page) {
  for (const path of ["/", "/docs", "/docs/"]) {
    await page.goto(`${baseUrl}${path}`);
    assert.equal(page.url(), `${baseUrl}/docs/`, path);
    await page.locator(".info .title").waitFor();
  }
}

async function authorize(page) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  const section = page.locator(".auth-container", { hasText: "Token URL" });
  await section.locator("#oauth_username").fill(admin);
  await section.locator("#oauth_password").fill(password);
  const asked = page.waitForResponse((response) => response.url().endsWith("/auth/token"));
  await section.locator("button.authorize").click();
  assert.equal((await asked).status(), 200, "the token endpoint");
  await section.getByRole("button", { name: "Remove authorization" }).waitFor();
  assert.equal(await section.locator(".errors").count(), 0);
  await section.locator(".btn-done").click();
}

async function listUsers(page) {
  const operation = page.locator("#operations-Users-listUsers");
  await operation.locator(".opblock-summary-control").click();
  const field = (name) => operation.locator(`tr[data-param-name="${name}"]`).locator("input, select");
  await field("sort").selectOption("username");
  await field("count").selectOption("true");
  const asked = page.waitForResponse((response) => response.url().includes("/api/v1/users?"));
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = await asked;
  assert.equal(answer.status(), 200);
  const { items, total } = await answer.json();
  assert.ok(items.some((user) => user.username === admin));
  assert.equal(total, items.length);

  const shown = operation.locator(".live-responses-table .response");
  await shown.waitFor();
  assert.match(await shown.locator(".response-col_status").innerText(), /^200/);
  assert.match(await shown.innerText(), /"items"[\s\S]*"username"/);
  return operation;
}

/** What a newcomer should see at once: where they are, what they asked, and the answer. */
async function takePicture(page, file) {
  await page.evaluate(() => {
    const operation = document.querySelector("#operations-Users-listUsers");
    // Parameters that were left alone, and the command with its token.
    for (const row of operation.querySelectorAll("tr[data-param-name]")) {
      if (row.dataset.paramName !== "sort") {
        row.remove();
      }
    }
    for (const node of operation.querySelectorAll(".curl-command, .request-url")) {
      node.remove();
    }
    // Of the sections only the one with users.
    for (const section of document.querySelectorAll(".opblock-tag-section")) {
      if (!section.contains(operation)) {
        section.parentElement.remove();
      }
    }
    document.querySelector(".info").style.margin = "20px 0";
    document.querySelector(".scheme-container").style.padding = "12px 0";
    window.scrollTo(0, 0);
  });
  const body = await page.locator(".live-responses-table .highlight-code").first().boundingBox();
  const height = Math.ceil(body.y + body.height + 6);
  await page.screenshot({ path: file, clip: { x: 0, y: 0, width: 1280, height }, fullPage: true });
}

async function problemPageFitsAPhone(browser) {
  const page = await openPage(browser, { width: 360, height: 740 });
  for (const code of ["validation_failed", "unsupported_media_type", "version_mismatch"]) {
    await page.goto(`${baseUrl}/problems/${code}`);
    assert.equal(await page.locator("h1").count(), 1);
    assert.ok((await page.locator("body").innerText()).includes(code));
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert.equal(overflow, 0, `${code} is wider than a phone`);
  }
}

function findBrowser() {
  const wanted = process.env.CHROMIUM ?? "chromium";
  return execFileSync("/bin/sh", ["-c", 'command -v "$0"', wanted], { encoding: "utf8" }).trim();
}

if (screenshot !== undefined) {
  await seed(baseUrl, admin, password);
}
const browser = await chromium.launch({
  executablePath: findBrowser(),
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await openPage(browser, { width: 1280, height: 1240 });
  await everyWayLeadsToTheDocumentation(page);
  await authorize(page);
  await listUsers(page);
  if (screenshot !== undefined) {
    await takePicture(page, screenshot);
  }
  await problemPageFitsAPhone(browser);
} finally {
  await browser.close();
}
assert.deepEqual(complaints, []);
console.log(`Browser: authorized at ${baseUrl}/docs/ and listed users, nothing complained`);
