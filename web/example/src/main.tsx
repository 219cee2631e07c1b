/** Reads the configuration, connects, and shows the page; or says why it cannot. */

import { ApolloProvider } from "@apollo/client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { connect } from "./api";
import { readConfig } from "./config";
import { App } from "./page/App";
import { AuthContext } from "./page/auth";
import "./page/page.css";

const container = document.getElementById("app")!;

try {
  const config = await readConfig();
  const { auth, client } = connect(config);
  createRoot(container).render(
    <StrictMode>
      <ApolloProvider client={client}>
        <AuthContext value={auth}>
          <App config={config} />
        </AuthContext>
      </ApolloProvider>
    </StrictMode>,
  );
} catch (error) {
  container.className = "message";
  container.textContent = `The example cannot start. ${(error as Error).message}`;
}
