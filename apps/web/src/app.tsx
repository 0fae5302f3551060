import { UiTextsContext, type UiTexts } from '@aileron/ui';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ProblemError } from './api/problem.js';
import { t } from './i18n/translate.js';
import { router } from './router.js';

const MOST_RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What was refused is refused again; what was not reached may be there now.
      retry: (count, error) =>
        count < MOST_RETRIES &&
        !(error instanceof ProblemError && error.problem.status >= 400 && error.problem.status < 500),
    },
  },
});

const TEXTS: UiTexts = { cancel: t('Cancel'), tryAgain: t('Try again'), failed: t('It did not work.') };

/** Draws the page. Loaded once its language is there: texts are looked up as the modules are. */
export function start(element: HTMLElement): void {
  createRoot(element).render(
    <StrictMode>
      <UiTextsContext value={TEXTS}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </UiTextsContext>
    </StrictMode>,
  );
}
