// What an application would write once: the typed client, and what to do with an answer.

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type User = components["schemas"]["User"];
export type Tokens = components["schemas"]["TokenPair"];
export type Problem = components["schemas"]["Problem"];

/** A client that sends the access token it is given, if any. */
export function connect(baseUrl: string, accessToken?: string) {
  const client = createClient<paths>({ baseUrl });
  const authorize: Middleware = {
    onRequest({ request }) {
      if (accessToken !== undefined) {
        request.headers.set("Authorization", `Bearer ${accessToken}`);
      }
      return request;
    },
  };
  client.use(authorize);
  return client;
}

type Answer<Data> = { data?: Data; error?: Problem; response: Response };

/** The data of an answer that has to be a success. */
export function expectData<Data>(what: string, answer: Answer<Data>): NonNullable<Data> {
  if (answer.data === undefined || answer.data === null) {
    const code = answer.error?.code ?? "no problem document";
    throw new Error(`${what}: ${answer.response.status} ${code}`);
  }
  return answer.data;
}

/** Makes sure that an answer is a success without content. */
export function expectNoContent(what: string, answer: Answer<unknown>): void {
  if (answer.response.status !== 204) {
    throw new Error(`${what}: ${answer.response.status} ${answer.error?.code ?? ""}`);
  }
}

/** The problem of an answer that has to be a refusal. */
export function expectProblem(what: string, code: string, answer: Answer<unknown>): Problem {
  if (answer.error === undefined) {
    throw new Error(`${what}: ${answer.response.status} instead of ${code}`);
  }
  if (answer.error.code !== code) {
    throw new Error(`${what}: ${answer.error.code} instead of ${code}`);
  }
  return answer.error;
}
