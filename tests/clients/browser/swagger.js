// What a person does in Swagger UI.

import assert from "node:assert/strict";

const dialog = (page, text) => page.locator(".auth-container", { hasText: text });

/** Signs in with the Authorize button, and demands how that ends. */
export async function authorize(page, name, password, expected = 200) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  const section = dialog(page, "Token URL");
  await section.locator("#oauth_username").fill(name);
  await section.locator("#oauth_password").fill(password);
  const asked = page.waitForResponse((response) => response.url().endsWith("/auth/token"));
  await section.locator("button.authorize").click();
  assert.equal((await asked).status(), expected, "the token endpoint");
  if (expected === 200) {
    await section.getByRole("button", { name: "Remove authorization" }).waitFor();
    assert.equal(await section.locator(".errors").count(), 0);
  } else {
    await section.locator(".errors").waitFor();
  }
  await page.locator(".btn-done").first().click();
}

/** Puts an access token or a key in, in place of the one that is there. */
export async function authorizeWith(page, token) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  const section = dialog(page, "(http, Bearer)");
  const remove = section.getByRole("button", { name: "Remove authorization" });
  if (await remove.isVisible()) {
    await remove.click();
  }
  await section.locator("input").fill(token);
  await section.locator("button.authorize").click();
  await remove.waitFor();
  await page.locator(".btn-done").first().click();
}

/** Forgets whoever signed in with name and password. */
export async function signOut(page) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  await dialog(page, "Token URL").getByRole("button", { name: "Remove authorization" }).click();
  await page.locator(".btn-done").first().click();
}

/** Runs an operation, demands its status in the answer and on the page, and gives the answer's body. */
export async function execute(page, id, expected, body) {
  const operation = page.locator(`[id^="operations-"][id$="-${id}"]`);
  const isOpen = await operation.locator(".opblock-body").isVisible();
  if (!isOpen) {
    await operation.locator(".opblock-summary-control").click();
  }
  if (body !== undefined) {
    await operation.locator("textarea.body-param__text").fill(JSON.stringify(body));
  }
  const [, path] = (await operation.locator(".opblock-summary-path").getAttribute("data-path"))
    .match(/^([^{?]*)/);
  const asked = page.waitForResponse((response) => new URL(response.url()).pathname.startsWith(path));
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = await asked;
  const text = await answer.text();
  assert.equal(answer.status(), expected, `${id}: ${text}`);
  const shown = operation.locator(".live-responses-table .response-col_status");
  await shown.filter({ hasText: String(expected) }).first().waitFor();
  return text === "" ? null : JSON.parse(text);
}
