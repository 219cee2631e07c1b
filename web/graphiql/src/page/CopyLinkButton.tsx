/** Copies a link that opens the page with the query and variables now in the editors. */

import { ToolbarButton, useGraphiQL } from "@graphiql/react";
import { writeLink } from "../link";

export function CopyLinkButton() {
  const { queryEditor, variableEditor } = useGraphiQL(({ queryEditor, variableEditor }) => ({
    queryEditor,
    variableEditor,
  }));

  function copyLink() {
    const query = queryEditor?.getValue() ?? "";
    const variables = variableEditor?.getValue() ?? "";
    const link = writeLink(window.location.href, { query, variables });
    window.history.replaceState(null, "", link);
    // Over plain HTTP on another machine there is no clipboard; the address bar has the link then.
    void navigator.clipboard?.writeText(link);
  }

  return (
    <ToolbarButton label="Copy link to this query" onClick={copyLink}>
      <svg className="graphiql-toolbar-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
        <g strokeWidth="1.75" strokeLinecap="round">
          <path d="M10 14a4 4 0 0 0 5.7 0l3.6-3.6a4 4 0 0 0-5.7-5.7l-1.3 1.3" />
          <path d="M14 10a4 4 0 0 0-5.7 0l-3.6 3.6a4 4 0 0 0 5.7 5.7l1.3-1.3" />
        </g>
      </svg>
    </ToolbarButton>
  );
}
