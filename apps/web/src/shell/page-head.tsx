import type { ReactNode } from 'react';

/** The title of a page, and what can be done on all of it. */
export const PageHead = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => (
  <div className="flex flex-wrap items-center gap-3 px-4 pt-5 pb-3 lg:px-6">
    <h1 className="text-lg font-semibold">{title}</h1>
    <div className="ml-auto flex flex-wrap items-center gap-2">{children}</div>
  </div>
);
