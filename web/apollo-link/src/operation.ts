/** What we need to know of an Apollo operation. */

import type { Operation } from "@apollo/client/core/index.js";
import type { OperationDefinitionNode } from "graphql";
import { errorsIn, isObject, isRefusal } from "./errors.js";

type Described = Pick<Operation, "query">;

export function isMutation(operation: Described): boolean {
  return definition(operation)?.operation === "mutation";
}

/**
 * Whether sending the operation again does nothing twice.
 *
 * A mutation may have other fields than the refused one, and those were carried out.
 */
export function mayRepeat(operation: Described, answer: unknown): boolean {
  if (!isMutation(operation)) return true;
  const refused = new Set(
    errorsIn(answer)
      .filter((error) => isRefusal(error) && error.path?.length === 1)
      .map(({ path }) => path?.[0]),
  );
  const data = isObject(answer) ? answer["data"] : undefined;
  if (isObject(data)) return Object.keys(data).every((field) => refused.has(field));
  const fields = definition(operation)?.selectionSet.selections ?? [];
  return fields.length === 1 && fields[0]?.kind === "Field";
}

/** The GraphQL answer in what a link raised: a server may refuse with status 401. */
export function answerOf(error: unknown): unknown {
  const { result, bodyText } = isObject(error) ? error : {};
  if (typeof bodyText !== "string") return result;
  try {
    return JSON.parse(bodyText);
  } catch {
    return undefined;
  }
}

function definition({ query }: Described) {
  return query.definitions.find((node): node is OperationDefinitionNode => node.kind === "OperationDefinition");
}
