// A few people, so that a picture has somebody in it.

const people = [
  { username: "alice", email: "alice@example.org", first_name: "Alice", last_name: "Liddell", email_verified: true },
  { username: "bruno", email: "bruno.keller@example.com", first_name: "Bruno", last_name: "Keller", metadata: { plan: "pro" } },
  { username: "chiara", email: "chiara@example.net", first_name: "Chiara", last_name: "Rossi", phone_number: "+390612345678" },
];

async function send(url, options) {
  const response = await fetch(url, options);
  if (!response.ok && response.status !== 409) {
    throw new Error(`${url}: ${response.status} ${await response.text()}`);
  }
  return response.json();
}

/** Makes them; who is there already stays. */
export async function seed(baseUrl, admin, password) {
  const headers = { "Content-Type": "application/json" };
  const tokens = await send(`${baseUrl}/api/v1/auth/login`, {
    method: "POST",
    headers,
    body: JSON.stringify({ identifier: admin, password }),
  });
  headers.Authorization = `Bearer ${tokens.access_token}`;
  for (const person of people) {
    const body = JSON.stringify({ ...person, password: "violet-saddle-canyon-5" });
    await send(`${baseUrl}/api/v1/users`, { method: "POST", headers, body });
  }
}
