// Uses the API as an application would: `node build/main.js http://127.0.0.1:PORT`, with the
// administrator's name and password in USERHUB_ADMIN and USERHUB_ADMIN_PASSWORD.

import assert from "node:assert/strict";
import { connect, expectData, expectNoContent, expectProblem, type User } from "./client.js";
import { apiKeys, mailedTokens, secondFactor } from "./getting_in.js";
import { whatTypesRefuse } from "./rules.js";

const baseUrl = process.argv[2] ?? "http://127.0.0.1:8000";
const admin = process.env["USERHUB_ADMIN"] ?? "olivia";
const adminPassword = process.env["USERHUB_ADMIN_PASSWORD"] ?? "";
const suffix = Date.now().toString(36);
const password = "violet-saddle-canyon-5";

async function signUp(): Promise<User> {
  const anybody = connect(baseUrl);
  const settings = expectData("settings", await anybody.GET("/api/v1/auth/settings"));
  assert.equal(settings.registration.mode, "open");
  assert.ok(settings.passwords.min_length <= password.length);

  const body = { username: `ada-${suffix}`, email: `Ada.${suffix}@example.org`, password };
  const registered = await anybody.POST("/api/v1/auth/register", { body });
  assert.equal(registered.response.status, 201);
  const user = expectData("register", registered);
  assert.equal(user.role, "user");
  assert.equal(user.last_name, null);
  assert.deepEqual(user.metadata, {});

  const again = await anybody.POST("/api/v1/auth/register", { body: { ...body, username: null } });
  const taken = expectProblem("register twice", "email_taken", again);
  assert.deepEqual(taken.errors.map((error) => error.field), ["email"]);
  return user;
}

async function ownAccount(user: User): Promise<void> {
  const identifier = user.email ?? assert.fail("an e-mail address");
  const signedIn = await connect(baseUrl).POST("/api/v1/auth/login", {
    body: { identifier, password },
  });
  const first = expectData("login", signedIn);
  assert.equal(first.user.id, user.id);
  const own = connect(baseUrl, first.access_token);

  const changed = await own.PATCH("/api/v1/users/me", {
    body: { first_name: "Ada", last_name: "Lovelace", phone_number: "+44 20 7946 0958" },
  });
  assert.equal(expectData("update", changed).last_name, "Lovelace");
  // Null clears, and what is not sent stays.
  const cleared = expectData(
    "clear",
    await own.PATCH("/api/v1/users/me", { body: { phone_number: null } }),
  );
  assert.equal(cleared.phone_number, null);
  assert.equal(cleared.first_name, "Ada");
  const me = expectData("me", await own.GET("/api/v1/auth/me"));
  assert.deepEqual(me, cleared);

  const sessions = expectData("sessions", await own.GET("/api/v1/auth/sessions"));
  assert.deepEqual(sessions.items.map((session) => session.current), [true]);
  expectProblem("list as a user", "forbidden", await own.GET("/api/v1/users"));

  const next = expectData(
    "refresh",
    await connect(baseUrl).POST("/api/v1/auth/refresh", {
      body: { refresh_token: first.refresh_token },
    }),
  );
  assert.notEqual(next.refresh_token, first.refresh_token);
  const signOut = await connect(baseUrl, next.access_token).POST("/api/v1/auth/logout");
  expectNoContent("logout", signOut);
  expectProblem("after logout", "invalid_token", await own.GET("/api/v1/auth/me"));
}

async function administration(user: User): Promise<void> {
  const form = { grant_type: "password", username: admin, password: adminPassword } as const;
  const tokens = expectData(
    "token",
    await connect(baseUrl).POST("/api/v1/auth/token", {
      body: form,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    }),
  );
  assert.equal(tokens.token_type, "Bearer");
  const wrong = await connect(baseUrl).POST("/api/v1/auth/token", {
    body: { ...form, password: "wrong" },
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
  });
  expectProblem("wrong password", "invalid_credentials", wrong);
  // The members of RFC 6749 are in the document, too.
  if (wrong.error !== undefined && "error" in wrong.error) {
    assert.equal(wrong.error.error, "invalid_grant");
  }
  const client = connect(baseUrl, tokens.access_token);

  const made = await client.POST("/api/v1/users", {
    body: {
      username: `bob-${suffix}`,
      password: "amber-gravel-window-6",
      external_id: `crm-${suffix}`,
      metadata: { plan: "pro" },
    },
  });
  const bob = expectData("create", made);
  assert.equal(bob.email, null);
  assert.equal(bob.last_login_at, null);

  await everyPage(client, [user.id, bob.id]);

  const path = { id: bob.id };
  const version = made.response.headers.get("ETag") ?? assert.fail("an ETag");
  const header = { "If-Match": version };
  const changed = expectData(
    "update a user",
    await client.PATCH("/api/v1/users/{id}", {
      params: { path, header },
      body: { role: "admin", metadata: { plan: null, seat: "12" }, is_active: false },
    }),
  );
  assert.deepEqual(changed.metadata, { seat: "12" });
  assert.deepEqual([changed.role, changed.status, changed.is_active], ["admin", "suspended", false]);
  const stale = await client.PATCH("/api/v1/users/{id}", {
    params: { path, header },
    body: { role: "user" },
  });
  expectProblem("stale version", "version_mismatch", stale);

  expectNoContent("delete", await client.DELETE("/api/v1/users/{id}", { params: { path } }));
  const restored = expectData(
    "restore",
    await client.POST("/api/v1/users/{id}/restore", { params: { path } }),
  );
  assert.equal(restored.deleted_at, null);

  const events = expectData(
    "audit events",
    await client.GET("/api/v1/audit-events", { params: { query: { subject: bob.id } } }),
  );
  assert.ok(events.items.some((event) => event.kind === "user.suspended"));
}

async function everyPage(client: ReturnType<typeof connect>, expected: string[]): Promise<void> {
  const query = { q: suffix, sort: "-created_at", role: "user", limit: 1 } as const;
  const counted = expectData(
    "count",
    await client.GET("/api/v1/users", { params: { query: { ...query, count: true } } }),
  );
  assert.equal(counted.total, expected.length);
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof onePage>> = await onePage(cursor);
    found.push(...page.items.map((user) => user.id));
    cursor = page.next_cursor;
  } while (cursor !== null && found.length < 10);
  assert.deepEqual(found, [...expected].reverse());

  async function onePage(after: string | null) {
    const start = after === null ? {} : { cursor: after };
    const answer = await client.GET("/api/v1/users", { params: { query: { ...query, ...start } } });
    return expectData("list", answer);
  }
}

whatTypesRefuse(connect(baseUrl));
const user = await signUp();
await ownAccount(user);
const email = user.email ?? assert.fail("an e-mail address");
await mailedTokens(baseUrl, email);
await secondFactor(baseUrl, email, password);
await apiKeys(baseUrl, email, password);
await administration(user);
console.log(`TypeScript client: signed in by every way, listed and updated users at ${baseUrl}`);
