/**
 * The page's entry, kept this small on purpose: a hashing static storage serves it under two names,
 * and anything other chunks imported from it would then be loaded twice.
 */

const root = document.getElementById("graphiql");

if (root) {
  import("./page/show").then(
    ({ showPage }) => showPage(root),
    () => (root.textContent = "GraphiQL did not load. Reload the page; if that does not help, build it again."),
  );
}
