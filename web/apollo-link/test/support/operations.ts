import { gql } from "@apollo/client/core/index.js";

export const ME = gql`
  query Me {
    me {
      id
      username
    }
  }
`;
export const SESSIONS = gql`
  query Sessions {
    sessions {
      id
      current
    }
  }
`;
export const VERSION = gql`
  query Version {
    version
  }
`;
export const REVOKE_SESSION = gql`
  mutation RevokeSession($id: ID!) {
    revokeSession(id: $id) {
      ok
    }
  }
`;
