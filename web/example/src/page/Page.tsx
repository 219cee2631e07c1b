/** A page with its title, in the window's title too; who comes from another page starts at its head. */

import { useEffect, useRef } from "react";
import type { ReactNode } from "react";

interface PageProps {
  title: string;
  children: ReactNode;
}

export function Page({ title, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Example`;
    // What had the focus went with the page before: without this a keyboard would start at the top.
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}
