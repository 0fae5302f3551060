import type { ReactNode } from 'react';

/** A page with nothing around it: before one is known, and where there is none. */
export const BarePage = ({ children }: { readonly children: ReactNode }) => (
  <main>
    <h1 className="sr-only">Aileron</h1>
    {children}
  </main>
);
