/** What only a signed-in user may read. */

import { useQuery } from "@apollo/client/react";
import { ME } from "../operations";
import { explain } from "./explain";
import { Page } from "./Page";
import { Problem } from "./Problem";
import { TenQueries } from "./TenQueries";

export function Account() {
  const { data, error, loading } = useQuery(ME);
  const me = data?.me;
  return (
    <Page title="Account">
      <Problem text={error ? explain(error) : ""} />
      {loading && !me && <p className="hint">Asking the API …</p>}
      {me && (
        <dl className="card facts" data-testid="me">
          <dt>Username</dt>
          <dd>{me.username}</dd>
          <dt>E-mail</dt>
          <dd>{me.email || "none"}</dd>
          <dt>ID</dt>
          <dd>{me.id}</dd>
        </dl>
      )}
      <TenQueries />
    </Page>
  );
}
