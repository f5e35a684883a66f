// Uses /docs as a person would: authorize with name and password, list users, look at the answer;
// set up a second factor, sign in with it, make an API key; then a problem page on a phone. Nothing
// may leave the machine, and nothing may be complained about in the console.
//
//   node check.js http://127.0.0.1:PORT [--screenshot FILE]
//
// The administrator's name and password stand in USERHUB_ADMIN and USERHUB_ADMIN_PASSWORD.

import assert from "node:assert/strict";
import { launch, openPage, overflow } from "./browser.js";
import { seed } from "./seed.js";
import { secondFactorAndKeys } from "./second_factor.js";
import { authorize } from "./swagger.js";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:8000";
const screenshot = process.argv[3] === "--screenshot" ? process.argv[4] : undefined;
const admin = process.env.USERHUB_ADMIN ?? "olivia";
const password = process.env.USERHUB_ADMIN_PASSWORD ?? "";

const complaints = [];

async function everyWayLeadsToTheDocumentation(page) {
  // The page is the same with a slash and without, so nothing leads from one to the other.
  for (const [path, shown] of [["/", "/docs/"], ["/docs", "/docs"], ["/docs/", "/docs/"]]) {
    await page.goto(`${baseUrl}${path}`);
    assert.equal(page.url(), `${baseUrl}${shown}`, path);
    await page.locator(".info .title").waitFor();
  }
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
  const page = await openPage(browser, baseUrl, complaints, { viewport: { width: 360, height: 740 } });
  for (const code of ["validation_failed", "unsupported_media_type", "version_mismatch"]) {
    await page.goto(`${baseUrl}/problems/${code}`);
    assert.equal(await page.locator("h1").count(), 1);
    assert.ok((await page.locator("body").innerText()).includes(code));
    assert.equal(await overflow(page), 0, `${code} is wider than a phone`);
  }
}

if (screenshot !== undefined) {
  await seed(baseUrl, admin, password);
}
const browser = await launch();
try {
  const desk = { viewport: { width: 1280, height: 1240 } };
  const page = await openPage(browser, baseUrl, complaints, desk);
  await everyWayLeadsToTheDocumentation(page);
  await authorize(page, admin, password);
  await listUsers(page);
  if (screenshot !== undefined) {
    await takePicture(page, screenshot);
  }
  await secondFactorAndKeys(await openPage(browser, baseUrl, complaints, desk), baseUrl);
  await problemPageFitsAPhone(browser);
} finally {
  await browser.close();
}
assert.deepEqual(complaints, []);
console.log(`Browser: authorized at ${baseUrl}/docs/ and listed users, signed in with a second factor and with a key, nothing complained`);
