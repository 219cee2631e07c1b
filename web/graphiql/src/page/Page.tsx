/** GraphiQL, with the session above it. */

import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import type { Fetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import type { LinkedOperation } from "../link";
import type { SessionStore } from "../session/store";
import { openStorage } from "../storage";
import { CopyLinkButton } from "./CopyLinkButton";
import { SessionBar } from "./SessionBar";
import { WELCOME } from "./welcome";

interface PageProps {
  store: SessionStore;
  fetcher: Fetcher;
  linked: LinkedOperation;
}

const plugins = [HISTORY_PLUGIN, explorerPlugin()];
const storage = openStorage();

export function Page({ store, fetcher, linked }: PageProps) {
  return (
    <>
      <SessionBar store={store} />
      <main className="page-editor">
        <GraphiQL
          fetcher={fetcher}
          plugins={plugins}
          storage={storage}
          defaultQuery={WELCOME}
          shouldPersistHeaders={false}
          isHeadersEditorEnabled
          {...(linked.query !== undefined && { initialQuery: linked.query })}
          {...(linked.variables !== undefined && { initialVariables: linked.variables })}
        >
          <GraphiQL.Toolbar>
            {({ prettify, merge, copy }) => (
              <>
                {prettify}
                {merge}
                {copy}
                <CopyLinkButton />
              </>
            )}
          </GraphiQL.Toolbar>
        </GraphiQL>
      </main>
    </>
  );
}
