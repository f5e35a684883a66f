// The mails that UserHub writes into files where no mail server is configured.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

/** The link in the newest mail of a kind to an address; waits until there is one that is not in `seen`. */
export async function linkFrom(directory, kind, address, seen = new Set()) {
  for (let tries = 0; tries < 100; tries += 1) {
    const names = await readdir(directory).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(".eml") && name.includes(`-${kind}-`))) {
      const mail = (await readFile(path.join(directory, name), "utf8")).replaceAll("\r\n", "\n");
      if (!seen.has(name) && mail.includes(`\nTo: ${address}`)) {
        seen.add(name);
        return linkIn(mail);
      }
    }
    await setTimeout(200);
  }
  return assert.fail(`no mail ${kind} to ${address} in ${directory}`);
}

/** What the button leads to; the text holds the same address. */
function linkIn(mail) {
  const [, button] = mail.match(/<a href="([^"]+)"/) ?? assert.fail("a button");
  const text = mail.slice(0, mail.indexOf("<!doctype html>"));
  assert.ok(text.includes(`\n${button}\n`), "the text holds another link than the button");
  return button;
}
