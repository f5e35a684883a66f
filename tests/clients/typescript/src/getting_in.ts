// Getting in by other ways than the password alone: mailed tokens, the second factor, API keys.

import assert from "node:assert/strict";
import { connect, expectData, expectNoContent, expectProblem, type Tokens } from "./client.js";
import { oneTimeCode } from "./one_time_code.js";

/** What an application asks for that sends people to their mail, and what a dead token answers. */
export async function mailedTokens(baseUrl: string, email: string): Promise<void> {
  const anybody = connect(baseUrl);
  for (const address of [email, `nobody.${email}`]) {
    const forgot = await anybody.POST("/api/v1/auth/password/forgot", { body: { email: address } });
    assert.equal(forgot.response.status, 202);
    const again = await anybody.POST("/api/v1/auth/email/verification", { body: { email: address } });
    assert.equal(again.response.status, 202);
  }
  const token = "uhp_" + "0".repeat(64);
  const reset = await anybody.POST("/api/v1/auth/password/reset", {
    body: { token, new_password: "amber-gravel-window-6" },
  });
  expectProblem("reset", "token_invalid", reset);
  const verify = await anybody.POST("/api/v1/auth/email/verify", { body: { token } });
  expectProblem("verify", "token_invalid", verify);
}

/** Turns it on, signs in with it, and turns it off. */
export async function secondFactor(
  baseUrl: string,
  identifier: string,
  password: string,
): Promise<void> {
  const first = expectData("login", await signIn());
  const own = connect(baseUrl, first.access_token);
  const enrolled = await own.POST("/api/v1/auth/mfa/totp", { body: { password } });
  const { secret, otpauth_uri: uri } = expectData("enrol", enrolled);
  assert.ok(uri.includes(secret));
  // Each code is good for one step, and for those beside it: later ones save waiting.
  const confirmed = await own.POST("/api/v1/auth/mfa/totp/confirm", {
    body: { code: oneTimeCode(secret) },
  });
  const [recovery = "", other = ""] = expectData("confirm", confirmed).recovery_codes;

  const tokens = await secondStep(oneTimeCode(secret, 1));
  assert.equal(tokens.user.mfa_enabled, true);
  await secondStep(recovery);

  const client = connect(baseUrl, tokens.access_token);
  const renewed = await client.POST("/api/v1/auth/mfa/recovery-codes", {
    body: { password, code: other },
  });
  const codes = expectData("renew", renewed).recovery_codes;
  const mfa = expectData("mfa", await client.GET("/api/v1/auth/mfa"));
  assert.deepEqual([mfa.enabled, mfa.recovery_codes_left], [true, codes.length]);
  const off = { password, code: codes[0] ?? "" };
  expectNoContent("disable", await client.POST("/api/v1/auth/mfa/totp/disable", { body: off }));
  expectData("login without", await signIn());

  function signIn() {
    return connect(baseUrl).POST("/api/v1/auth/login", { body: { identifier, password } });
  }

  async function secondStep(code: string): Promise<Tokens> {
    const asked = await signIn();
    expectProblem("login", "mfa_required", asked);
    const { mfa_token, mfa_methods } = challengeOf(asked.error);
    assert.deepEqual([...mfa_methods].sort(), ["recovery_code", "totp"]);
    const answer = await connect(baseUrl).POST("/api/v1/auth/mfa/verify", {
      body: { mfa_token, code },
    });
    return expectData("second step", answer);
  }
}

/** What `mfa_required` brings along. */
function challengeOf(problem: object | undefined): { mfa_token: string; mfa_methods: string[] } {
  assert.ok(problem !== undefined && "mfa_token" in problem && "mfa_methods" in problem);
  const { mfa_token, mfa_methods } = problem;
  assert.ok(typeof mfa_token === "string" && Array.isArray(mfa_methods));
  return { mfa_token, mfa_methods };
}

/** Makes a key, uses it for what it is good for, and revokes it. */
export async function apiKeys(
  baseUrl: string,
  identifier: string,
  password: string,
): Promise<void> {
  const signedIn = await connect(baseUrl).POST("/api/v1/auth/login", {
    body: { identifier, password },
  });
  const own = connect(baseUrl, expectData("login", signedIn).access_token);
  const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString();
  const created = await own.POST("/api/v1/auth/api-keys", {
    body: { name: "nightly report", scopes: ["read"], expires_at: inAYear },
  });
  const made = expectData("create a key", created);
  assert.ok(made.key.startsWith(made.prefix));

  const robot = connect(baseUrl, made.key);
  const me = expectData("me by key", await robot.GET("/api/v1/users/me"));
  assert.ok([me.username, me.email].includes(identifier));
  const write = await robot.PATCH("/api/v1/users/me", { body: { first_name: "Robot" } });
  expectProblem("write by key", "forbidden", write);
  const another = await robot.POST("/api/v1/auth/api-keys", {
    body: { name: "another", scopes: ["read"] },
  });
  expectProblem("a key by a key", "session_required", another);

  const { items } = expectData("list keys", await own.GET("/api/v1/auth/api-keys"));
  assert.deepEqual(items.map((key) => key.id), [made.id]);
  const path = { id: made.id };
  const revoked = await own.DELETE("/api/v1/auth/api-keys/{id}", { params: { path } });
  expectNoContent("revoke", revoked);
  expectProblem("a revoked key", "invalid_token", await robot.GET("/api/v1/users/me"));
}
