/** Sign in, refresh and sign out with Apollo Client against django-graphql-revocation. */

export { createAuth } from "./auth.js";
export type { Auth, AuthOptions } from "./auth.js";
export type { Credentials, PasswordChange } from "./api.js";
export { AuthError } from "./errors.js";
export type { AuthState, StoreOwner } from "./identity.js";
export type { Session, TokenPair } from "./session.js";
export { memoryStorage, webStorage } from "./storage.js";
export type { TokenStorage } from "./storage.js";
