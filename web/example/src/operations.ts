/** What the pages ask, and the shapes of the answers. */

import { gql } from "@apollo/client";
import type { TypedDocumentNode } from "@apollo/client";

export interface User {
  id: string;
  username: string;
  email: string | null;
}

export interface Session {
  id: string;
  createdAt: string;
  lastUsedAt: string;
  ipAddress: string | null;
  userAgent: string | null;
  current: boolean;
}

export const ME: TypedDocumentNode<{ me: User | null }> = gql`
  query Me {
    me {
      id
      username
      email
    }
  }
`;

export const SESSIONS: TypedDocumentNode<{ sessions: Session[] | null }> = gql`
  query Sessions {
    sessions {
      id
      createdAt
      lastUsedAt
      ipAddress
      userAgent
      current
    }
  }
`;

export const REVOKE_SESSION: TypedDocumentNode<{ revokeSession: { ok: boolean } | null }, { id: string }> = gql`
  mutation RevokeSession($id: ID!) {
    revokeSession(id: $id) {
      ok
    }
  }
`;

/** The same protected question under a name and an alias of its own, so that Apollo sends every one. */
export function numbered(number: number): TypedDocumentNode<Record<string, Pick<User, "username"> | null>> {
  return gql`query Number${number} { answer${number}: me { username } }`;
}
