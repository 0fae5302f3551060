import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ProblemError } from './api/problem.js';
import { router } from './router.js';
import { startTheme } from './shell/theme.js';
import './page.css';

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

startTheme();
const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no root');
createRoot(element).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
