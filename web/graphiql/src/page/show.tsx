/** Joins the parts: one session, one way to the API, one page. */

import "@fontsource/roboto/latin-400.css";
import "@fontsource/roboto/latin-400-italic.css";
import "@fontsource/roboto/latin-500.css";
import "@fontsource/fira-code/latin-400.css";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "@graphiql/plugin-explorer/style.css";
import "graphiql/graphiql.css";
import "graphiql/setup-workers/vite";
import "./page.css";

import { createRoot } from "react-dom/client";
import { createSend } from "../api";
import { createFetcher } from "../fetcher";
import { readLink } from "../link";
import { SessionStore } from "../session/store";
import { Page } from "./Page";

export function showPage(root: HTMLElement): void {
  const send = createSend(window.location.pathname, window.fetch.bind(window));
  const store = new SessionStore(send);
  createRoot(root).render(
    <Page store={store} fetcher={createFetcher(send, store)} linked={readLink(window.location)} />,
  );
}
