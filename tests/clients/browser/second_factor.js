// The second factor and API keys, by nothing but what the documentation offers.

import assert from "node:assert/strict";
import { oneTimeCode } from "./one_time_code.js";
import { authorize, authorizeWith, execute, signOut } from "./swagger.js";

const name = `tess-${Date.now().toString(36)}`;
const password = "violet-saddle-canyon-5";

export async function secondFactorAndKeys(page, baseUrl) {
  await page.goto(`${baseUrl}/docs/`);
  await execute(page, "register", 201, { username: name, password });
  await authorize(page, name, password);

  const { secret, qr_svg: picture } = await execute(page, "enrolTotp", 201, { password });
  assert.match(picture, /^<svg /);
  // Each code is good for one step, and for those beside it: later ones save waiting.
  const { recovery_codes: recoveryCodes } = await execute(page, "confirmTotp", 200, {
    code: oneTimeCode(secret),
  });
  assert.equal((await execute(page, "getMfa", 200)).enabled, true);
  await signOut(page);
  await execute(page, "getMfa", 401);
  await authorize(page, name, password, 403);

  const challenge = await execute(page, "login", 403, { identifier: name, password });
  assert.equal(challenge.code, "mfa_required");
  const tokens = await execute(page, "verifyMfa", 200, {
    mfa_token: challenge.mfa_token,
    code: oneTimeCode(secret, 1),
  });
  await authorizeWith(page, tokens.access_token);
  assert.equal((await execute(page, "getMfa", 200)).recovery_codes_left, recoveryCodes.length);

  const made = { name: "nightly report", scopes: ["read"], expires_at: null };
  const { key } = await execute(page, "createApiKey", 201, made);
  assert.equal((await execute(page, "listApiKeys", 200)).items.length, 1);
  await authorizeWith(page, key);
  assert.equal((await execute(page, "me", 200)).username, name);
  const refused = await execute(page, "getMfa", 403);
  assert.equal(refused.code, "session_required");

  await authorizeWith(page, tokens.access_token);
  const left = { password, code: recoveryCodes[0] };
  await execute(page, "disableTotp", 204, left);
}
