// What the types have to refuse. Nothing here is sent: it is checked when it is compiled, since an
// expected error that does not occur is an error itself.

import type { connect, User } from "./client.js";
import type { components } from "./schema.js";

type Schemas = components["schemas"];

export function whatTypesRefuse(client: ReturnType<typeof connect>): unknown {
  return [
    // @ts-expect-error a sort that does not exist
    () => client.GET("/api/v1/users", { params: { query: { sort: "password" } } }),
    // @ts-expect-error people do not choose their own role
    (): Schemas["Register"] => ({ password: "", role: "admin" }),
    // @ts-expect-error a password is needed
    () => client.POST("/api/v1/auth/login", { body: { identifier: "ada" } }),
    // @ts-expect-error a role that does not exist
    () => client.PATCH("/api/v1/users/{id}", { params: { path: { id: "" } }, body: { role: "root" } }),
    // @ts-expect-error names can be null
    (user: User): number => user.last_name.length,
    // @ts-expect-error a scope that does not exist
    (): Schemas["CreateApiKey"] => ({ name: "robot", scopes: ["admin"] }),
    // @ts-expect-error a key is shown when it is made, and never again
    (key: Schemas["ApiKey"]): string => key.key,
    // @ts-expect-error answers hold no hash
    (user: User): unknown => user.password_hash,
    // Every member is there, so none has to be asked for twice.
    (user: User): string => `${user.id} ${user.version} ${user.created_at} ${user.username ?? user.email}`,
  ];
}
