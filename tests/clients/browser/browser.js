// A headless Chromium whose pages reach nothing but the server, and note whatever is complained
// about. CHROMIUM names the program (otherwise the one on PATH).

import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";

function findBrowser() {
  const wanted = process.env.CHROMIUM ?? "chromium";
  return execFileSync("/bin/sh", ["-c", 'command -v "$0"', wanted], { encoding: "utf8" }).trim();
}

export function launch() {
  return chromium.launch({
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
}

// How Chromium notes that an answer was a refusal, which some here are meant to be.
const REFUSED = /^Failed to load resource: the server responded with a status of 4\d\d /;

/** Opens a page in a context of its own; `options` are those of the context. */
export async function openPage(browser, baseUrl, complaints, options) {
  const context = await browser.newContext(options);
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
    if (["error", "warning"].includes(message.type()) && !REFUSED.test(message.text())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  if (options.javaScriptEnabled !== false) {
    await reportViolations(page, complaints);
  }
  return page;
}

/** Violations of the content security policy, also those that the console leaves out. */
async function reportViolations(page, complaints) {
  await page.exposeFunction("reportViolation", (text) => complaints.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}

/** By how many pixels a page is wider than its window. */
export function overflow(page) {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
